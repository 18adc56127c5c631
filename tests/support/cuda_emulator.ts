import { buildHostProgram, findHostCompilerFault } from "../../kernels/cuda/host/build.ts";
import { readCString, toCString } from "../../src/native/c_string.ts";

const CONTROLS = {
  fovea_emulator_reset: { parameters: [], result: "void" },
  fovea_emulator_set: { parameters: ["buffer", "i64"], result: "i32" },
  fovea_emulator_fail: { parameters: ["buffer", "i32", "i64"], result: "void" },
  fovea_emulator_calls: { parameters: ["buffer"], result: "i64" },
  fovea_emulator_alive: { parameters: ["buffer"], result: "i32" },
  fovea_emulator_fault: { parameters: [], result: "pointer" },
  fovea_emulator_trace: { parameters: ["buffer"], result: "i32" },
} as const;

/** In which order the threads of a block take their turns. */
export const THREAD_ORDERS = ["forward", "reverse", "shuffled"] as const;

/** See {@linkcode THREAD_ORDERS}. */
export type ThreadOrder = (typeof THREAD_ORDERS)[number];

/** A setting of the emulated device; see `Settings` in kernels/cuda/host/device.h. */
export type EmulatorSetting =
  | "initResult"
  | "deviceCount"
  | "driverVersion"
  | "computeCapability"
  | "integrated"
  | "mapsHostMemory"
  | "ptxVersion"
  | "order"
  | "seed"
  | "memoryBytes";

/** Kinds of objects that the emulator counts. */
export type EmulatedKind = "context" | "device" | "host" | "stream" | "event" | "module";

/**
 * The library that stands in for the CUDA driver: the same names, in front of a device that runs
 * the kernels' sources on this processor.
 */
export class CudaEmulator implements Disposable {
  /** Where the library is, to be opened as a driver. */
  readonly path: string;
  readonly #library: Deno.DynamicLibrary<typeof CONTROLS>;

  private constructor(path: string) {
    this.path = path;
    this.#library = Deno.dlopen(path, CONTROLS);
    this.#library.symbols.fovea_emulator_reset();
  }

  /** Builds it if need be, and opens it with its settings as they are by default. */
  static async open(): Promise<CudaEmulator> {
    return new CudaEmulator(await buildHostProgram("emulator"));
  }

  /** Changes a setting of the device. */
  set(name: EmulatorSetting, value: number): void {
    const known = this.#library.symbols.fovea_emulator_set(toCString(name), BigInt(value));
    if (known !== 1) throw new TypeError(`Cannot set "${name}" of the emulator`);
  }

  /** Takes back every setting, fault and count, and forgets a lost context with all in it. */
  reset(): void {
    this.#library.symbols.fovea_emulator_reset();
  }

  /** Chooses the order in which threads take their turns. */
  setOrder(order: ThreadOrder): void {
    this.set("order", THREAD_ORDERS.indexOf(order));
  }

  /** Lets a function of the driver fail once, after so many calls that go well. */
  fail(name: string, code: number, after = 0): void {
    this.#library.symbols.fovea_emulator_fail(toCString(name), code, BigInt(after));
  }

  /** Takes {@linkcode fail} back, where it has not happened. */
  forgive(name: string): void {
    this.#library.symbols.fovea_emulator_fail(toCString(name), 0, 0n);
  }

  /** How often a function of the driver was called. */
  calls(name: string): number {
    return Number(this.#library.symbols.fovea_emulator_calls(toCString(name)));
  }

  /** How many objects of a kind are alive. */
  alive(kind: EmulatedKind): number {
    return this.#library.symbols.fovea_emulator_alive(toCString(kind));
  }

  /** All objects that are alive; empty where nothing leaked. */
  leaks(): string[] {
    const kinds: EmulatedKind[] = ["context", "device", "host", "stream", "event", "module"];
    return kinds.filter((kind) => this.alive(kind) !== 0).map((kind) =>
      `${this.alive(kind)} x ${kind}`
    );
  }

  /** What went wrong on the device, in words; empty where nothing did. */
  get fault(): string {
    return readCString(this.#library.symbols.fovea_emulator_fault());
  }

  /** Records all launches into a file from now on; ends recording at `null`. */
  trace(path: string | null): void {
    const done = this.#library.symbols.fovea_emulator_trace(path === null ? null : toCString(path));
    if (done !== 1) throw new Error(`Cannot record launches into ${path}`);
  }

  /** Closes the library. */
  [Symbol.dispose](): void {
    this.#library.close();
  }
}

/**
 * Registers a test that needs the emulator, and checks that it leaves nothing behind in it. Where
 * the emulator cannot be built the test is ignored, and its name says why.
 */
export function testWithEmulator(
  name: string,
  fn: (emulator: CudaEmulator, t: Deno.TestContext) => void | Promise<void>,
): void {
  const fault = findHostCompilerFault();
  Deno.test({
    name: fault === null ? name : `${name} [skipped: ${fault}]`,
    ignore: fault !== null,
    fn: async (t) => {
      using emulator = await CudaEmulator.open();
      await fn(emulator, t);
      const leaks = emulator.leaks();
      if (leaks.length > 0) throw new Error(`The test left ${leaks.join(", ")} in the emulator`);
    },
  });
}
