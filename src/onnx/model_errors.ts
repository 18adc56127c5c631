import { FoveaError, type FoveaErrorOptions } from "../core/errors.ts";

/** A `MODEL_INVALID` error that says what was found in the file. */
export function modelInvalid(found: string, hint?: string, cause?: unknown): FoveaError {
  const options: FoveaErrorOptions = {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  };
  return new FoveaError("MODEL_INVALID", `Cannot read the model: ${found}`, options);
}
