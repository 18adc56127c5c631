import type { GraphBuilder } from "./graph_builder.ts";

/** Width of the tiny networks' input in pixels; not square, so that no axis can be mixed up. */
export const WIDTH = 128;
/** Height of the tiny networks' input in pixels. */
export const HEIGHT = 96;
/** Sides of the cells that the tiny networks look at; only the smallest ones ever report. */
export const STRIDES = [8, 16, 32] as const;
/** What the tiny networks tell apart. */
export const CLASS_NAMES: readonly string[] = ["red", "blue"];

/** A cell reports from this brightness of its colour on, 0–1. */
const THRESHOLD = 0.7;
/** How fast the score rises: full brightness gives `sigmoid(20 * 0.3)`, 0.9975. */
const STEEPNESS = 20;
/** Logit of cells that never report. */
const NEVER = -20;

/** How the pixels of a tiny network's input are meant. */
export interface PixelMeaning {
  /** Order of the channels. */
  readonly channels: "rgb" | "bgr";
  /** Value of full brightness: 1 or 255. */
  readonly full: number;
}

/** How many cells all levels have together. */
export function cellCount(strides: readonly number[] = STRIDES): number {
  return strides.reduce((sum, s) => sum + Math.ceil(WIDTH / s) * Math.ceil(HEIGHT / s), 0);
}

/** Corners of every cell in network pixels, level by level, row by row. */
export function cellCorners(strides: readonly number[] = STRIDES): number[][] {
  return strides.flatMap((stride) => {
    const columns = Math.ceil(WIDTH / stride);
    return Array.from({ length: columns * Math.ceil(HEIGHT / stride) }, (_, cell) => {
      const x = (cell % columns) * stride;
      const y = Math.floor(cell / columns) * stride;
      return [x, y, x + stride, y + stride];
    });
  });
}

/** Centre and size of boxes given by their corners. */
export function centreBoxes(corners: readonly (readonly number[])[]): number[][] {
  return corners.map(([x1, y1, x2, y2]) => [
    (x1! + x2!) / 2,
    (y1! + y2!) / 2,
    x2! - x1!,
    y2! - y1!,
  ]);
}

/** Averages the picture over the cells of one level: `[1, 3, rows, columns]`. */
export function poolLevel(graph: GraphBuilder, picture: string, stride: number): string {
  return graph.run("AveragePool", [picture], {
    kernel_shape: [stride, stride],
    strides: [stride, stride],
    ceil_mode: 1,
  });
}

/**
 * The class layer of one level, `[1, classes, rows, columns]` logits: how red each cell is, and how
 * blue. Only the level with the smallest cells can report.
 */
export function classLogits(
  graph: GraphBuilder,
  cells: string,
  level: number,
  meaning: PixelMeaning,
  name: string,
  classes: number = CLASS_NAMES.length,
): string {
  const { weight, bias } = classRows(level, meaning);
  return graph.run("Conv", [
    cells,
    graph.floats(weight.slice(0, 3 * classes), [classes, 3, 1, 1], `${name}.weight`),
    graph.floats(bias.slice(0, classes), [classes], `${name}.bias`),
  ]);
}

/** Weights `[2, 3]` and biases of the class layer of one level. */
export function classRows(
  level: number,
  meaning: PixelMeaning,
): { readonly weight: readonly number[]; readonly bias: readonly number[] } {
  const gain = level === 0 ? STEEPNESS / meaning.full : 0;
  const red = meaning.channels === "rgb" ? [gain, 0, 0] : [0, 0, gain];
  const bias = level === 0 ? -STEEPNESS * THRESHOLD : NEVER;
  return { weight: [...red, ...red.toReversed()], bias: [bias, bias] };
}

/** Class probabilities of all levels, `[1, 2, cells]`. */
export function classColumns(
  graph: GraphBuilder,
  picture: string,
  meaning: PixelMeaning,
  strides: readonly number[] = STRIDES,
): string {
  const levels = strides.map((stride, level) => {
    const name = `model.1.cv3.${level}.2`;
    const logits = classLogits(graph, poolLevel(graph, picture, stride), level, meaning, name);
    return graph.run("Reshape", [logits, graph.ints([1, CLASS_NAMES.length, -1])]);
  });
  return graph.run("Sigmoid", [graph.run("Concat", levels, { axis: 2 })]);
}
