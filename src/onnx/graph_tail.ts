import type { OnnxModel, OnnxNode } from "./onnx_model.ts";

/** What stands between the last weighted layers of a model and one of its outputs. */
export interface GraphTail {
  /** Operators found on the way, the weighted layers not included. */
  readonly ops: ReadonlySet<string>;
  /** The last convolutions, in no order that means anything. */
  readonly layers: readonly TailLayer[];
}

/** One of the last convolutions before an output. */
export interface TailLayer {
  /** Name of its weight in the graph. */
  readonly weight: string;
  /** Number of channels it makes. */
  readonly channels: number;
}

/** Layers at which the way back ends, and which input holds their weights. */
const WEIGHT_INPUT: ReadonlyMap<string, number> = new Map([
  ["Conv", 1],
  ["ConvInteger", 1],
  ["QLinearConv", 3],
]);

const PASSES_WEIGHTS_ON: ReadonlySet<string> = new Set([
  "DequantizeLinear",
  "Cast",
  "Identity",
]);

/**
 * Walks from an output back to the last convolutions with stored weights. A fixed 1×1 convolution
 * right after a softmax (the integral of a distribution, as YOLOv8 has) does not count as a layer.
 *
 * @param output Name of one of the model's outputs.
 */
export function traceTail(model: OnnxModel, output: string): GraphTail {
  const makers = makersOf(model);
  const ops = new Set<string>();
  const layers: TailLayer[] = [];
  const seen = new Set<OnnxNode>();
  const waiting = [output];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    const node = makers.get(value);
    if (node === undefined || seen.has(node)) continue;
    seen.add(node);
    const layer = readLayer(model, makers, node);
    if (layer !== null && makers.get(node.inputs[0] ?? "")?.opType !== "Softmax") {
      layers.push(layer);
    } else {
      ops.add(node.opType);
      waiting.push(...node.inputs);
    }
  }
  return { ops, layers };
}

/** Operations that only move numbers. */
const MOVES: ReadonlySet<string> = new Set([
  "Identity",
  "Cast",
  "Transpose",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Slice",
  "Split",
  "Gather",
  "GatherElements",
  "GatherND",
  "Concat",
  "Dropout",
]);

/**
 * The operators that compute the numbers of an output: the last ones before it, those that only
 * move numbers left out. Several where it is put together from parts.
 *
 * @param output Name of one of the model's outputs.
 */
export function lastOperators(model: OnnxModel, output: string): ReadonlySet<string> {
  const makers = makersOf(model);
  const found = new Set<string>();
  const seen = new Set<OnnxNode>();
  const waiting = [output];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    const node = makers.get(value);
    if (node === undefined || seen.has(node)) continue;
    seen.add(node);
    if (!MOVES.has(node.opType)) found.add(node.opType);
    else waiting.push(...(node.opType === "Concat" ? node.inputs : node.inputs.slice(0, 1)));
  }
  return found;
}

/** Which operation makes each value. */
export function makersOf(model: OnnxModel): ReadonlyMap<string, OnnxNode> {
  return new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
}

function readLayer(
  model: OnnxModel,
  makers: ReadonlyMap<string, OnnxNode>,
  node: OnnxNode,
): TailLayer | null {
  const input = WEIGHT_INPUT.get(node.opType);
  if (input === undefined) return null;
  let weight = node.inputs[input] ?? "";
  for (let hop = 0; hop < 4; hop++) {
    const maker = makers.get(weight);
    if (maker === undefined || !PASSES_WEIGHTS_ON.has(maker.opType)) break;
    weight = maker.inputs[0] ?? "";
  }
  const channels = model.initializers.get(weight)?.dims[0];
  return channels === undefined ? null : { weight, channels };
}
