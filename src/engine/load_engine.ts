import { FoveaError } from "../core/errors.ts";
import type { Engine } from "../core/ports.ts";
import { canAliasSharedMemory } from "../native/alias.ts";
import { ENGINE_NAMES, type EngineName } from "./engine_names.ts";
import type { EngineOptions } from "./engine_options.ts";
import { loadLibOnnxRuntime } from "./libonnxruntime.ts";
import { loadOnnxRuntimeNode } from "./onnxruntime_node.ts";

const LOADERS: Readonly<
  Record<
    EngineName,
    (model: Uint8Array, options: EngineOptions, stream: bigint | null) => Promise<Engine>
  >
> = {
  "libonnxruntime": loadLibOnnxRuntime,
  "onnxruntime-node": loadOnnxRuntimeNode,
};

/**
 * The engine that runs where none is asked for: the C API on Linux where native code may be given
 * addresses, the Node package anywhere else. It depends on the system and the permissions alone,
 * never on whether an engine loads.
 */
export async function defaultEngine(): Promise<EngineName> {
  const direct = Deno.build.os === "linux" && await canAliasSharedMemory();
  return direct ? "libonnxruntime" : "onnxruntime-node";
}

/**
 * Loads a model into the engine of that name.
 *
 * @param name `null` for {@linkcode defaultEngine}.
 * @param stream The GPU's stream to compute on, see `loadLibOnnxRuntime`; `null` for none.
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if the name is unknown, and what the engine throws.
 */
export async function loadEngine(
  name: string | null,
  model: Uint8Array,
  options: EngineOptions,
  stream: bigint | null = null,
): Promise<Engine> {
  const wanted = name ?? await defaultEngine();
  if (!Object.hasOwn(LOADERS, wanted)) {
    throw new FoveaError("ENGINE_UNAVAILABLE", `Cannot use engine "${wanted}": it is unknown`, {
      hint: `Use one of ${ENGINE_NAMES.join(", ")}`,
    });
  }
  return await LOADERS[wanted as EngineName](model, options, stream);
}
