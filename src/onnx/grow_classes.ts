import { FoveaError } from "../core/errors.ts";
import type { HeadLayer } from "../core/head_layout.ts";
import type { ChannelRun } from "./channel_runs.ts";
import type { AnchorSplit, ChannelCount } from "./channel_value.ts";
import type { TracedHeads } from "./find_heads.ts";
import { GraphEditor } from "./graph_editor.ts";
import { readLayer, writeLayer } from "./layer_tensors.ts";
import type { OnnxModel } from "./onnx_model.ts";

/** Bias of a class that was never learnt: its score is 0 to all practical ends. */
const NEVER = -100;

/** An axis of an output that grew, and where. */
export interface GrownAxis {
  /** The axis. */
  readonly axis: number;
  /** Positions of the old axis before which elements were added, ascending. */
  readonly inserts: readonly number[];
  /** How many were added at each of them. */
  readonly count: number;
}

/** A model with room for more classes. */
export interface GrownModel {
  /** The edited ONNX file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The outputs that grew, by name. */
  readonly grown: ReadonlyMap<string, GrownAxis>;
}

/**
 * Appends classes to a model that never score until their rows are set. Old classes keep their
 * rows, and every stored number that counts classes on the way to the outputs grows with them.
 *
 * @param bytes The file that `model` was read from.
 * @param extra How many classes to append, at least 1.
 * @throws {FoveaError} `HEAD_UNSUPPORTED` naming the operation that cannot grow.
 */
export function growClasses(
  bytes: Uint8Array,
  model: OnnxModel,
  heads: TracedHeads,
  extra: number,
): GrownModel {
  const growth = new Growth(model, heads, extra);
  growth.check();
  const editor = new GraphEditor(bytes);
  growth.growNumbers(editor);
  growth.growWeights(editor);
  growth.growShapes(editor);
  return { grown: growth.listGrown(), bytes: editor.finish() };
}

class Growth {
  readonly #model: OnnxModel;
  readonly #heads: TracedHeads;
  readonly #extra: number;

  constructor(model: OnnxModel, heads: TracedHeads, extra: number) {
    this.#model = model;
    this.#heads = heads;
    this.#extra = extra;
  }

  check(): void {
    if (this.#heads.layout.activation === "softmax") {
      throw cannotGrow("its scores come from a softmax, in which every class changes all others");
    }
    for (const { runs, why } of this.#heads.trace.obstacles) {
      // What an obstacle takes of the classes is not followed any further.
      if (this.#blocks(runs, null, true) > 0) throw cannotGrow(why);
    }
  }

  /** Rewrites the stored numbers, each where it is read, because others may read it too. */
  growNumbers(editor: GraphEditor): void {
    const groups = new Map<string, { place: ChannelCount; growth: Map<number, number> }>();
    for (const count of this.#heads.trace.counts) {
      const grown = this.#extra * count.times * this.#blocks(count.runs, count.anchors);
      if (grown === 0) continue;
      const key = `${count.node}/${count.input}`;
      const group = groups.get(key) ?? { place: count, growth: new Map<number, number>() };
      group.growth.set(count.entry, grown);
      groups.set(key, group);
    }
    for (const { place: { node: index, input }, growth } of groups.values()) {
      const node = editor.nodes[index]!;
      if (typeof input === "string") {
        const attribute = node.attribute.find(({ name }) => name === input)!;
        attribute.ints = attribute.ints.map((value, i) => value + BigInt(growth.get(i) ?? 0));
      } else {
        const name = node.input[input]!;
        const numbers = this.#model.constant(name)!;
        const grown = numbers.map((value, i) => value + (growth.get(i) ?? 0));
        node.input[input] = editor.storeNumbers(grown, editor.constantTensor(name));
      }
    }
  }

  growWeights(editor: GraphEditor): void {
    const { layout: { layers, classCount }, places } = this.#heads;
    for (const [index, layer] of layers.entries()) {
      if (layer.classRows.length === 0) continue;
      const own = places.filter((place) => place.layer === index);
      const { weight, bias } = readLayer(editor, own[0]!);
      writeLayer(editor, own, {
        weight: insertRows(weight, layer, classCount, layer.channels, this.#extra, 0),
        bias: insertRows(bias, layer, classCount, 1, this.#extra, NEVER),
      });
    }
  }

  /** Corrects the shapes that outputs state, and drops what is stated about values in between. */
  growShapes(editor: GraphEditor): void {
    const { trace: { counts }, places } = this.#heads;
    const touched = [...counts.map(({ node }) => node), ...places.map(({ node }) => node)];
    const changed = new Set([
      ...touched.flatMap((index) => this.#model.nodes[index]!.outputs),
      ...places.flatMap(({ weight, bias }) => [weight, bias ?? ""]),
    ]);
    for (const [name, value] of this.#heads.trace.values) {
      const blocks = this.#blocks(value.runs, value.anchors);
      if (blocks === 0) continue;
      changed.add(name);
      const output = editor.graph.output.find((info) => info.name === name);
      const tensor = output?.type?.value;
      if (tensor?.case !== "tensorType" || value.kind !== "channels") continue;
      const dim = tensor.value.shape?.dim[value.axis]?.value;
      if (dim?.case === "dimValue") dim.value += BigInt(this.#extra * blocks);
    }
    editor.graph.valueInfo = editor.graph.valueInfo.filter(({ name }) => !changed.has(name));
  }

  /** Where the outputs grow. */
  listGrown(): ReadonlyMap<string, GrownAxis> {
    const grown = new Map<string, GrownAxis>();
    for (const { name } of this.#model.outputs) {
      const value = this.#heads.trace.values.get(name);
      if (value?.kind !== "channels") continue;
      const inserts: number[] = [];
      let at = 0;
      for (const run of value.runs) {
        for (const end of this.#classEnds(run, value.anchors)) inserts.push(at + end - run.start);
        at += run.count ?? 0;
      }
      if (inserts.length > 0) grown.set(name, { axis: value.axis, inserts, count: this.#extra });
    }
    return grown;
  }

  /** Where blocks of classes end within a run, in rows of its layer. */
  #classEnds(run: ChannelRun, anchors: AnchorSplit | null): readonly number[] {
    const place = this.#heads.places[run.sources[0] ?? -1];
    if (place === undefined || run.count === null) return [];
    const { classRows } = this.#heads.layout.layers[place.layer]!;
    const starts = anchors === null ? classRows : classRows.slice(0, 1);
    return starts.map((start) => start + this.#heads.layout.classCount)
      .filter((end) => end > run.start && end <= run.start + run.count!);
  }

  /** How many whole blocks of classes lie in some channels; `part` also counts pieces. */
  #blocks(runs: readonly ChannelRun[], anchors: AnchorSplit | null, part = false): number {
    let blocks = 0;
    for (const run of runs) {
      const place = this.#heads.places[run.sources[0] ?? -1];
      if (place === undefined || run.count === null) continue;
      const { classRows } = this.#heads.layout.layers[place.layer]!;
      const starts = anchors === null ? classRows : classRows.slice(0, 1);
      const end = run.start + run.count;
      for (const start of starts) {
        const last = start + this.#heads.layout.classCount;
        const overlaps = start < end && last > run.start;
        const inside = start >= run.start && last <= end;
        if (inside || (part && overlaps)) blocks++;
        else if (overlaps) throw cannotGrow("its classes are cut apart on their way to the output");
      }
    }
    return blocks;
  }
}

/** Inserts `extra` rows behind every block of classes. */
export function insertRows(
  values: Float32Array,
  layer: HeadLayer,
  classCount: number,
  width: number,
  extra: number,
  fill: number,
): Float32Array<ArrayBuffer> {
  const blocks = layer.classRows.length;
  const out = new Float32Array(values.length + blocks * extra * width).fill(fill);
  let from = 0;
  let to = 0;
  for (
    const end of layer.classRows.map((row) => (row + classCount) * width).sort((a, b) => a - b)
  ) {
    out.set(values.subarray(from, end), to);
    to += end - from + extra * width;
    from = end;
  }
  out.set(values.subarray(from), to);
  return out;
}

function cannotGrow(found: string): FoveaError {
  return new FoveaError("HEAD_UNSUPPORTED", `Cannot append classes to the model: ${found}`, {
    hint: "Export the model with the class added, or refine the classes that it has",
  });
}
