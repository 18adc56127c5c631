import { FoveaError } from "../core/errors.ts";
import { elementCount, type Tensor, type TensorSpec } from "../core/tensor.ts";

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
  const fits = tensor.type === spec.type && tensor.dims.length === spec.dims.length &&
    tensor.dims.every((dim, i) => dim > 0 && (spec.dims[i] === -1 || spec.dims[i] === dim)) &&
    elementCount(tensor.dims) === tensor.data.length;
  if (fits) return;
  throw new FoveaError(
    "MODEL_UNSUPPORTED",
    `Cannot bind ${tensor.type} [${tensor.dims}] (${tensor.data.length} elements) to ` +
      `"${spec.name}": the model wants ${spec.type} [${spec.dims}]`,
  );
}
