import { FoveaError } from "../core/errors.ts";
import type { OrtFailure } from "../native/ort_status.ts";

/** What ONNX Runtime says, in its versions so far, if an output does not fit the memory for it. */
const WRONG_SHAPE =
  /output OrtValue provided|OrtValue shape verification|invalid dimensions for output/;

/** What a run that failed is told as; `null` where it did not fail. */
export function describeFailure(failure: OrtFailure | null): FoveaError | null {
  if (failure === null) return null;
  const message = `Cannot run the model: ${failure.message}`;
  if (!WRONG_SHAPE.test(failure.message)) {
    return new FoveaError("ENGINE_FAILED", message, { cause: failure });
  }
  return new FoveaError("OUTPUT_SHAPE", message, {
    cause: failure,
    hint: "Export the model with a fixed number of predictions, without built-in NMS",
  });
}
