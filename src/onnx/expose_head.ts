import { TensorProto_DataType as DataType } from "onnx-buf";
import { FoveaError } from "../core/errors.ts";
import type { HeadLayout, HeadLevel } from "../core/head_layout.ts";
import type { LayerValues } from "../core/head_weights.ts";
import type { FoundHeads, HeadPlace } from "./find_heads.ts";
import { GraphEditor } from "./graph_editor.ts";
import { type HeadForm, type HeadInput, HeadSurgery } from "./head_surgery.ts";
import { readLayer } from "./layer_tensors.ts";
import type { OnnxModel } from "./onnx_model.ts";

/** How a head is exposed. */
export interface ExposeOptions {
  /**
   * `conv`, the default, leaves the operations as they are; `matmul` computes 1×1 convolutions as
   * matrix products, for engines that want the weights of convolutions to be constant.
   */
  readonly form?: HeadForm;
  /** Whether {@linkcode HeadLayout.predictions} becomes an output as well; false by default. */
  readonly predictions?: boolean;
}

/** A model whose head comes in from outside. */
export interface ExposedHead {
  /** The edited ONNX file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The head, with the names under which features and logits come out. */
  readonly layout: HeadLayout;
  /** What must be fed besides the pictures. */
  readonly inputs: readonly HeadInput[];
  /** The numbers that stood in the file, one entry a layer. */
  readonly values: readonly LayerValues[];
}

/** Operator set from which on `Slice` and `Reshape` are what `matmul` needs. */
const MATMUL_OPSET_MIN = 10;

/**
 * Edits a model so that the weights and biases of its head are inputs that must be fed, and the
 * features that its layers read and the logits that they make are outputs. Nothing else changes.
 *
 * Fed with the numbers from the file, the model computes what it did before. With ONNX Runtime on
 * x86-64 that is so to the last bit for 1×1 convolutions of 16 to 128 channels, and for more on
 * levels of over 64 cells; beyond that, and in float16 as `matmul`, sums are rounded in another
 * order and differ in the last bits.
 *
 * @param bytes The file that `model` was read from.
 * @param model The model, see {@linkcode readModel}.
 * @param heads Its head, see {@linkcode findHeads}.
 * @throws {FoveaError} `HEAD_UNSUPPORTED` if `matmul` is asked for and the file is older than
 * operator set 10.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exposeHead, findHeads, readModel } from "@fovea/fovea/onnx";
 *
 * const path = new URL("models/tiny/yolo_v8.onnx", `file://${Deno.cwd()}/`);
 * const bytes = Deno.readFileSync(path);
 * const model = readModel(bytes);
 * const exposed = exposeHead(bytes, model, findHeads(model, { classCount: 2 }));
 * assertEquals(exposed.inputs.map(({ dims }) => dims).slice(0, 2), [[2, 3, 1, 1], [2]]);
 * assertEquals([...exposed.values[0]!.bias], [-14, -14]);
 * const fed = readModel(exposed.bytes).inputs.map(({ name }) => name);
 * assertEquals(fed, ["images", ...exposed.inputs.map(({ name }) => name)]);
 * ```
 */
export function exposeHead(
  bytes: Uint8Array,
  model: OnnxModel,
  heads: FoundHeads,
  options: ExposeOptions = {},
): ExposedHead {
  const { form = "conv", predictions = false } = options;
  if (form === "matmul" && model.opset < MATMUL_OPSET_MIN) {
    throw new FoveaError(
      "HEAD_UNSUPPORTED",
      `Cannot expose the head as matmul: the model's operator set is ${model.opset}, ` +
        `${MATMUL_OPSET_MIN} is needed`,
      { hint: "Use the form conv, or export the model with a newer operator set" },
    );
  }
  const editor = new GraphEditor(bytes);
  const surgery = new HeadSurgery(editor, form);
  const values = heads.layout.layers.map((_, layer) =>
    readLayer(editor, heads.places.find((place) => place.layer === layer)!)
  );
  for (const place of heads.places) surgery.expose(place);
  const layout = exposeValues(editor, heads, predictions);
  for (const { weight, bias } of heads.places) {
    editor.dropUnread(weight);
    if (bias !== null) editor.dropUnread(bias);
  }
  const inputs = surgery.inputs.toSorted((a, b) => a.layer - b.layer);
  return { bytes: editor.finish(), layout, inputs, values };
}

/** Makes features and logits outputs and returns the layout with their names. */
function exposeValues(
  editor: GraphEditor,
  { layout, places }: FoundHeads,
  predictions: boolean,
): HeadLayout {
  const outputs = new Map<string, string>();
  function expose(
    name: string,
    what: string,
    dims: readonly (number | null)[],
    half: boolean,
  ): void {
    if (outputs.has(name)) return;
    // A picture that goes straight into the head is an input, which cannot be an output too.
    const isInput = editor.graph.input.some((input) => input.name === name);
    const output = isInput ? editor.newName(what) : name;
    if (isInput) editor.append("Identity", [name], output);
    editor.addOutput(output, dims, half ? "float16" : "float32");
    outputs.set(name, output);
  }
  for (const place of places) {
    expose(place.features, "features", shapeOf(place, place.channels), place.half);
    expose(place.logits, "logits", shapeOf(place, place.rows), place.half);
  }
  const levels = layout.levels.map((level): HeadLevel => ({
    ...level,
    features: outputs.get(level.features)!,
    logits: outputs.get(level.logits)!,
    objectnessFeatures: outputs.get(level.objectnessFeatures ?? "") ?? null,
    objectnessLogits: outputs.get(level.objectnessLogits ?? "") ?? null,
  }));
  if (!predictions || layout.predictions === null) return { ...layout, levels };
  let { value } = layout.predictions;
  if (places.some((place) => place.half)) {
    // Whether scores are converted before or after they are joined is not known.
    const float = editor.newName("predictions");
    editor.append("Cast", [value], float, { to: DataType.FLOAT });
    value = float;
  }
  editor.addOutput(value, [null, null, null], "float32");
  return { ...layout, levels, predictions: { ...layout.predictions, value } };
}

function shapeOf({ channelsLast, opType }: HeadPlace, size: number): readonly (number | null)[] {
  if (!channelsLast) return [null, size, null, null];
  return opType === "Gemm" ? [null, size] : [null, null, size];
}
