// Models whose heads are built the other ways that exporters build them. They see what their
// brothers see; what differs is where the class layers stand and how their channels get out.
import { TensorProto_DataType as DataType } from "onnx-buf";
import {
  cellCorners,
  cellCount,
  centreBoxes,
  CLASS_NAMES,
  classLogits,
  classRows,
  HEIGHT,
  type PixelMeaning,
  poolLevel,
  STRIDES,
  WIDTH,
} from "./cells.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { addFloatPicture, constantLayer, stateExport, transpose } from "./yolo_recipes.ts";

const UNIT_RGB: PixelMeaning = { channels: "rgb", full: 1 };
const CLASSES = CLASS_NAMES.length;

/** Centres of all cells, `[1, 2, cells]`, and their sides, `[1, cells]`, in pixels. */
function cellColumns(graph: GraphBuilder): { readonly centres: string; readonly sides: string } {
  const [x, y, width] = transpose(centreBoxes(cellCorners()));
  return {
    centres: graph.floats([...x!, ...y!], [1, 2, cellCount()]),
    sides: graph.floats(width!, [1, cellCount()]),
  };
}

/** Joins the levels of `[1, channels, rows, columns]` to `[1, channels, cells]`. */
function joinCells(graph: GraphBuilder, levels: readonly string[], channels: number): string {
  const flat = levels.map((level) => graph.run("Reshape", [level, graph.ints([1, channels, -1])]));
  return graph.run("Concat", flat, { axis: 2 });
}

/** Two of the four distances `[1, 4, cells]` to a box's sides, in cells. */
function sliceRows(graph: GraphBuilder, rows: string, from: number, to: number): string {
  return graph.run("Slice", [rows, graph.ints([from]), graph.ints([to]), graph.ints([1])]);
}

/** As the recipe of fovea's own detector: `head.cls.*`, distances in strides, sizes summed. */
export function foveaStreet(): Uint8Array {
  const graph = new GraphBuilder("fovea_street");
  const picture = addFloatPicture(graph);
  const cells = STRIDES.map((stride) => poolLevel(graph, picture, stride));
  const classes = cells.map((level, i) => classLogits(graph, level, i, UNIT_RGB, `head.cls.${i}`));
  const boxes = cells.map((level, i) =>
    constantLayer(graph, level, [0.5, 0.5, 0.5, 0.5], `head.box.${i}`)
  );
  const scores = graph.run("Sigmoid", [joinCells(graph, classes, CLASSES)]);
  const { centres, sides } = cellColumns(graph);
  const distances = graph.run("Mul", [
    graph.run("Relu", [joinCells(graph, boxes, 4)]),
    sides,
  ]);
  const [near, far] = [sliceRows(graph, distances, 0, 2), sliceRows(graph, distances, 2, 4)];
  const shift = graph.run("Mul", [graph.run("Sub", [far, near]), graph.floats([0.5], [1])]);
  const parts = [graph.run("Add", [centres, shift]), graph.run("Add", [near, far]), scores];
  graph.run("Concat", parts, { axis: 1 }, "output0");
  graph.output("output0", [1, 4 + CLASSES, cellCount()]);
  stateExport(graph, false);
  return graph.finish();
}

/** YOLOv8 as it was exported for years: boxes and classes joined in every level, cut afterwards. */
export function yoloV8Joined(): Uint8Array {
  const graph = new GraphBuilder("yolo_v8_joined");
  const picture = addFloatPicture(graph);
  const bins = 2;
  const levels = STRIDES.map((stride, i) => {
    const cells = poolLevel(graph, picture, stride);
    // Equal logits of two bins: half a cell to every side.
    const boxes = constantLayer(graph, cells, new Array(4 * bins).fill(1), `model.1.cv2.${i}.2`);
    const classes = classLogits(graph, cells, i, UNIT_RGB, `model.1.cv3.${i}.2`);
    return graph.run("Concat", [boxes, classes], { axis: 1 });
  });
  const joined = joinCells(graph, levels, 4 * bins + CLASSES);
  const sizes = graph.ints([4 * bins, CLASSES]);
  const [boxes, classes] = graph.runMany("Split", [joined, sizes], { axis: 1 }, ["box", "cls"]);
  const sides = graph.run("Reshape", [boxes!, graph.ints([1, 4, bins, cellCount()])]);
  const shares = graph.run(
    "Softmax",
    [graph.run("Transpose", [sides], { perm: [0, 2, 1, 3] })],
    { axis: 1 },
  );
  const integral = graph.floats([0, 1], [1, bins, 1, 1], "model.1.dfl.conv.weight");
  const distances = graph.run("Reshape", [
    graph.run("Conv", [shares, integral]),
    graph.ints([1, 4, cellCount()]),
  ]);
  finishYoloV8(graph, distances, graph.run("Sigmoid", [classes!]));
  return graph.finish();
}

/** Boxes from distances in cells, then the usual output. */
function finishYoloV8(graph: GraphBuilder, distances: string, scores: string): void {
  const { centres, sides } = cellColumns(graph);
  const scaled = graph.run("Mul", [distances, sides]);
  const [near, far] = [sliceRows(graph, scaled, 0, 2), sliceRows(graph, scaled, 2, 4)];
  const [from, to] = [graph.run("Sub", [centres, near]), graph.run("Add", [centres, far])];
  const middle = graph.run("Div", [graph.run("Add", [from, to]), graph.floats([2], [])]);
  const boxes = graph.run("Concat", [middle, graph.run("Sub", [to, from])], { axis: 1 });
  graph.run("Concat", [boxes, scores], { axis: 1 }, "output0");
  graph.output("output0", [1, 4 + CLASSES, cellCount()]);
  stateExport(graph, false);
}

/**
 * YOLO26: the one-to-one head picks 20 rows, and its one-to-many twin, which only training needs,
 * is still in the file and feeds nothing.
 */
export function yolo26(): Uint8Array {
  const graph = new GraphBuilder("yolo26");
  const picture = addFloatPicture(graph);
  const rows = 20;
  const cells = STRIDES.map((stride) => poolLevel(graph, picture, stride));
  const [, classes] = ["", "one2one_"].map((head) =>
    cells.map((level, i) => classLogits(graph, level, i, UNIT_RGB, `model.1.${head}cv3.${i}.2`))
  );
  const boxes = cells.map((level, i) =>
    constantLayer(graph, level, [0.5, 0.5, 0.5, 0.5], `model.1.one2one_cv2.${i}.2`)
  );
  const distances = joinCells(graph, boxes, 4);
  const [near, far] = [sliceRows(graph, distances, 0, 2), sliceRows(graph, distances, 2, 4)];
  const { centres, sides } = cellColumns(graph);
  const grid = graph.run("Div", [centres, sides]);
  const corners = [graph.run("Sub", [grid, near]), graph.run("Add", [grid, far])];
  const scaled = graph.run("Mul", [graph.run("Concat", corners, { axis: 1 }), sides]);
  const scores = graph.run("Sigmoid", [joinCells(graph, classes!, CLASSES)]);
  const columns = graph.run("Concat", [scaled, scores], { axis: 1 });
  pickRows(graph, graph.run("Transpose", [columns], { perm: [0, 2, 1] }), rows);
  graph.output("output0", [1, rows, 6]);
  stateExport(graph, true);
  return graph.finish();
}

/** The best rows by their best class, and of these the best pairs of row and class. */
function pickRows(graph: GraphBuilder, predictions: string, rows: number): void {
  const sizes = graph.ints([4, CLASSES]);
  const [boxes, scores] = graph.runMany("Split", [predictions, sizes], { axis: 2 }, ["b", "s"]);
  const best = graph.run("ReduceMax", [scores!], { axes: [2], keepdims: 0 });
  const count = graph.ints([rows]);
  const [, index] = graph.runMany("TopK", [best, count], {}, ["best", "index"]);
  const column = graph.run("Unsqueeze", [index!, graph.ints([2])]);
  const repeated = graph.run("Tile", [column, graph.ints([1, 1, CLASSES])]);
  const picked = graph.run("GatherElements", [scores!, repeated], { axis: 1 });
  const flat = graph.run("Flatten", [picked], { axis: 1 });
  const [top, place] = graph.runMany("TopK", [flat, count], {}, ["top", "place"]);
  const classCount = graph.ints([CLASSES], []);
  const row = graph.run("Div", [place!, classCount]);
  const label = graph.run("Mod", [place!, classCount]);
  const anchors = graph.run("Unsqueeze", [
    graph.run("GatherElements", [index!, row], { axis: 1 }),
    graph.ints([2]),
  ]);
  const four = graph.run("Tile", [anchors, graph.ints([1, 1, 4])]);
  const parts = [
    graph.run("GatherElements", [boxes!, four], { axis: 1 }),
    graph.run("Unsqueeze", [top!, graph.ints([2])]),
    graph.run("Unsqueeze", [
      graph.run("Cast", [label], { to: DataType.FLOAT }),
      graph.ints([2]),
    ]),
  ];
  graph.run("Concat", parts, { axis: 2 }, "output0");
}

/** YOLOv5 with its real head: one layer a level makes boxes, objectness and classes of 3 anchors. */
export function yoloV5Joint(): Uint8Array {
  const graph = new GraphBuilder("yolo_v5_joint");
  const picture = addFloatPicture(graph);
  const step = 5 + CLASSES;
  const levels = STRIDES.map((stride, level) => {
    const [columns, rows] = [WIDTH / stride, HEIGHT / stride];
    const logits = jointLayer(graph, poolLevel(graph, picture, stride), level);
    const anchors = graph.run("Transpose", [
      graph.run("Reshape", [logits, graph.ints([1, 3, step, rows, columns])]),
    ], { perm: [0, 1, 3, 4, 2] });
    const sizes = graph.ints([2, 2, 1 + CLASSES]);
    const [xy, wh, scores] = graph.runMany(
      "Split",
      [
        graph.run("Sigmoid", [anchors]),
        sizes,
      ],
      { axis: 4 },
      [`xy${level}`, `wh${level}`, `scores${level}`],
    );
    const grid = Array.from({ length: rows * columns }, (_, cell) => [
      cell % columns - 0.5,
      Math.floor(cell / columns) - 0.5,
    ]);
    const two = graph.floats([2], []);
    const shifted = graph.run("Add", [
      graph.run("Mul", [xy!, two]),
      graph.floats(grid.flat(), [1, 1, rows, columns, 2]),
    ]);
    const centre = graph.run("Mul", [shifted, graph.floats([stride], [])]);
    const size = graph.run("Mul", [
      graph.run("Pow", [graph.run("Mul", [wh!, two]), two]),
      graph.floats([stride], []),
    ]);
    const whole = graph.run("Concat", [centre, size, scores!], { axis: 4 });
    return graph.run("Reshape", [whole, graph.ints([1, 3 * rows * columns, step])]);
  });
  graph.run("Concat", levels, { axis: 1 }, "output0");
  graph.output("output0", [1, 3 * cellCount(), step]);
  graph.state("stride", "32");
  graph.state("names", "{0: 'red', 1: 'blue'}");
  return graph.finish();
}

/** Three anchors of a box as big as the cell; only the first one is sure that something is there. */
function jointLayer(graph: GraphBuilder, cells: string, level: number): string {
  const { weight, bias } = classRows(level, UNIT_RGB);
  const zeros = new Array<number>(3 * 5).fill(0);
  const weights = [0, 1, 2].flatMap(() => [...zeros, ...weight]);
  const biases = [8, -20, -20].flatMap((objectness) => [0, 0, 0, 0, objectness, ...bias]);
  const name = `model.24.m.${level}`;
  return graph.run("Conv", [
    cells,
    graph.floats(weights, [biases.length, 3, 1, 1], `${name}.weight`),
    graph.floats(biases, [biases.length], `${name}.bias`),
  ]);
}

/** RT-DETR whose class layer is a matrix product with a bias behind it. */
export function detrLinear(): Uint8Array {
  const graph = new GraphBuilder("detr_linear");
  const picture = graph.input("pixel_values", [1, 3, HEIGHT, WIDTH]);
  const rows = cellCount([8]);
  const cells = graph.run("Reshape", [poolLevel(graph, picture, 8), graph.ints([1, 3, rows])]);
  const queries = graph.run("Transpose", [cells], { perm: [0, 2, 1] });
  const { weight, bias } = classRows(0, UNIT_RGB);
  const columns = transpose([weight.slice(0, 3), weight.slice(3)]).flat();
  const product = graph.run("MatMul", [
    queries,
    graph.floats(columns, [3, CLASSES], "class_embed.weight"),
  ]);
  graph.run("Add", [graph.floats(bias, [CLASSES], "class_embed.bias"), product], {}, "logits");
  const boxes = centreBoxes(cellCorners([8])).map(([x, y, width, height]) => [
    x! / WIDTH,
    y! / HEIGHT,
    width! / WIDTH,
    height! / HEIGHT,
  ]);
  graph.run("Identity", [graph.floats(boxes.flat(), [1, rows, 4])], {}, "pred_boxes");
  graph.output("logits", [1, rows, CLASSES]);
  graph.output("pred_boxes", [1, rows, 4]);
  return graph.finish();
}

/** How the class layers of {@linkcode yoloV8Stored} are stored. */
export type Storage = "float16" | "int8" | "once";

/** YOLOv8 whose class layers compute in float16, are quantised, or share one weight. */
export function yoloV8Stored(storage: Storage): Uint8Array {
  const graph = new GraphBuilder(`yolo_v8_${storage}`);
  const picture = addFloatPicture(graph);
  const once = storage === "once" ? storeClasses(graph, storage, "model.1.cv3.0.2") : null;
  const levels = STRIDES.map((stride, level) => {
    const cells = poolLevel(graph, picture, stride);
    const half = storage === "float16";
    const read = half ? graph.run("Cast", [cells], { to: DataType.FLOAT16 }) : cells;
    const stored = once ?? storeClasses(graph, storage, `model.1.cv3.${level}.2`);
    return graph.run("Conv", [read, ...stored]);
  });
  const scores = graph.run("Sigmoid", [joinCells(graph, levels, CLASSES)]);
  const floats = graph.run("Cast", [scores], { to: DataType.FLOAT });
  const boxes = graph.floats(transpose(centreBoxes(cellCorners())).flat(), [1, 4, cellCount()]);
  graph.run("Concat", [boxes, floats], { axis: 1 }, "output0");
  graph.output("output0", [1, 4 + CLASSES, cellCount()]);
  stateExport(graph, false);
  return graph.finish();
}

/** Weight and bias of a class layer that reports at every level. */
function storeClasses(graph: GraphBuilder, storage: Storage, name: string): readonly string[] {
  const { weight, bias } = classRows(0, UNIT_RGB);
  const shape = [CLASSES, 3, 1, 1];
  if (storage === "float16") {
    return [
      graph.halves(weight, shape, `${name}.weight`),
      graph.halves(bias, [CLASSES], `${name}.bias`),
    ];
  }
  const biases = graph.floats(bias, [CLASSES], `${name}.bias`);
  if (storage === "once") return [graph.floats(weight, shape, `${name}.weight`), biases];
  const quantised = graph.bytes(weight.map((value) => value * 5), shape, `${name}.weight`);
  return [graph.run("DequantizeLinear", [quantised, graph.floats([0.2], [])]), biases];
}
