import { TensorProto_DataType as DataType } from "onnx-buf";
import {
  cellCorners,
  cellCount,
  centreBoxes,
  CLASS_NAMES,
  classColumns,
  classLogits,
  HEIGHT,
  type PixelMeaning,
  poolLevel,
  STRIDES,
  WIDTH,
} from "./cells.ts";
import { GraphBuilder } from "./graph_builder.ts";

const UNIT_RGB: PixelMeaning = { channels: "rgb", full: 1 };
const PICTURE = [1, 3, HEIGHT, WIDTH] as const;
const CHANNELS = 4 + CLASS_NAMES.length;

/** Makes a YOLOv8-like model; `pixels` names the picture as float32 RGB in 0–1. */
function makeYoloV8(
  name: string,
  addPicture: (graph: GraphBuilder) => string,
  finish: (graph: GraphBuilder, predictions: string) => void,
): Uint8Array {
  const graph = new GraphBuilder(name);
  const picture = addPicture(graph);
  const scores = classColumns(graph, picture, UNIT_RGB);
  const columns = transpose(centreBoxes(cellCorners()));
  const boxes = graph.floats(columns.flat(), [1, 4, cellCount()]);
  finish(graph, graph.run("Concat", [boxes, scores], { axis: 1 }));
  stateExport(graph, false);
  return graph.finish();
}

/** `[1, 6, 252]`, static, float32. */
export function yoloV8(): Uint8Array {
  return makeYoloV8("yolo_v8", addFloatPicture, addFloatOutput);
}

/** The same with float16 at both ends. */
export function yoloV8Float16(): Uint8Array {
  return makeYoloV8("yolo_v8_float16", (graph) => {
    const half = graph.input("images", PICTURE, DataType.FLOAT16);
    return graph.run("Cast", [half], { to: DataType.FLOAT });
  }, (graph, predictions) => {
    graph.run("Cast", [predictions], { to: DataType.FLOAT16 }, "output0");
    graph.output("output0", [1, CHANNELS, cellCount()], DataType.FLOAT16);
  });
}

/** The same for bytes with the channels last; the graph scales them itself. */
export function yoloV8Uint8Nhwc(): Uint8Array {
  return makeYoloV8("yolo_v8_uint8_nhwc", (graph) => {
    const bytes = graph.input("images", [1, HEIGHT, WIDTH, 3], DataType.UINT8);
    const floats = graph.run("Cast", [bytes], { to: DataType.FLOAT });
    const planes = graph.run("Transpose", [floats], { perm: [0, 3, 1, 2] });
    return graph.run("Div", [planes, graph.floats([255], [1])]);
  }, addFloatOutput);
}

/** The same with NaN as every score. */
export function yoloV8Nan(): Uint8Array {
  return makeYoloV8("yolo_v8_nan", addFloatPicture, (graph, predictions) => {
    graph.run("Mul", [predictions, graph.floats([NaN], [1])], {}, "output0");
    graph.output("output0", [1, CHANNELS, cellCount()]);
  });
}

/** The same with NaN scores in the first four cells and an infinite box in the fifth. */
export function yoloV8SomeNan(): Uint8Array {
  return makeYoloV8("yolo_v8_some_nan", addFloatPicture, (graph, predictions) => {
    const broken = new Float32Array(CHANNELS * cellCount());
    for (let cell = 0; cell < 4; cell++) broken[4 * cellCount() + cell] = NaN;
    broken[4] = Infinity;
    const noise = graph.floats([...broken], [1, CHANNELS, cellCount()]);
    graph.run("Add", [predictions, noise], {}, "output0");
    graph.output("output0", [1, CHANNELS, cellCount()]);
  });
}

/**
 * The same, but a picture with a pixel of full brightness keeps it busy for a trillion rounds of a
 * loop, each of them short.
 */
export function yoloV8Endless(): Uint8Array {
  let picture = "";
  return makeYoloV8(
    "yolo_v8_endless",
    (graph) => picture = addFloatPicture(graph),
    (graph, out) => {
      const brightest = graph.run("ReduceMax", [picture], { keepdims: 0 });
      // 1 where a channel of some pixel is at full brightness, 0 for the grey of the padding.
      const bright = graph.run("Floor", [graph.run("Add", [brightest, graph.floats([0.01], [])])]);
      const rounds = graph.run("Cast", [bright], { to: DataType.INT64 });
      const total = graph.run("Mul", [rounds, graph.ints([1e12], [])]);
      const body = new GraphBuilder("round");
      body.input("round", [], DataType.INT64);
      body.output(
        body.run("Identity", [body.input("go_on", [], DataType.BOOL)], {}, "go_on_out"),
        [],
        DataType.BOOL,
      );
      body.output(body.run("Cos", [body.input("value", [])], {}, "value_out"), []);
      const end = graph.run("Loop", [total, "", graph.floats([0], [])], { body });
      const nothing = graph.run("Mul", [end, graph.floats([0], [])]);
      graph.run("Add", [out, nothing], {}, "output0");
      graph.output("output0", [1, CHANNELS, cellCount()]);
    },
  );
}

/**
 * `[1, 252, 7]` raw YOLOX: BGR 0–255, boxes relative to the grid; open size if asked, and the
 * first `classes` of the two classes.
 */
export function yolox(dynamic: boolean, classes = CLASS_NAMES.length): Uint8Array {
  const graph = new GraphBuilder(
    dynamic ? "yolox_dynamic" : classes === 1 ? "yolox_one_class" : "yolox",
  );
  const picture = graph.input("images", dynamic ? ["batch", 3, "height", "width"] : PICTURE);
  const meaning: PixelMeaning = { channels: "bgr", full: 255 };
  const levels = STRIDES.map((stride, level) => {
    const cells = poolLevel(graph, picture, stride);
    // A box as big as its cell, around the cell's centre.
    const boxes = constantLayer(graph, cells, [0.5, 0.5, 0, 0], `head.reg_preds.${level}`);
    const objectness = constantLayer(graph, cells, [8], `head.obj_preds.${level}`);
    const scores = classLogits(graph, cells, level, meaning, `head.cls_preds.${level}`, classes);
    const parts = [boxes, graph.run("Sigmoid", [objectness]), graph.run("Sigmoid", [scores])];
    const row = graph.run("Concat", parts, { axis: 1 });
    return graph.run("Reshape", [row, graph.ints([1, 5 + classes, -1])]);
  });
  const columns = graph.run("Concat", levels, { axis: 2 });
  graph.run("Transpose", [columns], { perm: [0, 2, 1] }, "output");
  graph.output("output", [
    dynamic ? "batch" : 1,
    dynamic ? "anchors" : cellCount(),
    5 + classes,
  ]);
  return graph.finish();
}

/** `[1, 20, 6]`: the 20 best cells with corners, score and class. */
export function yoloEnd2end(): Uint8Array {
  const graph = new GraphBuilder("yolo_end2end");
  const scores = classColumns(graph, addFloatPicture(graph), UNIT_RGB);
  const [rows, best] = [20, graph.run("ReduceMax", [scores], { axes: [1], keepdims: 0 })];
  const classes = graph.run("ArgMax", [scores], { axis: 1, keepdims: 0 });
  const [top, index] = graph.runMany("TopK", [best, graph.ints([rows])], {}, ["top", "index"]);
  const flat = graph.run("Reshape", [index!, graph.ints([-1])]);
  const corners = graph.floats(cellCorners().flat(), [cellCount(), 4]);
  const boxes = graph.run("Reshape", [
    graph.run("Gather", [corners, flat], { axis: 0 }),
    graph.ints([1, rows, 4]),
  ]);
  const column = graph.ints([1, rows, 1]);
  const picked = graph.run("GatherElements", [classes, index!], { axis: 1 });
  const labels = graph.run("Cast", [picked], { to: DataType.FLOAT });
  const parts = [
    boxes,
    graph.run("Reshape", [top!, column]),
    graph.run("Reshape", [labels, column]),
  ];
  graph.run("Concat", parts, { axis: 2 }, "output0");
  graph.output("output0", [1, rows, 6]);
  stateExport(graph, true);
  return graph.finish();
}

/** `[1, boxes, 6]`: suppression inside the graph, as many rows as it leaves, none for grey. */
export function yoloNms(): Uint8Array {
  const graph = new GraphBuilder("yolo_nms");
  const scores = classColumns(graph, addFloatPicture(graph), UNIT_RGB);
  const corners = graph.floats(cellCorners().flat(), [1, cellCount(), 4]);
  const limits = [graph.ints([100]), graph.floats([0.5], [1]), graph.floats([0.01], [1])];
  const kept = graph.run("NonMaxSuppression", [corners, scores, ...limits]);
  const cells = graph.run("Gather", [kept, graph.ints([2])], { axis: 1 });
  const classes = graph.run("Gather", [kept, graph.ints([1])], { axis: 1 });
  const column = graph.ints([-1, 1]);
  const first = graph.ints([0]);
  const parts = [
    graph.run("GatherND", [graph.run("Squeeze", [corners, first]), cells]),
    graph.run("Reshape", [graph.run("GatherND", [scores, kept]), column]),
    graph.run("Cast", [classes], { to: DataType.FLOAT }),
  ];
  const rows = graph.run("Concat", parts, { axis: 1 });
  graph.run("Unsqueeze", [rows, first], {}, "output0");
  graph.output("output0", [1, "boxes", 6]);
  graph.state("names", "{0: 'red', 1: 'blue'}");
  return graph.finish();
}

/** `[1, 756, 7]`: three predictions for every cell, of which only the first one is sure. */
export function yoloV5(): Uint8Array {
  const graph = new GraphBuilder("yolo_v5");
  const scores = classColumns(graph, addFloatPicture(graph), UNIT_RGB);
  const rows = graph.run("Transpose", [scores], { perm: [0, 2, 1] });
  const anchors = [0.9, 0.001, 0].map((objectness) => {
    const boxes = centreBoxes(cellCorners()).map((box) => [...box, objectness]);
    const fixed = graph.floats(boxes.flat(), [1, cellCount(), 5]);
    return graph.run("Concat", [fixed, rows], { axis: 2 });
  });
  graph.run("Concat", anchors, { axis: 1 }, "output0");
  graph.output("output0", [1, 3 * cellCount(), 5 + CLASS_NAMES.length]);
  graph.state("stride", "32");
  graph.state("names", "{0: 'red', 1: 'blue'}");
  return graph.finish();
}

/** Declares the usual picture input. */
export function addFloatPicture(graph: GraphBuilder): string {
  return graph.input("images", PICTURE);
}

function addFloatOutput(graph: GraphBuilder, predictions: string): void {
  graph.run("Identity", [predictions], {}, "output0");
  graph.output("output0", [1, CHANNELS, cellCount()]);
}

/** A layer that says the same in every cell. */
export function constantLayer(
  graph: GraphBuilder,
  cells: string,
  values: readonly number[],
  name: string,
): string {
  const zeros = Array.from({ length: 3 * values.length }, () => 0);
  const weight = graph.floats(zeros, [values.length, 3, 1, 1], `${name}.weight`);
  return graph.run("Conv", [cells, weight, graph.floats(values, [values.length], `${name}.bias`)]);
}

/** States what Ultralytics states. */
export function stateExport(graph: GraphBuilder, end2end: boolean): void {
  graph.state("description", "A tiny detector of red and blue cells");
  graph.state("author", "Ultralytics");
  graph.state("stride", "32");
  graph.state("task", "detect");
  graph.state("imgsz", `[${HEIGHT}, ${WIDTH}]`);
  graph.state("names", "{0: 'red', 1: 'blue'}");
  graph.state("end2end", end2end ? "True" : "False");
}

/** Rows as columns. */
export function transpose(rows: readonly (readonly number[])[]): number[][] {
  return rows[0]!.map((_, column) => rows.map((row) => row[column]!));
}
