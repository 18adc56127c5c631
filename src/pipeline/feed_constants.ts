import type { ExtraInput } from "../core/detector_spec.ts";
import type { Engine } from "../core/ports.ts";
import type { TensorData } from "../core/tensor.ts";

/** Binds the inputs besides the picture to their constants. */
export function feedConstants(engine: Engine, extraInputs: readonly ExtraInput[]): void {
  for (const extra of extraInputs) {
    engine.setInput(extra.name, { type: extra.type, dims: extra.dims, data: constants(extra) });
  }
}

function constants({ type, values }: ExtraInput): TensorData {
  switch (type) {
    case "int64":
      return BigInt64Array.from(values, (value) => BigInt(value));
    case "int32":
      return Int32Array.from(values);
    case "float32":
      return Float32Array.from(values);
  }
}
