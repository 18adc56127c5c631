import { FoveaError } from "../core/errors.ts";
import type { ClassChannels } from "./class_channels.ts";
import { type LastLayer, type LayerFault, stemOf } from "./last_layers.ts";
import type { OnnxModel } from "./onnx_model.ts";

const FAULTS: Readonly<Record<LayerFault, { readonly found: string; readonly hint: string }>> = {
  quantised: {
    found: "is quantised",
    hint: "Take the float model, refine it, and quantise what is exported",
  },
  kernel: {
    found: "is not linear in every cell",
    hint: "Only 1×1 convolutions and matrix products can be exchanged",
  },
  groups: {
    found: "is a grouped convolution",
    hint: "Only 1×1 convolutions of one group and matrix products can be exchanged",
  },
  type: {
    found: "holds neither float32 nor float16 weights",
    hint: "Export the model with float32 or float16 weights",
  },
  bias: {
    found: "has a bias that is computed, or not one number for each channel",
    hint: "Simplify the model, so that its biases are stored as floats",
  },
};

/** A layer for messages. */
export function showLayer({ weight, opType }: LastLayer): string {
  return `layer "${stemOf(weight)}" (${opType})`;
}

/**
 * Refuses a head of which a layer cannot be exchanged.
 *
 * @throws {FoveaError} `HEAD_UNSUPPORTED`.
 */
export function refuseFaults(candidates: readonly LastLayer[], sources: readonly number[]): void {
  for (const source of sources) {
    const layer = candidates[source]!;
    if (layer.fault === null) continue;
    const { found, hint } = FAULTS[layer.fault];
    throw new FoveaError(
      "HEAD_UNSUPPORTED",
      `Cannot expose the head: ${showLayer(layer)} ${found}`,
      {
        hint,
      },
    );
  }
}

/** Says that several layers make class scores and are not joined in a way that is understood. */
export function refuseApart(
  candidates: readonly LastLayer[],
  { classes, rivals }: ClassChannels,
): FoveaError {
  const layers = [...classes.sources, ...rivals].map((source) =>
    stemOf(candidates[source]!.weight)
  );
  return new FoveaError(
    "HEAD_UNSUPPORTED",
    `Cannot find the head: how the class scores of ${
      layers.join(", ")
    } are joined is not understood`,
    { hint: "Export the model with a fixed input size, or name the class layers by option" },
  );
}

/** Says why a model has no head that is known. */
export function refuseNone(
  model: OnnxModel,
  candidates: readonly LastLayer[],
  classCount: number | null,
): FoveaError {
  const quantised = candidates.find(({ fault }) => fault === "quantised");
  if (quantised !== undefined) {
    const { found, hint } = FAULTS.quantised;
    return new FoveaError(
      "HEAD_UNSUPPORTED",
      `Cannot expose the head: ${showLayer(quantised)} before the outputs ${found}`,
      { hint },
    );
  }
  const layers = candidates.map(({ rows }) => rows).join(", ");
  const found = candidates.length === 0
    ? `no layer with stored weights feeds the outputs ${
      model.outputs.map(({ name }) => `"${name}"`).join(", ")
    }`
    : `the last layers make ${layers} channels, and none of them become the scores of ` +
      (classCount === null ? "classes" : `${classCount} classes`);
  return new FoveaError("HEAD_UNSUPPORTED", `Cannot find the head: ${found}`, {
    hint: "Name the class layers by option, or export the model with the scores in its output",
  });
}
