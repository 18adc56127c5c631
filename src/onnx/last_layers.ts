import { makersOf } from "./graph_tail.ts";
import type { OnnxModel, OnnxNode } from "./onnx_model.ts";

/** Why the weights of a layer cannot be exchanged. */
export type LayerFault = "quantised" | "kernel" | "groups" | "type" | "bias";

/** A layer with stored weights behind which no other one comes before the outputs. */
export interface LastLayer {
  /** Index of the operation that multiplies. */
  readonly node: number;
  /** `Conv`, `MatMul` or `Gemm`; another name where the layer is quantised. */
  readonly opType: string;
  /** Name of the stored weight; empty where there is none. */
  readonly weight: string;
  /** Name of the stored bias; `null` where there is none. */
  readonly bias: string | null;
  /** Index of the `Add` that adds the bias of a `MatMul`; `null` for other layers. */
  readonly biasNode: number | null;
  /** Channels it makes. */
  readonly rows: number;
  /** Channels it reads. */
  readonly channels: number;
  /** Whether the weight is stored as `[channels, rows]`. */
  readonly transposed: boolean;
  /** Whether it computes with float16. */
  readonly half: boolean;
  /** The value it reads. */
  readonly features: string;
  /** The value it makes, bias included. */
  readonly logits: string;
  /** Whether channels come before the cells (`[1, channels, rows, columns]`) or last. */
  readonly channelsLast: boolean;
  /** Why its weights cannot be exchanged; `null` where they can. */
  readonly fault: LayerFault | null;
}

/** Layers by operator, with the input that holds the weight. */
const WEIGHT_INPUT: ReadonlyMap<string, number> = new Map([
  ["Conv", 1],
  ["FusedConv", 1],
  ["MatMul", 1],
  ["Gemm", 1],
  ["ConvInteger", 1],
  ["QLinearConv", 3],
  ["MatMulInteger", 1],
  ["QLinearMatMul", 3],
  ["QGemm", 3],
]);

const QUANTISERS: ReadonlySet<string> = new Set(["QuantizeLinear", "DequantizeLinear"]);
const LINEAR: ReadonlySet<string> = new Set(["Conv", "MatMul", "Gemm"]);

/** ONNX's number of the type float16. */
const FLOAT16 = 10;
/** Most operations between a stored weight and its layer. */
const HOPS_MAX = 4;

/**
 * Walks from outputs back to the last layers with stored weights, in the order of execution. The
 * fixed convolution behind the softmax of a box distribution counts as arithmetic.
 *
 * @param outputs Names of the outputs to begin at.
 */
export function findLastLayers(
  model: OnnxModel,
  outputs: readonly string[],
): readonly LastLayer[] {
  const makers = makersOf(model);
  const places = new Map(model.nodes.map((node, index) => [node, index]));
  const layers: LastLayer[] = [];
  const seen = new Set<OnnxNode>();
  const waiting = [...outputs];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    const node = makers.get(value);
    if (node === undefined || seen.has(node)) continue;
    seen.add(node);
    const behindSoftmax = makers.get(node.inputs[0] ?? "")?.opType === "Softmax";
    const layer = behindSoftmax ? null : readLayer(model, makers, places, node);
    if (layer === null) waiting.push(...node.inputs);
    else layers.push(layer);
  }
  return layers.sort((a, b) => a.node - b.node);
}

/** All layers of a model that are called by one of `names`: weight, its stem, node or value made. */
export function findNamedLayers(
  model: OnnxModel,
  names: readonly string[],
): readonly LastLayer[] {
  const makers = makersOf(model);
  const places = new Map(model.nodes.map((node, index) => [node, index]));
  const wanted = new Set(names);
  return model.nodes.flatMap((node) => {
    const layer = readLayer(model, makers, places, node);
    return layer !== null && namesOf(model, layer).some((name) => wanted.has(name)) ? [layer] : [];
  });
}

/** What a layer may be called by. */
export function namesOf(model: OnnxModel, { weight, node, logits }: LastLayer): readonly string[] {
  const { name, outputs } = model.nodes[node]!;
  return [weight, stemOf(weight), name, outputs[0] ?? "", logits].filter((text) => text !== "");
}

/** The name of a layer by that of its weight: `head.cls.0` for `head.cls.0.weight`. */
export function stemOf(weight: string): string {
  return weight.replace(/[._/]?(weight|kernel|W)$/, "") || weight;
}

function readLayer(
  model: OnnxModel,
  makers: ReadonlyMap<string, OnnxNode>,
  places: ReadonlyMap<OnnxNode, number>,
  node: OnnxNode,
): LastLayer | null {
  const input = WEIGHT_INPUT.get(node.opType);
  if (input === undefined) return null;
  const stored = findStored(model, makers, node.inputs[input] ?? "");
  if (stored === null) return null;
  const { dims, type } = model.initializers.get(stored.name)!;
  const matrix = node.opType !== "Conv" && dims.length === 2;
  const transposed = matrix && !(node.opType === "Gemm" && node.attributes.get("transB") === 1);
  const [rows = 0, channels = 0] = transposed ? [dims[1], dims[0]] : dims;
  const bias = findBias(model, makers, node, rows);
  const index = places.get(node)!;
  return {
    node: index,
    opType: node.opType,
    weight: stored.name,
    bias: bias.name,
    biasNode: bias.node === null ? null : places.get(bias.node) ?? null,
    rows,
    channels,
    transposed,
    half: stored.half ?? type === "float16",
    features: node.inputs[0] ?? "",
    logits: (bias.node ?? node).outputs[0] ?? "",
    channelsLast: node.opType !== "Conv",
    fault: faultOf(node, dims, stored.quantised, type) ?? (bias.unstored ? "bias" : null),
  };
}

interface StoredWeight {
  readonly name: string;
  readonly quantised: boolean;
  /** Whether it is converted to float16, or to something else, on its way; `null` for neither. */
  readonly half: boolean | null;
}

/** The initializer behind a weight, whatever only passes it on. */
function findStored(
  model: OnnxModel,
  makers: ReadonlyMap<string, OnnxNode>,
  value: string,
): StoredWeight | null {
  let quantised = false;
  let half: boolean | null = null;
  let name = value;
  for (let hop = 0; hop < HOPS_MAX && !model.initializers.has(name); hop++) {
    const maker = makers.get(name);
    if (maker === undefined) return null;
    const quantiser = QUANTISERS.has(maker.opType);
    if (!quantiser && maker.opType !== "Cast" && maker.opType !== "Identity") return null;
    quantised ||= quantiser;
    if (maker.opType === "Cast") half ??= maker.attributes.get("to") === FLOAT16;
    name = maker.inputs[0] ?? "";
  }
  return model.initializers.has(name) ? { name, quantised, half } : null;
}

function findBias(
  model: OnnxModel,
  makers: ReadonlyMap<string, OnnxNode>,
  node: OnnxNode,
  rows: number,
): { readonly name: string | null; readonly node: OnnxNode | null; readonly unstored: boolean } {
  const none = { name: null, node: null, unstored: false };
  if (node.opType !== "MatMul") {
    const value = node.inputs[2] ?? "";
    const stored = findStored(model, makers, value)?.name ?? null;
    const sound = stored !== null && isBias(model, stored, rows);
    return { name: sound ? stored : null, node: null, unstored: !sound && value !== "" };
  }
  const readers = model.nodes.filter(({ inputs }) => inputs.includes(node.outputs[0]!));
  const [reader] = readers;
  if (readers.length !== 1 || reader!.opType !== "Add") return none;
  for (const name of reader!.inputs) {
    if (name !== node.outputs[0] && isBias(model, name, rows)) {
      return { name, node: reader!, unstored: false };
    }
  }
  return none;
}

function isBias(model: OnnxModel, name: string, rows: number): boolean {
  const tensor = model.initializers.get(name);
  return tensor !== undefined && (tensor.type === "float" || tensor.type === "float16") &&
    tensor.dims.length === 1 && tensor.dims[0] === rows;
}

function faultOf(
  { opType, inputs, attributes }: OnnxNode,
  dims: readonly number[],
  quantised: boolean,
  type: string,
): LayerFault | null {
  if (quantised || !LINEAR.has(opType)) return "quantised";
  if (type !== "float" && type !== "float16") return "type";
  if (opType !== "Conv") {
    const plain = (attributes.get("alpha") ?? 1) === 1 && (attributes.get("beta") ?? 1) === 1 &&
      (attributes.get("transA") ?? 0) === 0;
    return dims.length === 2 && plain && inputs.length > 1 ? null : "kernel";
  }
  if ((attributes.get("group") ?? 1) !== 1) return "groups";
  const moves = [attributes.get("strides"), attributes.get("dilations")].flatMap((list) =>
    typeof list === "object" ? list : []
  );
  const pads = attributes.get("pads");
  const padded = typeof pads === "object" && pads.some((pad) => pad !== 0);
  const point = dims.length === 4 && dims[2] === 1 && dims[3] === 1;
  return point && !padded && moves.every((step) => step === 1) ? null : "kernel";
}
