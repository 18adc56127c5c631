import type { ChannelTensor } from "./channel_value.ts";
import type { OnnxNode } from "./onnx_model.ts";
import { numbersOf } from "./shape_vectors.ts";

/** An axis counted from the front. */
export function positionOf(axis: number, { dims }: ChannelTensor): number {
  return axis < 0 ? axis + dims.length : axis;
}

/** A shape with another size along `axis`. */
export function withDim(
  dims: readonly (number | null)[],
  axis: number,
  value: number | null,
): readonly (number | null)[] {
  return dims.map((dim, i) => i === axis ? value : dim);
}

/** Moves the axes as `Transpose` does. */
export function transpose(node: OnnxNode, value: ChannelTensor): ChannelTensor {
  const { dims, axis, anchors } = value;
  const given = numbersOf(node, "perm");
  const perm = given.length === dims.length ? given : dims.map((_, i) => dims.length - 1 - i);
  return {
    ...value,
    dims: perm.map((from) => dims[from] ?? null),
    axis: perm.indexOf(axis),
    anchors: anchors === null || anchors.axis === null
      ? anchors
      : { ...anchors, axis: perm.indexOf(anchors.axis) },
  };
}

/** Removes axes of one element; `null` where one of them holds channels or anchors. */
export function dropAxes(value: ChannelTensor, axes: readonly number[]): ChannelTensor | null {
  if (axes.includes(value.axis)) return null;
  const before = (axis: number) => axis - axes.filter((other) => other < axis).length;
  const { anchors } = value;
  if (anchors !== null && anchors.axis !== null && axes.includes(anchors.axis)) return null;
  return {
    ...value,
    dims: value.dims.filter((_, i) => !axes.includes(i)),
    axis: before(value.axis),
    anchors: anchors === null || anchors.axis === null
      ? anchors
      : { ...anchors, axis: before(anchors.axis) },
  };
}

/** Adds axes of one element, at positions in the result as `Unsqueeze` counts them. */
export function addAxes(value: ChannelTensor, axes: readonly number[]): ChannelTensor {
  const rank = value.dims.length + axes.length;
  const added = new Set(axes.map((axis) => axis < 0 ? axis + rank : axis));
  const kept = Array.from({ length: rank }, (_, i) => i).filter((i) => !added.has(i));
  const dims: (number | null)[] = Array.from({ length: rank }, () => 1);
  for (const [i, at] of kept.entries()) dims[at] = value.dims[i] ?? null;
  const anchors = value.anchors === null || value.anchors.axis === null
    ? value.anchors
    : { ...value.anchors, axis: kept[value.anchors.axis] ?? null };
  return { ...value, dims, axis: kept[value.axis] ?? value.axis, anchors };
}
