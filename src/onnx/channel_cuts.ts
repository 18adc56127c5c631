import { positionOf } from "./channel_axes.ts";
import { type ChannelRun, countChannels, fillUnknown, sliceRuns } from "./channel_runs.ts";
import type { ChannelCount, ChannelTensor, ChannelValue, NumberPlace } from "./channel_value.ts";
import type { OnnxNode } from "./onnx_model.ts";
import { numberOf, numbersOf, type ShapeEntry, type ShapeVectors } from "./shape_vectors.ts";

/** From this number on, the end of a slice means the end of the axis. */
const OPEN_END = 2 ** 31 - 1;
/** What stands before the scores and is not traced is a box. */
const BOX_CHANNELS = 4;

/**
 * Cuts tensors along and across their channels, and notes the stored numbers that say where.
 */
export class ChannelCuts {
  readonly #shapes: ShapeVectors;
  readonly #counts: ChannelCount[];

  /** Reads numbers from `shapes` and adds what it finds to `counts`. */
  constructor(shapes: ShapeVectors, counts: ChannelCount[]) {
    this.#shapes = shapes;
    this.#counts = counts;
  }

  /** `Split`; `null` where its sizes are not known. */
  split(index: number, node: OnnxNode, value: ChannelTensor): readonly ChannelValue[] | null {
    const axis = positionOf(numberOf(node, "axis", 0), value);
    if (axis !== value.axis) {
      const dims = value.dims.map((dim, i) => i === axis ? null : dim);
      return node.outputs.map(() => ({ ...value, dims }));
    }
    const sizes = this.#sizes(index, node, value);
    if (sizes === null) return null;
    const total = sizes.reduce((sum, { size }) => sum + size, 0);
    const runs = fillUnknown(value.runs, total);
    if (runs === null) return null;
    const pieces: ChannelValue[] = [];
    let at = 0;
    for (const { size, place } of sizes) {
      const part = sliceRuns(runs, at, at + size);
      if (part === null) return null;
      if (place !== null) this.#count(place, part, value);
      pieces.push(withRuns(value, part));
      at += size;
    }
    return pieces;
  }

  #sizes(
    index: number,
    node: OnnxNode,
    value: ChannelTensor,
  ): readonly { readonly size: number; readonly place: NumberPlace | null }[] | null {
    const stated = this.#shapes.read(index, node, 1);
    if (stated !== null) {
      const sizes = stated.flatMap(({ value: size, place }) =>
        size === null ? [] : [{ size, place }]
      );
      return sizes.length === node.outputs.length ? sizes : null;
    }
    const listed = numbersOf(node, "split");
    if (listed.length === node.outputs.length) {
      return listed.map((size, entry) => ({ size, place: { node: index, input: "split", entry } }));
    }
    const channels = countChannels(value.runs);
    if (channels === null || node.inputs.length > 1) return null;
    const size = Math.ceil(channels / node.outputs.length);
    // Equal parts: which channels end up where changes with their number.
    return node.outputs.map((_, i) => ({
      size: Math.min(size, channels - i * size),
      place: null,
    }));
  }

  /** `Slice` in the old and the new form; `null` where its numbers are not known. */
  slice(index: number, node: OnnxNode, value: ChannelTensor): ChannelValue | null {
    const starts = this.#entries(index, node, 1, "starts");
    const ends = this.#entries(index, node, 2, "ends");
    if (starts === null || ends === null || starts.length !== ends.length) return null;
    const given = this.#shapes.readNumbers(index, node, 3) ?? numbersOf(node, "axes");
    const axes = given.length === 0 ? starts.map((_, i) => i) : given;
    const steps = this.#shapes.readNumbers(index, node, 4) ?? [];
    let result = withBox(value);
    for (const [i, axis] of axes.entries()) {
      const at = positionOf(axis, value);
      if (at !== value.axis) {
        result = { ...result, dims: result.dims.map((dim, j) => j === at ? null : dim) };
        continue;
      }
      if ((steps[i] ?? 1) !== 1) return null;
      const part = this.#cut(result.runs, starts[i]!, ends[i]!, value);
      if (part === null) return null;
      result = withRuns(result, part);
    }
    return result;
  }

  #cut(
    runs: readonly ChannelRun[],
    start: ShapeEntry,
    end: ShapeEntry,
    value: ChannelTensor,
  ): readonly ChannelRun[] | null {
    const channels = countChannels(runs);
    if (channels === null || start.value === null || end.value === null) return null;
    const from = start.value < 0 ? start.value + channels : start.value;
    const open = end.value >= OPEN_END;
    const to = open ? channels : end.value < 0 ? end.value + channels : end.value;
    const [before, part] = [sliceRuns(runs, 0, from), sliceRuns(runs, from, to)];
    if (before === null || part === null) return null;
    // Numbers from the front count what stands before them; those from the back, what follows.
    const after = sliceRuns(runs, to, channels) ?? [];
    const rest = [...part, ...after];
    this.#countEnd(start, before, rest, value);
    if (!open) this.#countEnd(end, [...before, ...part], after, value);
    return part;
  }

  #countEnd(
    { value: number, place }: ShapeEntry,
    before: readonly ChannelRun[],
    after: readonly ChannelRun[],
    value: ChannelTensor,
  ): void {
    if (place === null || number === null) return;
    if (number >= 0) this.#count(place, before, value);
    else this.#count(place, after, value, -1);
  }

  /** `Gather` of one row, or of neighbouring channels; `null` otherwise. */
  gather(index: number, node: OnnxNode, value: ChannelTensor): ChannelValue | null {
    const axis = positionOf(numberOf(node, "axis", 0), value);
    const picks = this.#shapes.readNumbers(index, node, 1);
    if (axis !== value.axis || picks === null || picks.length < 2) return null;
    const [first] = picks as [number];
    if (first < 0 || !picks.every((pick, i) => pick === first + i)) return null;
    const part = sliceRuns(value.runs, first, first + picks.length);
    return part === null ? null : withRuns(value, part);
  }

  #entries(
    index: number,
    node: OnnxNode,
    input: number,
    attribute: string,
  ): readonly ShapeEntry[] | null {
    const stated = this.#shapes.read(index, node, input);
    if (stated !== null) return stated;
    const listed = numbersOf(node, attribute);
    return listed.length === 0
      ? null
      : listed.map((value, entry) => ({ value, place: { node: index, input: attribute, entry } }));
  }

  #count(
    place: NumberPlace,
    runs: readonly ChannelRun[],
    { anchors }: ChannelTensor,
    times = 1,
  ): void {
    this.#counts.push({ ...place, runs, anchors, times });
  }
}

function withBox(value: ChannelTensor): ChannelTensor {
  const unknown = value.runs.filter(({ count }) => count === null);
  if (unknown.length !== 1) return value;
  return withRuns(
    value,
    value.runs.map((run) => run.count === null ? { ...run, count: BOX_CHANNELS } : run),
  );
}

function withRuns(value: ChannelTensor, runs: readonly ChannelRun[]): ChannelTensor {
  const channels = countChannels(runs);
  return { ...value, dims: value.dims.map((dim, i) => i === value.axis ? channels : dim), runs };
}
