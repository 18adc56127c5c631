import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, StringStringEntryProtoSchema } from "onnx-buf";
import { RECIPES } from "../../models/tiny/build.ts";
import { grownHead, headOf, readHeaded } from "../../tests/support/exposed_model.ts";
import { FoveaError } from "../core/errors.ts";
import { HeadWeights } from "../core/head_weights.ts";
import { resolveSpec } from "../detector/resolve_spec.ts";
import { loadOnnxRuntimeNode } from "../engine/onnxruntime_node.ts";
import { bakeHead } from "./bake_head.ts";
import { readModel } from "./read_model.ts";

function bake(bytes: Uint8Array, head: HeadWeights): Uint8Array {
  const { model, find } = readHeaded(bytes);
  return bakeHead(bytes, model, head, find);
}

async function predict(bytes: Uint8Array): Promise<{ dims: readonly number[]; data: number[] }> {
  await using engine = await loadOnnxRuntimeNode(bytes);
  const { name, dims } = engine.inputs[0]!;
  const shape = dims.map((dim, i) => dim > 0 ? dim : [1, 3, 96, 128][i]!);
  const count = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: count }, (_, i) => (i * 7919 % 1009) / 1009);
  engine.setInput(name, { type: "float32", dims: shape, data });
  const output = (await engine.run()).get(engine.outputs[0]!.name);
  return { dims: output.dims, data: Array.from(output.data as Float32Array) };
}

/** Where the classes end among the channels of an output, and along which axis those lie. */
const GROWING: Readonly<Record<string, { readonly axis: 1 | 2; readonly end: number }>> = {
  detr: { axis: 2, end: 2 },
  detr_linear: { axis: 2, end: 2 },
  fovea_street: { axis: 1, end: 6 },
  nanodet_joint: { axis: 2, end: 2 },
  nanodet_plus: { axis: 2, end: 2 },
  yolo_v5_joint: { axis: 2, end: 7 },
  yolo_v8: { axis: 1, end: 6 },
  yolo_v8_half_head: { axis: 1, end: 6 },
  yolo_v8_joined: { axis: 1, end: 6 },
  yolo_v8_shared_head: { axis: 1, end: 6 },
  yolox: { axis: 2, end: 7 },
  yolox_dynamic: { axis: 2, end: 7 },
};

for (const [name, { axis, end }] of Object.entries(GROWING)) {
  Deno.test(`bakeHead() appends classes to ${name} and keeps every bit of the old ones`, async () => {
    const bytes = RECIPES[name]!();
    const [before, after] = [
      await predict(bytes),
      await predict(bake(bytes, grownHead(bytes, 3, 0))),
    ];
    const grown = before.dims.map((dim, i) => i === axis ? dim + 3 : dim);
    assertEquals(after.dims, grown);
    const at = ({ dims, data }: typeof before, channel: number, row: number) =>
      axis === 1 ? data[channel * dims[2]! + row] : data[row * dims[2]! + channel];
    const rows = before.dims[axis === 1 ? 2 : 1]!;
    for (let row = 0; row < rows; row++) {
      for (let channel = 0; channel < grown[axis]!; channel++) {
        const isNew = channel >= end && channel < end + 3;
        const old = channel < end ? channel : channel - 3;
        const expected = isNew ? (name.startsWith("detr") ? 0 : 0.5) : at(before, old, row);
        assert(Object.is(at(after, channel, row), expected), `row ${row}, channel ${channel}`);
      }
    }
  });
}

Deno.test("bakeHead() appends classes to models that pick rows and classes themselves", async () => {
  for (const name of ["yolo26", "yolo_end2end"]) {
    const bytes = RECIPES[name]!();
    // Too weak to be picked: nothing changes, whatever the numbers are by which classes are counted.
    const [before, never] = [
      await predict(bytes),
      await predict(bake(bytes, grownHead(bytes, 3, -90))),
    ];
    assertEquals(never, before, name);
    // Stronger than all others: picked everywhere, under its own number.
    const { data, dims } = await predict(bake(bytes, grownHead(bytes, 1, 9)));
    assertEquals(dims, before.dims, name);
    for (let row = 0; row < dims[1]!; row++) {
      assertEquals([data[6 * row + 4]! > 0.99, data[6 * row + 5]], [true, 2], name);
    }
  }
});

Deno.test("bakeHead() refuses to append where an operation does not take more channels", () => {
  const bytes = RECIPES["yolo_v8_some_nan"]!();
  const error = assertThrows(() => bake(bytes, grownHead(bytes, 1, 0)), FoveaError);
  assertEquals(error.code, "HEAD_UNSUPPORTED");
  assertStringIncludes(error.message, "Add takes 6 numbers, one for each channel");
  const suppressing = RECIPES["yolo_nms"]!();
  assertThrows(
    () => bake(suppressing, grownHead(suppressing, 1, 0)),
    FoveaError,
    "NonMaxSuppression is not understood",
  );
});

Deno.test("bakeHead() refuses a head of other layers or fewer classes", () => {
  const bytes = RECIPES["yolo_v8"]!();
  const other = headOf(readHeaded(RECIPES["fovea_street"]!()));
  const layers = assertThrows(() => bake(bytes, other), FoveaError);
  assertStringIncludes(layers.message, 'its layer 0 is "head.cls.0" [2, 3]');
  const less = headOf(readHeaded(RECIPES["yolox_one_class"]!()));
  const classes = assertThrows(() => bake(bytes, less), FoveaError);
  assertStringIncludes(classes.message, "it has 1 classes, the model has 2");
  assertEquals([layers.code, classes.code], ["HEAD_MISMATCH", "HEAD_MISMATCH"]);
});

Deno.test("bakeHead() writes class names the way the file has them", () => {
  const styles: readonly (readonly [string | null, string | undefined])[] = [
    ["{0: 'red', 1: 'blue'}", `{0: 'class 0', 1: 'class 1', 2: 'new 0'}`],
    ['{"0": "red", "1": "blue"}', '{"0":"class 0","1":"class 1","2":"new 0"}'],
    ["['red', 'blue']", '["class 0","class 1","new 0"]'],
    [null, `{0: 'class 0', 1: 'class 1', 2: 'new 0'}`],
  ];
  for (const [names, expected] of styles) {
    const model = fromBinary(ModelProtoSchema, RECIPES["fovea_street"]!());
    model.metadataProps = names === null
      ? []
      : [create(StringStringEntryProtoSchema, { key: "names", value: names })];
    const bytes = toBinary(ModelProtoSchema, model);
    const baked = readModel(bake(bytes, grownHead(bytes, 1, 0)));
    assertEquals(baked.metadata.get("names"), expected);
    assertEquals(resolveSpec(baked).classNames, ["class 0", "class 1", "new 0"]);
  }
});

Deno.test("bakeHead() leaves a file without names without them unless it grows", () => {
  const bytes = RECIPES["yolox"]!();
  const baked = readModel(bake(bytes, headOf(readHeaded(bytes))));
  assertEquals(baked.metadata.has("names"), false);
});

Deno.test("bakeHead() quotes names that are not plain", () => {
  const headed = readHeaded(RECIPES["yolo_v8"]!());
  const shipped = headOf(headed);
  const classNames = ["driver's \\ door", 'a "quoted"\nname'];
  const head = new HeadWeights({
    ...shipped,
    version: 1,
    classNames,
    values: shipped.layers.map((_, i) => shipped.layer(i)),
  });
  const baked = readModel(bakeHead(headed.bytes, headed.model, head, headed.find));
  assertEquals(resolveSpec(baked).classNames, classNames);
});

Deno.test("bakeHead() states which head the file carries", () => {
  const bytes = RECIPES["yolo_v8"]!();
  const head = headOf(readHeaded(bytes), (value) => 2 * value, 7);
  const { metadata } = readModel(bake(bytes, head));
  assertEquals(JSON.parse(metadata.get("fovea.head")!), { sha256: head.hash, version: 7 });
  assertEquals(metadata.get("fovea.head.model"), head.model);
});

Deno.test("bakeHead() gives a layer a bias that has none, where the head has one", async () => {
  const model = fromBinary(ModelProtoSchema, RECIPES["detr_linear"]!());
  const graph = model.graph!;
  const add = graph.node.find(({ output }) => output[0] === "logits")!;
  const product = graph.node.find(({ opType }) => opType === "MatMul")!;
  graph.node = graph.node.filter((node) => node !== add);
  product.output[0] = "logits";
  const bytes = toBinary(ModelProtoSchema, model);
  const shipped = headOf(readHeaded(bytes));
  assertEquals([...shipped.layer(0).bias], [0, 0]);
  const head = shipped.withValues([
    { weight: shipped.layer(0).weight, bias: new Float32Array([1, 2]) },
  ], 1);
  const [before, after] = [await predict(bytes), await predict(bake(bytes, head))];
  assertEquals(after.data, before.data.map((value, i) => Math.fround(value + 1 + i % 2)));
});
