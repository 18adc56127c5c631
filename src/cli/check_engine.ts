import { defaultEngine } from "../engine/load_engine.ts";
import { probeLibOnnxRuntime } from "../engine/probe_libonnxruntime.ts";
import { type MachineFinding, optionalFinding, reasonOf, todoFor } from "./doctor_finding.ts";

const ORDER = "--library, ORT_DYLIB_PATH, system libraries, Python wheels, onnxruntime-node";

/**
 * Looks at ONNX Runtime's shared library: which one the engine `libonnxruntime` takes, what was
 * passed over, and which providers it has with what they miss.
 *
 * @param mayLoad Whether native code may be loaded from anywhere.
 */
export function checkLibOnnxRuntime(mayLoad: boolean): MachineFinding[] {
  const check = "libonnxruntime";
  if (!mayLoad) {
    const found = "not tried without --allow-ffi for everything";
    return [optionalFinding(check, "unknown", found, "Add --allow-ffi without a path")];
  }
  try {
    const { version, path, source, refused, providers } = probeLibOnnxRuntime();
    const passed = refused.length === 0 ? "" : `; passed over: ${refused.join("; ")}`;
    const found = `${version} from ${source}, ${path}; looked for in this order: ${ORDER}${passed}`;
    return [
      optionalFinding(check, refused.length === 0 ? "ok" : "warn", found),
      ...providers.map(({ name, fault }) => describeProvider(name, fault)),
    ];
  } catch (error) {
    const todo = todoFor(error, "Install ONNX Runtime 1.11 or newer, or name it in ORT_DYLIB_PATH");
    return [optionalFinding(check, "missing", reasonOf(error), todo)];
  }
}

/** Tells which engine runs where none is asked for. */
export async function checkDefaultEngine(): Promise<MachineFinding> {
  const engine = await defaultEngine();
  return engine === "libonnxruntime"
    ? optionalFinding("default engine", "ok", engine)
    : optionalFinding(
      "default engine",
      "warn",
      `${engine}; it copies outputs and cannot end a run`,
      "Grant --allow-ffi without a path on Linux to use libonnxruntime",
    );
}

function describeProvider(name: string, fault: string | null): MachineFinding {
  return fault === null
    ? optionalFinding(`provider ${name}`, "ok", "in libonnxruntime")
    : optionalFinding(
      `provider ${name}`,
      "missing",
      fault,
      `Install an ONNX Runtime with ${name} and what it needs, if this machine has such a device`,
    );
}
