import { TensorProto_DataType as DataType } from "onnx-buf";
import {
  cellCorners,
  cellCount,
  centreBoxes,
  CLASS_NAMES,
  classColumns,
  classLogits,
  classRows,
  HEIGHT,
  type PixelMeaning,
  poolLevel,
  STRIDES,
  WIDTH,
} from "./cells.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { addFloatPicture, constantLayer } from "./yolo_recipes.ts";

const UNIT_RGB: PixelMeaning = { channels: "rgb", full: 1 };
/** Strides of NanoDet-Plus. */
const NANODET_STRIDES = [8, 16, 32, 64] as const;
/** Cell size of the transformers' queries. */
const QUERY_STRIDE = [8] as const;

/** How many bins each side's distribution has. */
const BINS = 8;

/**
 * `[1, 256, 34]` like NanoDet-Plus; `joint` makes classes and boxes with one layer a level, as it
 * does when it is exported, and cuts them apart afterwards. Its pixels are BGR, normalised by
 * NanoDet's mean and deviation; full brightness is about 2.4 there, and the class layer takes that
 * into account.
 */
export function nanodetPlus(joint: boolean): Uint8Array {
  const graph = new GraphBuilder(joint ? "nanodet_joint" : "nanodet_plus");
  const picture = graph.input("data", [1, 3, HEIGHT, WIDTH]);
  const mean = graph.floats([-103.53 / 57.375, -116.28 / 57.12, -123.675 / 58.395], [1, 3, 1, 1]);
  const scale = graph.floats([57.375 / 255, 57.12 / 255, 58.395 / 255], [1, 3, 1, 1]);
  // A layer first, as a real model has: the graph does not prepare the picture itself.
  const weight = graph.floats([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3, 1, 1]);
  const first = graph.run("Conv", [picture, weight]);
  const unit = graph.run("Mul", [graph.run("Sub", [first, mean]), scale]);
  const levels = NANODET_STRIDES.map((stride, level) => {
    const cells = poolLevel(graph, unit, stride);
    const meaning: PixelMeaning = { channels: "bgr", full: 1 };
    // Distances 0, 0, 1, 1 cells from the cell's corner: the box is the cell.
    const sides = [0, 0, 1, 1].flatMap((distance) =>
      Array.from({ length: BINS }, (_, bin) => bin === distance ? 30 : 0)
    );
    const name = `head.gfl_cls.${level}`;
    const [logits, boxes] = joint
      ? cutJoint(graph, jointLayer(graph, cells, level, meaning, sides), level)
      : [
        classLogits(graph, cells, level, meaning, name),
        constantLayer(graph, cells, sides, `head.gfl_reg.${level}`),
      ];
    const row = graph.run("Concat", [graph.run("Sigmoid", [logits!]), boxes!], { axis: 1 });
    return graph.run("Reshape", [row, graph.ints([1, CLASS_NAMES.length + 32, -1])]);
  });
  const columns = graph.run("Concat", levels, { axis: 2 });
  graph.run("Transpose", [columns], { perm: [0, 2, 1] }, "output");
  graph.output("output", [1, cellCount(NANODET_STRIDES), CLASS_NAMES.length + 32]);
  return graph.finish();
}

/** One layer that makes the class logits and then the boxes. */
function jointLayer(
  graph: GraphBuilder,
  cells: string,
  level: number,
  meaning: PixelMeaning,
  sides: readonly number[],
): string {
  const { weight, bias } = classRows(level, meaning);
  const rows = CLASS_NAMES.length + sides.length;
  const name = `head.gfl_cls.${level}`;
  return graph.run("Conv", [
    cells,
    graph.floats([...weight, ...sides.flatMap(() => [0, 0, 0])], [rows, 3, 1, 1], `${name}.weight`),
    graph.floats([...bias, ...sides], [rows], `${name}.bias`),
  ]);
}

function cutJoint(graph: GraphBuilder, logits: string, level: number): readonly string[] {
  const sizes = graph.ints([CLASS_NAMES.length, 4 * BINS]);
  return graph.runMany("Split", [logits, sizes], { axis: 1 }, [`cls${level}`, `reg${level}`]);
}

/** `logits [1, 192, 2]` and `pred_boxes [1, 192, 4]` like RT-DETR. */
export function detr(): Uint8Array {
  const graph = new GraphBuilder("detr");
  const picture = graph.input("pixel_values", ["batch", 3, HEIGHT, WIDTH]);
  const logits = queryLogits(graph, picture);
  graph.run("Identity", [logits], {}, "logits");
  const boxes = centreBoxes(cellCorners(QUERY_STRIDE)).map(normalise);
  const rows = cellCount(QUERY_STRIDE);
  graph.run("Identity", [graph.floats(boxes.flat(), [1, rows, 4])], {}, "pred_boxes");
  graph.output("logits", ["batch", rows, CLASS_NAMES.length]);
  graph.output("pred_boxes", ["batch", rows, 4]);
  return graph.finish();
}

/** `labels`, `boxes` and `scores` like a deployed D-FINE, with the size as a second input. */
export function detrDeploy(): Uint8Array {
  const graph = new GraphBuilder("detr_deploy");
  const picture = graph.input("images", ["N", 3, HEIGHT, WIDTH]);
  const size = graph.input("orig_target_sizes", ["N", 2], DataType.INT64);
  const scores = graph.run("Sigmoid", [queryLogits(graph, picture)]);
  const rows = cellCount(QUERY_STRIDE);
  graph.run("ArgMax", [scores], { axis: 2, keepdims: 0 }, "labels");
  graph.run("ReduceMax", [scores], { axes: [2], keepdims: 0 }, "scores");
  const corners = cellCorners(QUERY_STRIDE).map(normalise);
  const twice = graph.run("Concat", [size, size], { axis: 1 });
  const whole = graph.run("Reshape", [
    graph.run("Cast", [twice], { to: DataType.FLOAT }),
    graph.ints([1, 1, 4]),
  ]);
  graph.run("Mul", [graph.floats(corners.flat(), [1, rows, 4]), whole], {}, "boxes");
  graph.output("labels", ["N", rows], DataType.INT64);
  graph.output("boxes", ["N", rows, 4]);
  graph.output("scores", ["N", rows]);
  return graph.finish();
}

function queryLogits(graph: GraphBuilder, picture: string): string {
  const cells = poolLevel(graph, picture, QUERY_STRIDE[0]);
  const logits = classLogits(graph, cells, 0, UNIT_RGB, "class_embed");
  const columns = graph.run("Reshape", [logits, graph.ints([1, CLASS_NAMES.length, -1])]);
  return graph.run("Transpose", [columns], { perm: [0, 2, 1] });
}

function normalise(box: readonly number[]): number[] {
  return box.map((value, i) => value / (i % 2 === 0 ? WIDTH : HEIGHT));
}

/** Two pictures at once, as no detector here takes them. */
export function twoPictures(): Uint8Array {
  const graph = new GraphBuilder("two_pictures");
  const left = addFloatPicture(graph);
  const right = graph.input("more_images", [1, 3, HEIGHT, WIDTH]);
  graph.run("Identity", [classColumns(graph, graph.run("Add", [left, right]), UNIT_RGB)], {}, "y");
  graph.output("y", [1, CLASS_NAMES.length, cellCount()]);
  return graph.finish();
}

/** A classifier: one score per class for the whole picture. */
export function classifier(): Uint8Array {
  const graph = new GraphBuilder("classifier");
  const mean = graph.run("GlobalAveragePool", [addFloatPicture(graph)]);
  graph.run("Flatten", [mean], { axis: 1 }, "logits");
  graph.output("logits", [1, 3]);
  return graph.finish();
}

/** Rows of eleven numbers that fit no grid. */
export function unknownLayout(): Uint8Array {
  const graph = new GraphBuilder("unknown_layout");
  const mean = graph.run("GlobalAveragePool", [addFloatPicture(graph)]);
  const one = graph.run("ReduceMean", [mean], { axes: [1, 2, 3], keepdims: 1 });
  const row = graph.run("Reshape", [one, graph.ints([1, 1, 1])]);
  graph.run("Expand", [row, graph.ints([1, 77, 11])], {}, "rows");
  graph.output("rows", [1, 77, 11]);
  return graph.finish();
}

/** `[1, 4, 252]`: boxes for every cell and no class at all. */
export function zeroClasses(): Uint8Array {
  const graph = new GraphBuilder("zero_classes");
  const levels = STRIDES.map((stride, level) => {
    const cells = poolLevel(graph, addOnce(graph, level), stride);
    const boxes = constantLayer(graph, cells, [8, 8, 8, 8], `model.1.cv2.${level}.2`);
    return graph.run("Reshape", [boxes, graph.ints([1, 4, -1])]);
  });
  graph.run("Concat", levels, { axis: 2 }, "output0");
  graph.output("output0", [1, 4, cellCount()]);
  return graph.finish();
}

function addOnce(graph: GraphBuilder, level: number): string {
  return level === 0 ? addFloatPicture(graph) : "images";
}
