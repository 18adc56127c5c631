import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema } from "onnx-buf";
import { RECIPES } from "../../models/tiny/build.ts";
import { fakeModel } from "../../tests/support/fake_model.ts";
import { FoveaError } from "../core/errors.ts";
import { findHeads, type FindHeadsOptions } from "./find_heads.ts";
import { readModel } from "./read_model.ts";

function find(name: string, options: FindHeadsOptions = { classCount: 2 }) {
  return findHeads(readModel(RECIPES[name]!()), options);
}

/** Class layer, objectness layer and anchors of each level, layers by name. */
function levelsOf(name: string, options?: FindHeadsOptions): readonly string[] {
  const { layout: { layers, levels } } = find(name, options);
  return levels.map(({ classLayer, objectnessLayer, anchors }) => {
    const objectness = objectnessLayer === null ? "" : ` + ${layers[objectnessLayer]!.name}`;
    return `${layers[classLayer]!.name}${objectness}${anchors === 1 ? "" : ` x ${anchors}`}`;
  });
}

function refusal(name: string, options: FindHeadsOptions = {}): FoveaError {
  return assertThrows(() => find(name, options), FoveaError);
}

/** A tiny model with changes to its graph. */
function changed(name: string, change: (graph: GraphProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, RECIPES[name]!());
  change(model.graph!);
  return toBinary(ModelProtoSchema, model);
}

/** Gives every stored tensor a name that says nothing. */
function withoutNames(name: string): Uint8Array {
  return changed(name, (graph) => {
    const names = new Map(graph.initializer.map((tensor, i) => [tensor.name, `w${i}`]));
    for (const tensor of graph.initializer) tensor.name = names.get(tensor.name)!;
    for (const node of graph.node) node.input = node.input.map((n) => names.get(n) ?? n);
  });
}

function three(stem: string, tail = ""): string[] {
  return [0, 1, 2].map((level) => `${stem}.${level}${tail}`);
}

const LEVELS: Readonly<Record<string, readonly string[]>> = {
  detr: ["class_embed"],
  detr_linear: ["class_embed"],
  fovea_street: three("head.cls"),
  nanodet_joint: [...three("head.gfl_cls"), "head.gfl_cls.3"],
  nanodet_plus: [...three("head.gfl_cls"), "head.gfl_cls.3"],
  yolo26: three("model.1.one2one_cv3", ".2"),
  yolo_end2end: three("model.1.cv3", ".2"),
  yolo_nms: three("model.1.cv3", ".2"),
  yolo_v5_joint: [0, 1, 2].map((i) => `model.24.m.${i} + model.24.m.${i} x 3`),
  yolo_v8: three("model.1.cv3", ".2"),
  yolo_v8_half_head: three("model.1.cv3", ".2"),
  yolo_v8_joined: three("model.1.cv3", ".2"),
  yolo_v8_shared_head: Array(3).fill("model.1.cv3.0.2"),
  yolo_v8_uint8_nhwc: three("model.1.cv3", ".2"),
  yolox: [0, 1, 2].map((i) => `head.cls_preds.${i} + head.obj_preds.${i}`),
  yolox_dynamic: [0, 1, 2].map((i) => `head.cls_preds.${i} + head.obj_preds.${i}`),
};

for (const [name, levels] of Object.entries(LEVELS)) {
  Deno.test(`findHeads() finds the head of ${name}`, () => {
    assertEquals(levelsOf(name), levels);
  });
}

Deno.test("findHeads() finds the same where no name says anything", () => {
  for (const name of Object.keys(LEVELS)) {
    const options = { classCount: 2 };
    const { layout } = findHeads(readModel(withoutNames(name)), options);
    const known = find(name).layout;
    assertEquals(
      layout.levels.map(({ features, logits, objectnessLogits }) => [
        features,
        logits,
        objectnessLogits,
      ]),
      known.levels.map(({ features, logits, objectnessLogits }) => [
        features,
        logits,
        objectnessLogits,
      ]),
      name,
    );
  }
});

Deno.test("findHeads() tells one class from objectness by their order in a row", () => {
  const { layout } = findHeads(readModel(withoutNames("yolox_one_class")), { classCount: 1 });
  const named = find("yolox_one_class", { classCount: 1 }).layout;
  assertEquals(layout.levels.map(({ logits }) => logits), named.levels.map(({ logits }) => logits));
  assertEquals(
    layout.levels.map(({ objectnessLogits }) => objectnessLogits),
    named.levels.map(({ objectnessLogits }) => objectnessLogits),
  );
});

Deno.test("findHeads() tells classes, objectness and boxes of one layer apart by rows", () => {
  const [five] = find("yolo_v5_joint").layout.layers;
  assertEquals([five!.rows, five!.classRows, five!.objectnessRows], [21, [5, 12, 19], [4, 11, 18]]);
  const [nano] = find("nanodet_joint").layout.layers;
  assertEquals([nano!.rows, nano!.classRows, nano!.objectnessRows], [34, [0], []]);
});

Deno.test("findHeads() counts the classes where nobody says how many there are", () => {
  for (const name of ["yolo_v8", "yolox", "yolo26", "yolo_v5_joint", "nanodet_joint"]) {
    assertEquals(find(name, {}).layout.classCount, 2, name);
  }
});

Deno.test("findHeads() names the tensor in which boxes and scores of every anchor stand", () => {
  assertEquals(find("yolo_v8_joined").layout.predictions, { value: "output0", layout: "columns" });
  assertEquals(find("yolo26").layout.predictions?.layout, "columns");
  assertEquals(find("yolo_end2end").layout.predictions, null);
});

Deno.test("findHeads() says how it found the head, and whose names confirm it", () => {
  const findings = find("yolox").findings;
  assertEquals(findings.map(({ about, value }) => [about, value]), [
    ["head.class", "head.cls_preds.{0,1,2}"],
    ["head.objectness", "head.obj_preds.{0,1,2}"],
  ]);
  assertStringIncludes(findings[0]!.why, "names are those of YOLOX");
  assertStringIncludes(find("detr").findings[0]!.why, "reach an output as they are");
});

Deno.test("findHeads() takes layers by the name of a weight, an operation or a value", () => {
  const model = readModel(RECIPES["yolox"]!());
  const node = model.nodes.find(({ inputs }) => inputs.includes("head.cls_preds.0.weight"))!;
  const asked = [node.name, node.outputs[0]!, "head.cls_preds.0", "head.cls_preds.0.weight"];
  for (const name of asked) {
    const classLayers = [name, "head.cls_preds.1", "head.cls_preds.2.weight"];
    const { layout, findings } = findHeads(model, { classCount: 2, classLayers });
    assertEquals(layout.levels.map(({ classLayer }) => classLayer), [0, 1, 2]);
    assertEquals(findings[0]!.source, "flag");
  }
  const unknown = refusal("yolox", { classLayers: ["head.cls"] });
  assertStringIncludes(unknown.message, "no layer is so called");
  const boxes = refusal("yolox", { classCount: 2, classLayers: ["head.reg_preds.0"] });
  assertStringIncludes(boxes.message, "its channels do not become scores");
  assertEquals([unknown.code, boxes.code], ["HEAD_UNSUPPORTED", "HEAD_UNSUPPORTED"]);
});

const REFUSED: Readonly<Record<string, string>> = {
  classifier: "no layer with stored weights feeds the outputs",
  detr_deploy: "none of them become the scores of 80 classes",
  unknown_layout: "no layer with stored weights",
  yolo_v8_quantised_head: 'layer "model.1.cv3.0.2" (Conv) is quantised',
  zero_classes: "none of them become the scores",
};

for (const [name, words] of Object.entries(REFUSED)) {
  Deno.test(`findHeads() refuses ${name} and says why`, () => {
    const error = refusal(name, name === "detr_deploy" ? { classCount: 80 } : {});
    assertEquals(error.code, "HEAD_UNSUPPORTED");
    assertStringIncludes(error.message, words);
    assertEquals(error.hint !== null, true);
  });
}

Deno.test("findHeads() refuses layers that are not linear in every cell", () => {
  const wide = changed("yolo_v8", (graph) => {
    const weight = graph.initializer.find(({ name }) => name === "model.1.cv3.1.2.weight")!;
    weight.dims = [2n, 3n, 3n, 3n];
    weight.rawData = new Uint8Array(4 * 2 * 3 * 9);
  });
  const error = assertThrows(
    () => findHeads(readModel(wide), { classCount: 2 }),
    FoveaError,
    'layer "model.1.cv3.1.2" (Conv) is not linear in every cell',
  );
  assertEquals(error.code, "HEAD_UNSUPPORTED");
});

Deno.test("findHeads() refuses integer layers by name", () => {
  const model = fakeModel({
    outputs: { scores: [1, 2, 100] },
    nodes: [
      ["QLinearConv", ["x", "s", "z", "head.cls.0.weight", "s", "z", "s", "z"], ["q"]],
      ["DequantizeLinear", ["q", "s"], ["f"]],
      ["Sigmoid", ["f"], ["scores"]],
    ],
    weights: { "head.cls.0.weight": [2, 8, 1, 1] },
  });
  const error = assertThrows(() => findHeads(model, { classCount: 2 }), FoveaError);
  assertStringIncludes(error.message, 'layer "head.cls.0" (QLinearConv)');
  assertStringIncludes(error.message, "quantised");
});

Deno.test("findHeads() refuses levels whose scores are joined in a way it does not know", () => {
  const model = fakeModel({
    outputs: { scores: [1, 2, 200] },
    nodes: [
      ["Conv", ["images", "a.weight"], ["a"]],
      ["Conv", ["images", "b.weight"], ["b"]],
      ["Sigmoid", ["a"], ["sa"]],
      ["Sigmoid", ["b"], ["sb"]],
      ["Einsum", ["sa", "sb"], ["scores"]],
    ],
    weights: { "a.weight": [2, 8, 1, 1], "b.weight": [2, 8, 1, 1] },
  });
  const error = assertThrows(() => findHeads(model, { classCount: 2 }), FoveaError);
  assertStringIncludes(error.message, "how the class scores of a, b are joined");
});

Deno.test("findHeads() follows shapes that the graph computes", () => {
  const nodes = ["a", "b"].flatMap((level) =>
    [
      ["Conv", ["images", `${level}.weight`], [level]],
      ["Shape", [level], [`${level}.shape`]],
      ["Gather", [`${level}.shape`, "zero"], [`${level}.batch`]],
      ["Unsqueeze", [`${level}.batch`], [`${level}.first`], { axes: [0] }],
      ["Concat", [`${level}.first`, "classes", "rest"], [`${level}.target`], { axis: 0 }],
      ["Reshape", [level, `${level}.target`], [`${level}.rows`]],
    ] as const
  );
  const model = fakeModel({
    outputs: { scores: [1, 6, 200] },
    nodes: [
      ...nodes,
      ["Concat", ["a.rows", "b.rows"], ["rows"], { axis: 2 }],
      ["Sigmoid", ["rows"], ["scores"]],
    ],
    weights: { "a.weight": [6, 8, 1, 1], "b.weight": [6, 8, 1, 1] },
    constants: { zero: [0], classes: [6], rest: [-1] },
  });
  const { layout } = findHeads(model, { classCount: 6 });
  assertEquals(layout.levels.map(({ classLayer }) => layout.layers[classLayer]!.name), ["a", "b"]);
});
