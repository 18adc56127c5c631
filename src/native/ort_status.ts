import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import { readCString } from "./c_string.ts";
import type { OrtApi } from "./ort_api.ts";

/** What ONNX Runtime said about a call that failed: the cause of the error that is thrown. */
export class OrtFailure extends Error {
  /** The name that tells it from other causes. */
  override readonly name = "OrtFailure";

  /**
   * @param code Its `OrtErrorCode`, see {@linkcode ORT_ERROR}.
   * @param message Its message, without a period at the end.
   */
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

/** `OrtErrorCode` by name, as far as fovea tells them apart. */
export const ORT_ERROR: Readonly<
  Record<"noModel" | "invalidProtobuf" | "invalidGraph", number>
> = {
  noModel: 4,
  invalidProtobuf: 7,
  invalidGraph: 10,
};

/** How a failure is told. */
export interface FailureReport {
  /** The code of the error. */
  readonly code: FoveaErrorCode;
  /** What could not be done, for example `Cannot load the model`. */
  readonly what: string;
  /** What to do next. */
  readonly hint?: string;
}

/**
 * Reads an `OrtStatus` and frees it; `null` means that the call succeeded. No other code looks at
 * a status.
 */
export function takeFailure(
  api: Pick<OrtApi, "GetErrorCode" | "GetErrorMessage" | "ReleaseStatus">,
  status: Deno.PointerValue,
): OrtFailure | null {
  if (status === null) return null;
  const code = api.GetErrorCode(status);
  const message = readCString(api.GetErrorMessage(status)).trim().replace(/\.$/, "");
  api.ReleaseStatus(status);
  return new OrtFailure(code, message);
}

/**
 * Turns the status of a failed call into an error.
 *
 * @throws {FoveaError} As `report` says, with ONNX Runtime's own text; nothing if `status` is null.
 */
export function checkStatus(
  api: Pick<OrtApi, "GetErrorCode" | "GetErrorMessage" | "ReleaseStatus">,
  status: Deno.PointerValue,
  { code, what, hint }: FailureReport,
): void {
  const failure = takeFailure(api, status);
  if (failure === null) return;
  throw new FoveaError(code, `${what}: ${failure.message}`, {
    cause: failure,
    ...(hint === undefined ? {} : { hint }),
  });
}
