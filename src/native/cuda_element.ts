import { FoveaError } from "../core/errors.ts";
import type { TensorType } from "../core/tensor.ts";

/** Element types as the kernels know them, see kernels/cuda/fovea.cuh. */
export const ELEMENT_CODE: Readonly<Record<"uint8" | "float16" | "float32", number>> = {
  uint8: 0,
  float16: 1,
  float32: 2,
};

/**
 * The code of a type that kernels read numbers of: float32 or float16.
 *
 * @param what What is read, for messages.
 * @throws {FoveaError} `MODEL_UNSUPPORTED` for another type.
 */
export function readableCode(type: TensorType, what: string): number {
  if (type === "float32" || type === "float16") return ELEMENT_CODE[type];
  throw new FoveaError(
    "MODEL_UNSUPPORTED",
    `Cannot read ${what} on the GPU: its elements are ${type}, not float32 or float16`,
    { hint: "Decode on the CPU, or export the model with outputs in float32" },
  );
}
