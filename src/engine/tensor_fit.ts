import { FoveaError } from "../core/errors.ts";
import { type AddressTensor, elementCount, type Tensor, type TensorSpec } from "../core/tensor.ts";

/**
 * The specification of an input or output.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` naming what there is.
 */
export function findSpec(
  specs: readonly TensorSpec[],
  name: string,
  kind: "input" | "output",
): TensorSpec {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec !== undefined) return spec;
  throw new FoveaError(
    "MODEL_UNSUPPORTED",
    `Cannot bind ${kind} "${name}": the model has ${specs.map((s) => `"${s.name}"`).join(", ")}`,
  );
}

/**
 * Refuses a selection of outputs that names one the model does not have, or none at all.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` naming what there is.
 * @throws {RangeError} If none is named.
 */
export function checkSelection(
  outputs: readonly TensorSpec[],
  names: readonly string[] | null,
): void {
  if (names?.length === 0) throw new RangeError("Cannot run the model for no output at all");
  for (const name of names ?? []) findSpec(outputs, name, "output");
}

/**
 * Refuses a tensor that does not fit what the model says, or whose data does not fit its own shape.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` naming what the model wants.
 */
export function checkFit(spec: TensorSpec, tensor: Tensor): void {
  const complete = elementCount(tensor.dims) === tensor.data.length;
  if (complete && hasFittingShape(spec, tensor)) return;
  throw unfit(spec, tensor, ` (${tensor.data.length} elements)`);
}

/**
 * The same for a tensor that only its address tells.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` naming what the model wants.
 */
export function checkAddressFit(spec: TensorSpec, tensor: AddressTensor): void {
  if (tensor.address !== 0n && hasFittingShape(spec, tensor)) return;
  throw unfit(spec, tensor, ` at ${tensor.address}`);
}

/**
 * Refuses memory that could move or shrink while the library has its address.
 *
 * @throws {TypeError} If it could.
 */
export function checkMemory(name: string, { data }: Tensor): void {
  if (data.buffer instanceof ArrayBuffer && data.buffer.resizable) {
    throw new TypeError(`Cannot bind "${name}": its memory can be resized`);
  }
}

function hasFittingShape({ type, dims }: TensorSpec, tensor: AddressTensor | Tensor): boolean {
  return tensor.type === type && tensor.dims.length === dims.length &&
    tensor.dims.every((dim, i) => dim > 0 && (dims[i] === -1 || dims[i] === dim));
}

function unfit(spec: TensorSpec, tensor: AddressTensor | Tensor, detail: string): FoveaError {
  return new FoveaError(
    "MODEL_UNSUPPORTED",
    `Cannot bind ${tensor.type} [${tensor.dims}]${detail} to ` +
      `"${spec.name}": the model wants ${spec.type} [${spec.dims}]`,
  );
}
