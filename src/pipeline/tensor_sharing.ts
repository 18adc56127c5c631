import type { Engine } from "../core/ports.ts";
import { elementBytes, type TensorData, type TensorType, tensorView } from "../core/tensor.ts";
import { aliasSharedBytes, canAliasSharedMemory } from "../native/alias.ts";

/**
 * How an engine gets at tensors in an arena.
 *
 * - `direct`: it takes shared memory as it is.
 * - `alias`: it is given a plain `ArrayBuffer` over the same bytes.
 * - `copy`: neither works, so tensors are copied.
 */
export type TensorSharing = "direct" | "alias" | "copy";

/** The best way for this engine under the permissions of this process. */
export async function chooseSharing(
  engine: Pick<Engine, "takesSharedMemory">,
): Promise<TensorSharing> {
  if (engine.takesSharedMemory) return "direct";
  return await canAliasSharedMemory() ? "alias" : "copy";
}

/**
 * A tensor's elements in an arena, as an engine can bind them; `null` where they must be copied.
 *
 * @param byteOffset Where they lie in `memory`, a multiple of the element's bytes.
 */
export function shareTensor(
  sharing: TensorSharing,
  type: TensorType,
  memory: SharedArrayBuffer,
  byteOffset: number,
  elements: number,
): TensorData | null {
  switch (sharing) {
    case "direct":
      return tensorView(type, memory, byteOffset, elements);
    case "alias": {
      const bytes = aliasSharedBytes(memory, byteOffset, elements * elementBytes(type));
      return tensorView(type, bytes, 0, elements);
    }
    case "copy":
      return null;
  }
}
