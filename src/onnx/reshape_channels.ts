import { type ChannelRun, countChannels } from "./channel_runs.ts";
import type { ChannelTensor, ChannelValue, NumberPlace } from "./channel_value.ts";
import type { ShapeEntry } from "./shape_vectors.ts";

/** A reshaped value, and which numbers of the target count its channels. */
export interface Reshaped {
  /** What comes out. */
  readonly value: ChannelValue;
  /** The stored numbers, and how often each channel counts in them. */
  readonly counts: readonly { readonly place: NumberPlace; readonly times: number }[];
}

/**
 * Reshapes a tensor of channels the ways exporters do: cells joined to rows, channels cut into
 * anchors, anchors joined to rows, rows and channels flattened. `null` for anything else.
 *
 * @param target The new shape; `-1` and 0 mean what they mean to ONNX's `Reshape`.
 */
export function reshapeChannels(
  tensor: ChannelTensor,
  target: readonly ShapeEntry[],
): Reshaped | null {
  const channels = countChannels(tensor.runs);
  if (channels === null || target.length === 0) return null;
  const dims = target.map(({ value }, i) => value === 0 ? tensor.dims[i] ?? null : value);
  const last = tensor.dims.length - 1;
  const whole = dims.map((dim) => dim === -1 ? null : dim);
  if (tensor.axis === 1 && last > 1) return reshapeFirst(tensor, target, whole, channels);
  if (tensor.axis === last) return reshapeLast(tensor, target, whole, channels);
  return null;
}

/** Flattens to two axes as `Flatten` does; rows and channels together become one axis. */
export function flattenChannels(tensor: ChannelTensor, axis: number): ChannelValue | null {
  const rank = tensor.dims.length;
  const from = axis < 0 ? axis + rank : axis;
  const { runs, anchors } = tensor;
  if (tensor.axis !== rank - 1) return null;
  if (from === tensor.axis) {
    return { ...tensor, dims: [null, tensor.dims.at(-1) ?? null], axis: 1, anchors: null };
  }
  return { kind: "flat", runs, anchors };
}

/** Channels behind the batch: `[1, channels, …]`. */
function reshapeFirst(
  tensor: ChannelTensor,
  target: readonly ShapeEntry[],
  dims: readonly (number | null)[],
  channels: number,
): Reshaped | null {
  if (dims.length < 2 || (dims[0] !== 1 && dims[0] !== null)) return null;
  const [, second = null, third = null] = dims;
  if (second === channels || (second === null && dims.length > 2)) {
    const value = { ...tensor, dims: dims.map((dim, i) => i === 1 ? channels : dim) };
    return { value, counts: countsAt(target, 1, channels, 1) };
  }
  // Anchors: [1, anchors * step, rows, columns] becomes [1, anchors, step, …].
  const run = wholeLayer(tensor);
  const step = second === null ? null : third ?? channels / second;
  if (run === null || second === null || step === null || dims.length < 4) return null;
  if (!Number.isInteger(step) || step < 1 || second * step !== channels) return null;
  const anchors = { count: second, step, axis: 1, major: true };
  return {
    value: {
      kind: "channels",
      dims: dims.map((dim, i) => i === 2 ? step : dim),
      axis: 2,
      runs: [{ ...run, count: step }],
      anchors,
    },
    counts: countsAt(target, 2, step, 1),
  };
}

/** Channels at the end: `[…, channels]`. */
function reshapeLast(
  tensor: ChannelTensor,
  target: readonly ShapeEntry[],
  dims: readonly (number | null)[],
  channels: number,
): Reshaped | null {
  const last = dims.length - 1;
  const end = dims[last] ?? null;
  if (end === channels || (end === null && last > 0 && dims.slice(1, last).every(isKnown))) {
    const axis = joinedAnchorAxis(tensor, dims.length);
    const anchors = tensor.anchors === null ? null : { ...tensor.anchors, axis };
    const shape = dims.map((dim, i) => i === last ? channels : dim);
    return {
      value: { ...tensor, dims: shape, axis: last, anchors },
      counts: countsAt(target, last, channels, 1),
    };
  }
  if (last <= 1 && (end === null || end % channels === 0)) {
    const { runs, anchors } = tensor;
    const counts = end === null ? [] : countsAt(target, last, end, end / channels);
    return { value: { kind: "flat", runs, anchors }, counts };
  }
  // Anchors: […, anchors * step] becomes […, step] or […, anchors, step].
  const run = wholeLayer(tensor);
  if (run === null || end === null || end < 1 || channels % end !== 0) return null;
  const count = channels / end;
  const axis = dims[last - 1] === count ? last - 1 : null;
  const anchors = { count, step: end, axis, major: false };
  return {
    value: { kind: "channels", dims, axis: last, runs: [{ ...run, count: end }], anchors },
    counts: countsAt(target, last, end, 1),
  };
}

function isKnown(dim: number | null): boolean {
  return dim !== null;
}

/** The one layer that all channels come from, uncut; else `null`. */
function wholeLayer({ runs, anchors }: ChannelTensor): ChannelRun | null {
  const [run] = runs;
  return runs.length === 1 && anchors === null && run!.sources.length > 0 && run!.start === 0
    ? run!
    : null;
}

/** Fewer axes than before: the anchors became part of the rows. */
function joinedAnchorAxis({ anchors, dims }: ChannelTensor, rank: number): number | null {
  return anchors === null || rank < dims.length ? null : anchors.axis;
}

function countsAt(
  target: readonly ShapeEntry[],
  entry: number,
  stored: number,
  times: number,
): Reshaped["counts"] {
  const { value, place } = target[entry]!;
  return value === stored && place !== null ? [{ place, times }] : [];
}
