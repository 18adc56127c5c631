import type { TensorAddressing } from "../core/ports.ts";
import type { NativeHandle } from "../native/native_handle.ts";
import type { OrtBinding } from "../native/ort_binding.ts";
import type { OrtRunWatchdog } from "../native/ort_run_watchdog.ts";
import type { OrtSession } from "../native/ort_session.ts";

/** What the engine is made of. */
export interface EngineParts {
  readonly session: OrtSession;
  readonly binding: OrtBinding;
  /** Ends runs that take too long; `null` where they may take any time. */
  readonly watchdog: OrtRunWatchdog | null;
  /** What runs without a watchdog are started with; `null` for nothing in particular. */
  readonly runOptions: NativeHandle | null;
  /** `OrtMemoryInfo` of where addresses are, and what that is. */
  readonly addressMemory: {
    readonly info: NativeHandle;
    readonly memory: TensorAddressing["memory"];
  };
  /** Whether runs return without waiting for the device. */
  readonly isAsync: boolean;
  /** Owns all of it, and moves to the engine once that is made. */
  readonly stack: DisposableStack;
  /** The provider that runs the model. */
  readonly provider: string;
  /** Why each provider before it does not. */
  readonly missedProviders: readonly string[];
  /** Whether a profile is written when the engine goes. */
  readonly profiling: boolean;
}
