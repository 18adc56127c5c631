import { FoveaError } from "../core/errors.ts";

/** A `MODEL_UNSUPPORTED` error that says what was found and what would help. */
export function unsupportedModel(found: string, hint: string): FoveaError {
  return new FoveaError("MODEL_UNSUPPORTED", `Cannot use the model: ${found}`, { hint });
}

/** Dimensions as people write them, for example `[1, 84, 8400]`, open ones as `?`. */
export function showDims(dims: readonly number[]): string {
  return `[${dims.map((dim) => dim < 0 ? "?" : dim).join(", ")}]`;
}
