import {
  activateRuns,
  calculateRuns,
  type ChannelRun,
  countChannels,
  joinLevels,
  strangeRun,
} from "./channel_runs.ts";
import type {
  ChannelCount,
  ChannelTensor,
  ChannelValue,
  FlatTensor,
  Obstacle,
} from "./channel_value.ts";
import type { OnnxModel, OnnxNode } from "./onnx_model.ts";
import { addAxes, dropAxes, positionOf, transpose, withDim } from "./channel_axes.ts";
import { ChannelCuts } from "./channel_cuts.ts";
import { flattenChannels, reshapeChannels } from "./reshape_channels.ts";
import { numberOf, numbersOf, ShapeVectors } from "./shape_vectors.ts";

/** A value that a layer makes, and along which axis its channels lie. */
export interface LayerOutput {
  /** Name of the value. */
  readonly value: string;
  /** Number of channels. */
  readonly channels: number;
  /** Shape; `null` where a dimension is not known. */
  readonly dims: readonly (number | null)[];
  /** Axis of the channels. */
  readonly axis: number;
}

/** Where the channels of some layers go. */
export interface ChannelTrace {
  /** What is known about each value they reach, in the order of execution. */
  readonly values: ReadonlyMap<string, ChannelValue>;
  /** Stored numbers that count them. */
  readonly counts: readonly ChannelCount[];
  /** Operations that take them and are not understood. */
  readonly obstacles: readonly Obstacle[];
}

const PASSES_ON: ReadonlySet<string> = new Set([
  ...["Identity", "Cast", "Dropout", "QuantizeLinear", "DequantizeLinear"],
  ...["ScatterND", "ScatterElements"],
]);
const UNARY: ReadonlySet<string> = new Set([
  ...["Exp", "Clip", "Relu", "Tanh", "Softplus", "Sqrt", "Neg", "Abs", "Log", "LeakyRelu"],
  ...["Floor", "Ceil", "Round", "Reciprocal", "Not", "IsNaN", "Erf"],
]);
const BINARY: ReadonlySet<string> = new Set(["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"]);
const REDUCTIONS: ReadonlySet<string> = new Set([
  ...["ReduceMax", "ReduceSum", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceL2"],
  ...["ArgMax", "ArgMin"],
]);

/**
 * Follows the channels of some layers through a graph: where they are cut, joined, activated and
 * flattened, and which stored numbers count them. Layers are sources by their position in `layers`.
 */
export function traceChannels(model: OnnxModel, layers: readonly LayerOutput[]): ChannelTrace {
  const tracer = new Tracer(model, layers);
  for (const [index, node] of model.nodes.entries()) tracer.follow(index, node);
  return tracer;
}

class Tracer implements ChannelTrace {
  readonly values = new Map<string, ChannelValue>();
  readonly counts: ChannelCount[] = [];
  readonly obstacles: Obstacle[] = [];
  readonly #model: OnnxModel;
  readonly #starts = new Map<string, ChannelTensor>();
  readonly #shapes: ShapeVectors;
  readonly #cuts: ChannelCuts;

  constructor(model: OnnxModel, layers: readonly LayerOutput[]) {
    this.#model = model;
    this.#shapes = new ShapeVectors(model);
    this.#cuts = new ChannelCuts(this.#shapes, this.counts);
    for (const [source, { value, channels, dims, axis }] of layers.entries()) {
      const run: ChannelRun = { sources: [source], start: 0, count: channels, activation: "none" };
      this.#starts.set(value, { kind: "channels", dims, axis, runs: [run], anchors: null });
    }
  }

  follow(index: number, node: OnnxNode): void {
    const traced = node.inputs.map((name) => this.values.get(name) ?? null);
    const first = traced[0] ?? null;
    this.#shapes.follow(index, node, first?.kind === "channels" ? first.dims : null);
    const results = traced.every((value) => value === null || node.opType === "Shape")
      ? []
      : this.#apply(index, node, traced);
    for (const [i, name] of node.outputs.entries()) {
      const value = this.#starts.get(name) ?? results[i] ?? null;
      if (value !== null && name !== "") this.values.set(name, value);
    }
  }

  #apply(
    index: number,
    node: OnnxNode,
    inputs: readonly (ChannelValue | null)[],
  ): readonly (ChannelValue | null)[] {
    const [first = null] = inputs;
    if (first !== null && first.kind !== "channels") return this.#pick(index, node, first);
    const { opType } = node;
    if (opType === "Concat") return [this.#concat(index, node, inputs)];
    if (BINARY.has(opType)) return [this.#calculate(index, node, inputs)];
    if (first === null) return this.#stop(index, node, inputs);
    if (PASSES_ON.has(opType)) return [first];
    if (UNARY.has(opType)) return [{ ...first, runs: calculateRuns(first.runs) }];
    if (REDUCTIONS.has(opType)) return [this.#reduce(index, node, first)];
    switch (opType) {
      case "Sigmoid":
      case "HardSigmoid":
        return [{ ...first, runs: activateRuns(first.runs, "sigmoid") }];
      case "Softmax":
        return [softmax(node, first)];
      case "Transpose":
        return [transpose(node, first)];
      case "Reshape":
        return [this.#reshape(index, node, first)];
      case "Flatten":
        return [flattenChannels(first, numberOf(node, "axis", 1))];
      case "Squeeze":
      case "Unsqueeze":
        return [this.#changeRank(index, node, first) ?? this.#stop(index, node, inputs)[0]!];
      case "Split":
        return this.#cuts.split(index, node, first) ?? this.#stop(index, node, inputs);
      case "Slice":
        return [this.#cuts.slice(index, node, first) ?? this.#stop(index, node, inputs)[0]!];
      case "Gather":
        return [this.#cuts.gather(index, node, first) ?? this.#stop(index, node, inputs)[0]!];
      case "GatherElements":
        return [this.#gatherElements(index, node, first)];
      case "TopK":
        return [positionOf(numberOf(node, "axis", -1), first) === first.axis ? null : first, null];
      default:
        return this.#stop(index, node, inputs);
    }
  }

  #stop(
    index: number,
    { opType, outputs }: OnnxNode,
    inputs: readonly (ChannelValue | null)[],
    why = `${opType} is not understood there`,
  ): readonly null[] {
    for (const value of inputs) {
      if (value !== null) this.obstacles.push({ node: index, runs: value.runs, why });
    }
    return outputs.map(() => null);
  }

  #concat(
    index: number,
    node: OnnxNode,
    inputs: readonly (ChannelValue | null)[],
  ): ChannelValue | null {
    const tensors = inputs.filter((value) => value?.kind === "channels") as ChannelTensor[];
    const [first] = tensors;
    if (first === undefined) return null;
    const axis = positionOf(numberOf(node, "axis", 1), first);
    const alike = tensors.every((other) =>
      other.axis === first.axis && other.dims.length === first.dims.length &&
      other.anchors?.step === first.anchors?.step
    );
    if (!alike) return this.#stop(index, node, inputs, "tensors of several shapes are joined")[0]!;
    if (axis === first.axis) {
      const runs = inputs.flatMap((value, i) =>
        value?.kind === "channels" ? value.runs : [strangeRun(this.#stored(node, i, axis))]
      );
      return { ...first, dims: withDim(first.dims, axis, countChannels(runs)), runs };
    }
    const runs = tensors.length === inputs.length
      ? joinLevels(tensors.map((tensor) => tensor.runs))
      : null;
    if (runs === null) {
      return this.#stop(index, node, inputs, "different channels are joined as rows")[0]!;
    }
    return { ...first, dims: withDim(first.dims, axis, null), runs };
  }

  /** The size along `axis` of a stored input. */
  #stored(node: OnnxNode, input: number, axis: number): number | null {
    return this.#model.initializers.get(node.inputs[input] ?? "")?.dims[axis] ?? null;
  }

  #calculate(
    index: number,
    node: OnnxNode,
    inputs: readonly (ChannelValue | null)[],
  ): ChannelValue | null {
    const tensors = inputs.filter((value) => value?.kind === "channels") as ChannelTensor[];
    const widest = tensors.reduce((best, other) =>
      (countChannels(other.runs) ?? 0) > (countChannels(best.runs) ?? 0) ? other : best
    );
    for (const [i, name] of node.inputs.entries()) {
      const dims = inputs[i] === null ? this.#model.initializers.get(name)?.dims : undefined;
      const along = dims?.[widest.axis - widest.dims.length + dims.length] ?? 1;
      if (along === 1) continue;
      const why = `${node.opType} takes ${along} numbers, one for each channel`;
      this.obstacles.push({ node: index, runs: widest.runs, why });
    }
    return { ...widest, runs: calculateRuns(widest.runs) };
  }

  #reduce(index: number, node: OnnxNode, value: ChannelTensor): ChannelValue | null {
    const axes = node.opType.startsWith("Arg")
      ? [numberOf(node, "axis", 0)]
      : this.#shapes.readNumbers(index, node, 1) ?? numbersOf(node, "axes");
    const reduced = axes.map((axis) => positionOf(axis, value));
    if (reduced.length === 0 || reduced.includes(value.axis)) return null;
    if (numberOf(node, "keepdims", 1) === 1) return value;
    return dropAxes(value, reduced);
  }

  #reshape(index: number, node: OnnxNode, value: ChannelTensor): ChannelValue | null {
    const target = this.#shapes.read(index, node, 1);
    const result = target === null ? null : reshapeChannels(value, target);
    if (result === null) {
      return this.#stop(index, node, [value], "Reshape mixes channels with something else")[0]!;
    }
    for (const { place, times } of result.counts) {
      this.counts.push({ ...place, times, runs: value.runs, anchors: result.value.anchors });
    }
    return result.value;
  }

  #changeRank(index: number, node: OnnxNode, value: ChannelTensor): ChannelValue | null {
    const axes = this.#shapes.readNumbers(index, node, 1) ?? numbersOf(node, "axes");
    if (axes.length === 0) return null;
    if (node.opType === "Squeeze") {
      return dropAxes(value, axes.map((axis) => positionOf(axis, value)));
    }
    return addAxes(value, axes);
  }

  /** Rows are picked; the indices are repeated once for each channel, as a stored number says. */
  #gatherElements(index: number, node: OnnxNode, value: ChannelTensor): ChannelValue | null {
    const axis = positionOf(numberOf(node, "axis", 0), value);
    if (axis === value.axis) return this.#stop(index, node, [value])[0]!;
    const channels = countChannels(value.runs);
    const at = this.#model.nodes.findIndex(({ outputs }) => outputs.includes(node.inputs[1] ?? ""));
    const maker = this.#model.nodes[at];
    const repeats = maker !== undefined && ["Tile", "Expand"].includes(maker.opType)
      ? this.#shapes.read(at, maker, 1)
      : null;
    const entry = repeats?.[value.axis];
    if (entry?.value === channels && entry.place !== null) {
      this.counts.push({ ...entry.place, times: 1, runs: value.runs, anchors: value.anchors });
    } else if (entry?.value !== channels && channels !== 1) {
      const why = "GatherElements picks by indices that are not understood";
      this.obstacles.push({ node: index, runs: value.runs, why });
    }
    return { ...value, dims: withDim(value.dims, axis, null) };
  }

  /** What happens to rows and channels on one axis, and to indices into it. */
  #pick(index: number, node: OnnxNode, value: FlatTensor): readonly (ChannelValue | null)[] {
    const { opType } = node;
    if (value.kind === "flat") {
      if (opType === "TopK") return [null, { ...value, kind: "index" }];
      return PASSES_ON.has(opType) ? [value] : this.#stop(index, node, [value]);
    }
    if (["Cast", "Identity", "Unsqueeze", "Squeeze", "Reshape"].includes(opType)) return [value];
    if (opType !== "Div" && opType !== "Mod") return this.#stop(index, node, [value]);
    const divisor = this.#shapes.read(index, node, 1)?.[0];
    if (divisor?.value !== countChannels(value.runs) || divisor?.place == null) {
      return this.#stop(index, node, [value]);
    }
    const { runs, anchors } = value;
    this.counts.push({ ...divisor.place, times: 1, runs, anchors });
    return [null];
  }
}

function softmax(node: OnnxNode, value: ChannelTensor): ChannelValue {
  const along = positionOf(numberOf(node, "axis", -1), value) === value.axis;
  const runs = along ? activateRuns(value.runs, "softmax") : calculateRuns(value.runs);
  return { ...value, runs };
}
