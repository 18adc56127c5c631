import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
} from "onnx-buf";
import { RECIPES } from "../../models/tiny/build.ts";
import { FoveaError } from "../../src/core/errors.ts";
import { readHead, writeHead } from "../../src/core/head_file.ts";
import { countNumbers, HeadWeights } from "../../src/core/head_weights.ts";
import { bakeHead } from "../../src/onnx/bake_head.ts";
import { exposeHead } from "../../src/onnx/expose_head.ts";
import { findHeads, type FindHeadsOptions } from "../../src/onnx/find_heads.ts";
import { growClasses } from "../../src/onnx/grow_classes.ts";
import { traceHeads } from "../../src/onnx/find_heads.ts";
import { readModel } from "../../src/onnx/read_model.ts";
import type { Fuzzer, Random } from "./fuzzer.ts";
import { restructureModel } from "./restructure_model.ts";

const ALLOWED: ReadonlySet<string> = new Set([
  "MODEL_INVALID",
  "MODEL_UNSUPPORTED",
  "HEAD_UNSUPPORTED",
  "HEAD_INVALID",
  "HEAD_MISMATCH",
]);

const OPERATIONS = [
  ...["Sigmoid", "Softmax", "Identity", "Concat", "Reshape", "Transpose", "Split", "Slice"],
  ...["Gather", "GatherElements", "TopK", "Flatten", "Squeeze", "Unsqueeze", "ReduceMax", "Mul"],
  ...["Add", "Div", "Mod", "Tile", "Shape", "MatMul", "Conv", "Gemm", "NonMaxSuppression"],
] as const;

/**
 * Changes whole models and exposes, grows and bakes their heads: whatever comes out is a whole
 * model, or there is a typed error. Damages head files and reads them.
 */
export const fuzzer: Fuzzer = {
  name: "heads",
  run(random: Random, runs: number): void {
    const models = Object.values(RECIPES).map((make) => make());
    for (let run = 0; run < runs; run++) {
      const whole = random.pick(models);
      const bytes = random.chance(3) ? restructureModel(whole, random) : rewire(whole, random);
      expectTyped(() => useHead(bytes, random), `run ${run}`);
      expectTyped(() => damageHead(random), `head of run ${run}`);
    }
  },
};

function useHead(bytes: Uint8Array, random: Random): void {
  const model = readModel(bytes);
  const classCount = random.pick([null, 1, 2, 2, 2, 3, 80]);
  const find: FindHeadsOptions = {
    ...(classCount === null ? {} : { classCount }),
    ...(random.chance(5)
      ? { classLayers: [random.pick([...model.initializers.keys(), "x"])] }
      : {}),
  };
  const heads = findHeads(model, find);
  const { layout } = heads;
  const exposed = exposeHead(bytes, model, heads, {
    form: random.pick(["conv", "matmul"]),
    predictions: random.chance(2),
  });
  const read = readModel(exposed.bytes);
  for (const { name } of exposed.inputs) {
    if (!read.inputs.some((input) => input.name === name)) throw new Error(`no input ${name}`);
  }
  for (const { features, logits } of exposed.layout.levels) {
    for (const name of [features, logits]) {
      if (!read.outputs.some((output) => output.name === name)) throw new Error(`no ${name}`);
    }
  }
  const head = new HeadWeights({
    model: "0".repeat(64),
    classNames: Array.from({ length: layout.classCount }, (_, i) => `${i}`),
    layers: layout.layers,
    values: layout.layers.map(({ rows, channels }) => ({
      weight: new Float32Array(rows * channels),
      bias: new Float32Array(rows).fill(1),
    })),
  });
  readModel(bakeHead(bytes, model, head, find));
  readModel(growClasses(bytes, model, traceHeads(model, find), random.int(1, 4)).bytes);
}

/** Changes operations, their attributes, what they read, and small constants. */
function rewire(whole: Uint8Array, random: Random): Uint8Array {
  const model = fromBinary(ModelProtoSchema, whole);
  const graph = model.graph!;
  for (let changes = random.int(1, 4); changes > 0; changes--) {
    const at = random.int(0, graph.node.length - 1);
    const node = graph.node[at]!;
    const attribute = node.attribute[random.int(0, node.attribute.length)];
    switch (random.int(0, 4)) {
      case 0:
        node.opType = random.pick(OPERATIONS);
        break;
      case 1:
        if (attribute?.type === AttributeType.INT) attribute.i = BigInt(random.int(-4, 5));
        else if (attribute?.type === AttributeType.INTS) {
          attribute.ints = attribute.ints.map(() => BigInt(random.int(-4, 5)));
        }
        break;
      case 2: {
        const made = graph.node.slice(0, at).flatMap(({ output }) => output);
        const names = [...made, ...graph.initializer.map(({ name }) => name)];
        if (node.input.length > 0 && names.length > 0) {
          node.input[random.int(0, node.input.length - 1)] = random.pick(names);
        }
        break;
      }
      case 3: {
        const tensor = graph.initializer[random.int(0, graph.initializer.length)];
        if (tensor?.dataType !== DataType.INT64) break;
        const view = new DataView(tensor.rawData.buffer, tensor.rawData.byteOffset);
        const count = tensor.rawData.byteLength / 8;
        if (count > 0) {
          const value = random.pick([0, -1, 1, 2, 3, 4, 6, 7, 252, 2 ** 31]);
          view.setBigInt64(8 * random.int(0, count - 1), BigInt(value), true);
        }
        break;
      }
      default:
        node.output = node.output.slice(0, Math.max(1, node.output.length - 1));
    }
  }
  return toBinary(ModelProtoSchema, model);
}

function damageHead(random: Random): void {
  const [rows, channels] = [random.int(2, 6), random.int(1, 5)];
  const layer = { name: random.text(9), rows, channels, classRows: [0], objectnessRows: [] };
  const numbers = countNumbers([layer]);
  const whole = writeHead(
    new HeadWeights({
      model: "a".repeat(64),
      version: random.int(0, 9),
      classNames: [random.text(4), random.text(4)],
      layers: [layer],
      values: [{
        weight: Float32Array.from({ length: rows * channels }, () => random.unit()),
        bias: new Float32Array(numbers - rows * channels),
      }],
    }),
  );
  if (random.chance(8)) {
    readHead(whole);
    return;
  }
  const bytes = random.chance(4) ? random.bytes(random.int(0, 200)) : whole.slice();
  for (let flips = random.int(1, 4); flips > 0 && bytes.length > 0; flips--) {
    bytes[random.int(0, bytes.length - 1)]! ^= 1 << random.int(0, 7);
  }
  readHead(random.chance(3) ? bytes.subarray(0, random.int(0, bytes.length)) : bytes);
}

/** Runs `action` and lets only the errors through that a user is meant to see. */
function expectTyped(action: () => void, what: string): void {
  try {
    action();
  } catch (error) {
    if (error instanceof FoveaError && ALLOWED.has(error.code) && error.message !== "") return;
    throw new Error(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
