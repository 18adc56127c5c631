import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { RECIPES } from "../../models/tiny/build.ts";
import { testWithShared } from "../../tests/support/shared.ts";
import { FoveaError } from "../core/errors.ts";
import { exposeHead, type ExposeOptions } from "./expose_head.ts";
import { findHeads } from "./find_heads.ts";
import { readModel } from "./read_model.ts";

function expose(bytes: Uint8Array, options: ExposeOptions = {}, classCount = 2) {
  const model = readModel(bytes);
  return exposeHead(bytes, model, findHeads(model, { classCount }), options);
}

function decode(bytes: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, bytes);
}

/** Entries by their own bytes. */
function bytesOf<Schema extends DescMessage>(
  schema: Schema,
  entries: readonly MessageShape<Schema>[],
): Set<string> {
  return new Set(entries.map((entry) => toBinary(schema, entry).join()));
}

/** Entries that are in one list and not in the other. */
function changedEntries<Schema extends DescMessage>(
  schema: Schema,
  before: readonly MessageShape<Schema>[],
  after: readonly MessageShape<Schema>[],
): readonly [gone: number, added: number] {
  const [a, b] = [bytesOf(schema, before), bytesOf(schema, after)];
  return [a.difference(b).size, b.difference(a).size];
}

function checkUntouched(name: string, bytes: Uint8Array, classCount: number): void {
  const { bytes: edited, inputs, layout } = expose(bytes, {}, classCount);
  const [before, after] = [decode(bytes), decode(edited)];
  const places = layout.layers.length;
  const [a, b] = [before.graph!, after.graph!];
  const [nodesGone, nodesAdded] = changedEntries(NodeProtoSchema, a.node, b.node);
  // Only the operations of the head are others; single rows are cut out by one operation more.
  assertEquals(nodesGone, places, name);
  assert(nodesAdded <= 2 * places, name);
  const [tensorsGone] = changedEntries(TensorProtoSchema, a.initializer, b.initializer);
  assertEquals(tensorsGone, inputs.length, name);
  assertEquals(changedEntries(ValueInfoProtoSchema, a.input, b.input), [0, inputs.length], name);
  assertEquals(changedEntries(ValueInfoProtoSchema, a.output, b.output)[0], 0, name);
  // Everything around the graph is the same to the byte.
  delete before.graph;
  delete after.graph;
  assertEquals(toBinary(ModelProtoSchema, after), toBinary(ModelProtoSchema, before), name);
}

Deno.test("exposeHead() touches nothing but the head", () => {
  for (const name of ["yolo_v8", "yolox", "yolo26", "nanodet_joint", "fovea_street"]) {
    checkUntouched(name, RECIPES[name]!(), 2);
  }
});

for (const name of ["yolox_nano_416x416", "yolov8n", "yolo26n"]) {
  testWithShared(`exposeHead() touches nothing but the head of ${name}`, [
    `models/${name}.onnx`,
  ], async ([path]) => {
    const bytes = await Deno.readFile(path);
    assertEquals(toBinary(ModelProtoSchema, decode(bytes)), bytes, "encoding changes no byte");
    checkUntouched(name, bytes, 80);
  });
}

Deno.test("exposeHead() keeps fields that it does not know", () => {
  const model = decode(RECIPES["yolo_v8"]!());
  model.graph!.node[0]!.$unknown = [{ no: 9_999, wireType: 2, data: new Uint8Array([2, 7, 8]) }];
  const { bytes } = expose(toBinary(ModelProtoSchema, model));
  assertEquals(decode(bytes).graph!.node[0]!.$unknown?.[0]?.no, 9_999);
});

Deno.test("exposeHead() says what to feed and where features and logits come out", () => {
  const { inputs, layout, bytes } = expose(RECIPES["yolox"]!());
  const read = readModel(bytes);
  const dims = new Map(read.inputs.map((input) => [input.name, input.dims]));
  for (const input of inputs) assertEquals(dims.get(input.name), input.dims);
  assertEquals(inputs.filter(({ role }) => role === "weight").map((input) => input.dims), [
    ...Array(3).fill([2, 3, 1, 1]),
    ...Array(3).fill([1, 3, 1, 1]),
  ]);
  const outputs = read.outputs.map(({ name }) => name);
  assertEquals(outputs[0], "output");
  for (const level of layout.levels) {
    const { features, logits, objectnessFeatures, objectnessLogits } = level;
    for (const name of [features, logits, objectnessFeatures!, objectnessLogits!]) {
      assert(outputs.includes(name), name);
    }
  }
  assertEquals(new Set(outputs).size, outputs.length);
});

testWithShared("exposeHead() feeds a single row that engines rearrange with one more", [
  "models/yolox_nano_416x416.onnx",
], async ([path]) => {
  const { inputs, layout } = expose(await Deno.readFile(path), {}, 80);
  const single = inputs.filter(({ layer }) => layout.layers[layer]!.rows === 1);
  assertEquals(single.map(({ dims, rows }) => [dims[0], rows]), Array(6).fill([2, 2]));
});

Deno.test("exposeHead() feeds a shared weight once", () => {
  const { inputs, layout, values } = expose(RECIPES["yolo_v8_shared_head"]!());
  assertEquals([inputs.length, layout.layers.length, values.length], [2, 1, 1]);
  assertEquals(layout.levels.map(({ classLayer }) => classLayer), [0, 0, 0]);
  assertEquals(new Set(layout.levels.map(({ features }) => features)).size, 3);
});

Deno.test("exposeHead() feeds float16 layers in float16", () => {
  const { inputs, values } = expose(RECIPES["yolo_v8_half_head"]!());
  assertEquals(inputs.every(({ type }) => type === "float16"), true);
  assertEquals([...values[0]!.weight], [20, 0, 0, 0, 0, 20]);
});

Deno.test("exposeHead() turns weights that are stored the other way round", () => {
  const { inputs, values } = expose(RECIPES["detr_linear"]!());
  assertEquals([inputs[0]!.dims, inputs[0]!.transposed], [[3, 2], true]);
  assertEquals([...values[0]!.weight], [20, 0, 0, 0, 0, 20]);
});

Deno.test("exposeHead() computes convolutions as products where asked", () => {
  const { inputs, bytes } = expose(RECIPES["yolo_v8"]!(), { form: "matmul" });
  assertEquals(inputs.map(({ dims }) => dims).slice(0, 2), [[2, 3], [2, 1]]);
  const operations = readModel(bytes).nodes.map(({ opType }) => opType);
  assertEquals([operations.includes("Conv"), operations.includes("MatMul")], [false, true]);
});

Deno.test("exposeHead() refuses products for files older than operator set 10", () => {
  const model = decode(RECIPES["yolo_v8"]!());
  model.opsetImport[0]!.version = 9n;
  const error = assertThrows(
    () => expose(toBinary(ModelProtoSchema, model), { form: "matmul" }),
    FoveaError,
    "operator set is 9",
  );
  assertEquals(error.code, "HEAD_UNSUPPORTED");
  assertStringIncludes(error.hint!, "conv");
});

Deno.test("exposeHead() takes weights out of the inputs of old files", () => {
  const model = decode(RECIPES["yolo_v8"]!());
  const graph = model.graph!;
  for (const { name } of [...graph.initializer]) {
    graph.input.push(create(ValueInfoProtoSchema, { ...graph.input[0]!, name }));
  }
  const { bytes, inputs } = expose(toBinary(ModelProtoSchema, model));
  const fed = readModel(bytes).inputs.map(({ name }) => name);
  assertEquals(fed, ["images", ...inputs.map(({ name }) => name)]);
});

Deno.test("exposeHead() leaves weights to others who read them", () => {
  const model = decode(RECIPES["yolo_v8"]!());
  addReader(model.graph!, "model.1.cv3.0.2.bias");
  const { bytes } = expose(toBinary(ModelProtoSchema, model));
  const names = readModel(bytes).initializers;
  assertEquals(names.has("model.1.cv3.0.2.bias"), true);
  assertEquals(names.has("model.1.cv3.0.2.weight"), false);
});

function addReader(graph: GraphProto, name: string): void {
  graph.node.push(create(NodeProtoSchema, { opType: "Neg", input: [name], output: ["other"] }));
}

Deno.test("exposeHead() takes a picture that goes straight into the head", () => {
  const model = decode(RECIPES["yolo_v8"]!());
  const pool = model.graph!.node.find(({ opType }) => opType === "AveragePool")!;
  model.graph!.node = model.graph!.node.filter((node) => node !== pool);
  for (const node of model.graph!.node) {
    node.input = node.input.map((name) => name === pool.output[0] ? "images" : name);
  }
  const { layout, bytes } = expose(toBinary(ModelProtoSchema, model));
  const outputs = readModel(bytes).outputs.map(({ name }) => name);
  assert(outputs.includes(layout.levels[0]!.features));
  assertEquals(layout.levels[0]!.features === "images", false);
});

Deno.test("exposeHead() gives the same bytes for the same file", () => {
  const bytes = RECIPES["yolox"]!();
  assertEquals(expose(bytes).bytes, expose(bytes).bytes);
});
