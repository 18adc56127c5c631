import { fromBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
} from "onnx-buf";
import type { TypeProto, ValueInfoProto } from "onnx-buf";
import { FoveaError } from "../core/errors.ts";
import type { TensorSpec } from "../core/tensor.ts";
import { checkGraph } from "./check_graph.ts";
import { ConstantReader } from "./constant_reader.ts";
import { elementTypeName, tensorTypeOf } from "./element_types.ts";
import { recogniseFile } from "./file_kind.ts";
import { modelInvalid } from "./model_errors.ts";
import type { OnnxAttribute, OnnxInitializer, OnnxModel, OnnxNode } from "./onnx_model.ts";

/** Most bytes of a file: what one protobuf message can hold. */
export const MODEL_BYTES_MAX = 2 ** 31 - 1;
/** Largest dimension of an input or output that is believed. */
const DIM_MAX = 2 ** 31 - 1;

/**
 * Reads what an ONNX file says about itself and checks that it is whole: weights have the size
 * they state, every value that is read is made before, every output is made. The weights stay
 * where they are; the model refers to `bytes`, which must not change while it is used.
 *
 * @param bytes The file.
 * @throws {FoveaError} `MODEL_INVALID` if it is empty, truncated, another kind of file, or broken;
 * `MODEL_UNSUPPORTED` if its weights lie in other files, or an input or output is no tensor of a
 * type that fovea knows.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { readModel } from "@fovea/fovea/onnx";
 *
 * const path = new URL("models/tiny/yolo_v8.onnx", `file://${Deno.cwd()}/`);
 * const model = readModel(Deno.readFileSync(path));
 * assertEquals(model.inputs[0]!.dims, [1, 3, 96, 128]);
 * assertThrows(() => readModel(new Uint8Array([0xff, 0xd8, 0xff])), Error, "a JPEG picture");
 * ```
 */
export function readModel(bytes: Uint8Array): OnnxModel {
  if (bytes.byteLength === 0) throw modelInvalid("the file is empty", "Copy the file again");
  if (bytes.byteLength > MODEL_BYTES_MAX) {
    throw modelInvalid(`${bytes.byteLength} bytes are more than a file can have`);
  }
  const proto = decode(bytes);
  const graph = graphOf(proto, bytes);
  const initializers = new Map(graph.initializer.map((tensor): [string, OnnxInitializer] => [
    tensor.name,
    {
      name: tensor.name,
      type: elementTypeName(tensor.dataType),
      dims: tensor.dims.map(Number),
    },
  ]));
  checkGraph(graph);
  const constants = new ConstantReader(graph);
  const opsets = new Map(proto.opsetImport.map(({ domain, version }) => [
    domain === "ai.onnx" ? "" : domain,
    Number(version),
  ]));
  return {
    byteLength: bytes.byteLength,
    irVersion: Number(proto.irVersion),
    opset: opsets.get("") ?? 0,
    opsets,
    producer: `${proto.producerName} ${proto.producerVersion}`.trim(),
    graphName: graph.name,
    metadata: new Map(proto.metadataProps.map(({ key, value }) => [key, value])),
    inputs: graph.input.filter(({ name }) => !initializers.has(name)).map(readInput),
    outputs: graph.output.map(readOutput),
    nodes: graph.node.map(readNode),
    initializers,
    constant: (name) => constants.read(name),
  };
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    const file = recogniseFile(bytes);
    if (file !== null) throw modelInvalid(`it looks like ${file.kind}`, file.hint, cause);
    const cut = cause instanceof RangeError && /EOF|premature/i.test(cause.message);
    throw cut
      ? modelInvalid(
        `the file ends too early, after ${bytes.byteLength} bytes, or is not ONNX`,
        "Copy or download the file again",
        cause,
      )
      : modelInvalid("its bytes are not ONNX", "Give an .onnx file", cause);
  }
}

function graphOf(proto: ModelProto, bytes: Uint8Array): GraphProto {
  const { graph } = proto;
  if (graph === undefined || graph.node.length === 0) {
    const file = recogniseFile(bytes);
    if (file !== null) throw modelInvalid(`it looks like ${file.kind}`, file.hint);
    throw modelInvalid(
      graph === undefined ? "it holds no graph" : "its graph holds no operation",
      "Copy or export the model again",
    );
  }
  if (proto.opsetImport.length === 0) {
    throw modelInvalid(
      "it states no operator set, so the file probably ends too early",
      "Copy or download the file again",
    );
  }
  return graph;
}

function readNode(node: GraphProto["node"][number]): OnnxNode {
  const domain = node.domain === "ai.onnx" ? "" : node.domain;
  const attributes = new Map<string, OnnxAttribute>();
  for (const attribute of node.attribute) {
    const value = readAttribute(attribute);
    if (value !== null) attributes.set(attribute.name, value);
  }
  const { opType, name, input, output } = node;
  return { opType, domain, name, inputs: input, outputs: output, attributes };
}

function readAttribute(attribute: AttributeProto): OnnxAttribute | null {
  switch (attribute.type) {
    case AttributeType.INT:
      return Number(attribute.i);
    case AttributeType.FLOAT:
      return attribute.f;
    case AttributeType.STRING:
      return new TextDecoder().decode(attribute.s);
    case AttributeType.INTS:
      return attribute.ints.map(Number);
    case AttributeType.FLOATS:
      return attribute.floats;
    default:
      return null;
  }
}

function readInput(info: ValueInfoProto): TensorSpec {
  return readSpec(info, "input");
}

function readOutput(info: ValueInfoProto): TensorSpec {
  return readSpec(info, "output");
}

function readSpec(info: ValueInfoProto, role: "input" | "output"): TensorSpec {
  const { name } = info;
  if (name === "") throw modelInvalid(`an ${role} has no name`);
  const tensor = info.type?.value;
  if (tensor?.case !== "tensorType") {
    if (tensor?.case === undefined && role === "output") {
      return { name, type: "float32", dims: [-1] };
    }
    throw unsupported(`${role} "${name}" is ${describeType(info.type)}, not a tensor`);
  }
  const { elemType, shape } = tensor.value;
  const type = tensorTypeOf(elemType);
  if (type === null) {
    throw unsupported(`${role} "${name}" holds ${elementTypeName(elemType)} elements`);
  }
  return {
    name,
    type,
    dims: shape === undefined ? [-1] : shape.dim.map(({ value }) => {
      if (value.case !== "dimValue") return -1;
      const dim = Number(value.value);
      // Some exporters write 0 or -1 where they mean that the dimension is open.
      if (dim <= 0) return -1;
      if (dim > DIM_MAX) throw modelInvalid(`${role} "${name}" has a dimension of ${value.value}`);
      return dim;
    }),
  };
}

function describeType(type: TypeProto | undefined): string {
  return type?.value.case?.replace("Type", "") ?? "of unknown type";
}

function unsupported(found: string): FoveaError {
  return new FoveaError("MODEL_UNSUPPORTED", `Cannot use the model: ${found}`, {
    hint: "Export the detector with plain float tensors as inputs and outputs",
  });
}
