import { assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TypeProto_SequenceSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { RECIPES } from "../../models/tiny/build.ts";
import { FoveaError } from "../core/errors.ts";
import { readModel } from "./read_model.ts";

const WHOLE = RECIPES["yolo_v8"]!();

function changed(change: (graph: GraphProto, model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, WHOLE);
  change(model.graph!, model);
  return toBinary(ModelProtoSchema, model);
}

function refusal(bytes: Uint8Array): FoveaError {
  return assertThrows(() => readModel(bytes), FoveaError);
}

Deno.test("readModel() tells inputs, outputs, operations, weights and metadata", () => {
  const model = readModel(WHOLE);
  assertEquals(model.inputs, [{ name: "images", type: "float32", dims: [1, 3, 96, 128] }]);
  assertEquals(model.outputs, [{ name: "output0", type: "float32", dims: [1, 6, 252] }]);
  assertEquals([model.irVersion, model.opset, model.producer], [8, 13, "fovea tiny"]);
  assertEquals(model.metadata.get("names"), "{0: 'red', 1: 'blue'}");
  assertEquals(model.nodes.filter(({ opType }) => opType === "Conv").length, 3);
  assertEquals(model.initializers.get("model.1.cv3.0.2.weight"), {
    name: "model.1.cv3.0.2.weight",
    type: "float",
    dims: [2, 3, 1, 1],
  });
  assertEquals(model.byteLength, WHOLE.length);
});

Deno.test("readModel() tells open dimensions as -1 and keeps other element types", () => {
  const { inputs, outputs } = readModel(RECIPES["yolox_dynamic"]!());
  assertEquals([inputs[0]!.dims, outputs[0]!.dims], [[-1, 3, -1, -1], [-1, -1, 7]]);
  const bytes = readModel(RECIPES["yolo_v8_uint8_nhwc"]!());
  assertEquals(bytes.inputs[0], { name: "images", type: "uint8", dims: [1, 96, 128, 3] });
});

Deno.test("readModel() takes an output without a shape as one of unknown rank", () => {
  const model = readModel(changed((graph) => {
    const tensor = graph.output[0]!.type!.value;
    if (tensor.case === "tensorType") delete tensor.value.shape;
  }));
  assertEquals(model.outputs[0]!.dims, [-1]);
  const bare = readModel(changed((graph) => delete graph.output[0]!.type));
  assertEquals(bare.outputs[0]!.dims, [-1]);
});

Deno.test("readModel() leaves initializers out of the inputs", () => {
  const model = readModel(changed((graph) => {
    const { name } = graph.initializer[0]!;
    graph.input.push(create(ValueInfoProtoSchema, { ...graph.input[0]!, name }));
  }));
  assertEquals(model.inputs.map(({ name }) => name), ["images"]);
});

Deno.test("readModel() reads small constants and no big ones", () => {
  const model = readModel(WHOLE);
  assertEquals(model.constant("model.1.cv3.0.2.weight"), [20, 0, 0, 0, 0, 20]);
  assertEquals(model.constant("images"), null);
  const boxes = readModel(RECIPES["yolo_v5"]!());
  const big = boxes.initializers.values().find(({ dims }) => dims[2] === 5)!;
  assertEquals([big.dims, boxes.constant(big.name) === null], [[1, 252, 5], true]);
});

Deno.test("readModel() refuses every file that ends before its operator set", () => {
  const bare = changed((_graph, model) => {
    model.metadataProps = [];
  });
  for (let length = 0; length < bare.length; length++) {
    const error = refusal(bare.subarray(0, length));
    assertEquals(error.code, "MODEL_INVALID", `${length} of ${bare.length} bytes`);
  }
  assertEquals(readModel(bare).metadata.size, 0);
});

Deno.test("readModel() says what a file looks like that is no ONNX", () => {
  const encoder = new TextEncoder();
  const kinds: readonly (readonly [Uint8Array, string])[] = [
    [new Uint8Array(), "the file is empty"],
    [new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70]), "a JPEG picture"],
    [encoder.encode("<!DOCTYPE html><html><body>404</body></html>"), "an HTML page"],
    [encoder.encode("\x1c\0\0\0TFL3 and more of the file"), "a TensorFlow Lite model"],
    [encoder.encode("PK\x03\x04archive/data.pkl"), "PyTorch"],
    [encoder.encode("version https://git-lfs.github.com/spec/v1"), "Git LFS"],
    [encoder.encode('{"format": "graph-model"}'), "a JSON file"],
    [encoder.encode("just some notes about a model"), "a text file"],
  ];
  for (const [bytes, words] of kinds) {
    const error = refusal(bytes);
    assertEquals(error.code, "MODEL_INVALID");
    assertStringIncludes(error.message, words);
    assertEquals(error.hint !== null, true);
  }
});

Deno.test("readModel() finds weights that are not what they state", () => {
  const short = refusal(changed((graph) => {
    graph.initializer[0]!.rawData = new Uint8Array(3);
  }));
  assertStringIncludes(short.message, "holds 3 of 24 bytes");
  const none = refusal(changed((graph) => {
    graph.initializer[0]!.rawData = new Uint8Array();
  }));
  assertStringIncludes(none.message, "holds 0 of 24 bytes");
  const absurd = refusal(changed((graph) => {
    graph.initializer[0]!.dims = [2n ** 40n, 2n ** 40n];
  }));
  assertStringIncludes(absurd.message, "no file can hold");
  const negative = refusal(changed((graph) => {
    graph.initializer[0]!.dims = [-6n];
  }));
  assertStringIncludes(negative.message, "dimension of -6");
  const typed = refusal(changed((graph) => {
    const tensor = graph.initializer[0]!;
    tensor.rawData = new Uint8Array();
    tensor.floatData = [1, 2];
  }));
  assertStringIncludes(typed.message, "holds 2 of 6 elements");
});

Deno.test("readModel() finds a graph that is torn, cyclic or empty", () => {
  const cases: readonly (readonly [(graph: GraphProto, model: ModelProto) => void, string])[] = [
    [(graph) => graph.node[2]!.input[0] = "nowhere", 'reads "nowhere", which nothing makes'],
    [(graph) => graph.node.reverse(), "cycle or no order"],
    [(graph) => graph.node[1]!.output[0] = graph.node[0]!.output[0]!, "is made twice"],
    [(graph) => graph.node[0]!.opType = "", "has no type"],
    [(graph) => graph.output[0]!.name = "other", 'nothing makes its output "other"'],
    [(graph) => graph.output = [], "no output"],
    [(graph) => graph.node = [], "holds no operation"],
    [(_graph, model) => delete model.graph, "holds no graph"],
    [(_graph, model) => model.opsetImport = [], "no operator set"],
  ];
  for (const [change, words] of cases) {
    const error = refusal(changed(change));
    assertEquals(error.code, "MODEL_INVALID");
    assertStringIncludes(error.message, words);
  }
});

Deno.test("readModel() accepts omitted inputs and outputs of an operation", () => {
  const model = readModel(changed((graph) => {
    const extra = create(NodeProtoSchema, {
      opType: "Clip",
      input: ["images", "", ""],
      output: ["", "clipped"],
    });
    graph.node.push(extra);
  }));
  assertEquals(model.nodes.at(-1)!.opType, "Clip");
});

Deno.test("readModel() says which file holds weights that lie elsewhere", () => {
  const error = refusal(changed((graph) => {
    const tensor = graph.initializer[0]!;
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = [
      create(StringStringEntryProtoSchema, { key: "location", value: "weights.bin" }),
    ];
  }));
  assertEquals(error.code, "MODEL_UNSUPPORTED");
  assertStringIncludes(error.message, 'another file, "weights.bin"');
});

Deno.test("readModel() refuses inputs and outputs that are no tensors it knows", () => {
  const bfloat = refusal(changed((graph) => {
    const tensor = graph.input[0]!.type!.value;
    if (tensor.case === "tensorType") tensor.value.elemType = TensorProto_DataType.BFLOAT16;
  }));
  assertEquals(bfloat.code, "MODEL_UNSUPPORTED");
  assertStringIncludes(bfloat.message, 'input "images" holds bfloat16 elements');
  const sequence = refusal(changed((graph) => {
    const value = { case: "sequenceType" as const, value: create(TypeProto_SequenceSchema, {}) };
    graph.output[0]!.type = create(TypeProtoSchema, { value });
  }));
  assertStringIncludes(sequence.message, 'output "output0" is sequence, not a tensor');
});

Deno.test("readModel() does not touch the weights of a big file", () => {
  const bytes = changed((graph) => {
    const tensor = graph.initializer[0]!;
    tensor.dims = [1024n, 1024n, 4n];
    tensor.rawData = new Uint8Array(16 * 2 ** 20);
  });
  const model = readModel(bytes);
  const kept = JSON.stringify([...model.initializers.values()]).length;
  assertLess(kept, 10_000);
  assertEquals(model.byteLength, bytes.length);
});
