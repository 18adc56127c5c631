import {
  type GraphProto,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType as DataType,
} from "onnx-buf";
import { FoveaError } from "../core/errors.ts";
import { elementTypeName, rawBytes } from "./element_types.ts";
import { modelInvalid } from "./model_errors.ts";

/** Most operations of a graph; the largest detectors have some ten thousand. */
const NODES_MAX = 1_000_000;

/**
 * Checks that a graph is whole: every weight holds what its shape promises, every value is made
 * once and before it is read, and every output is made. A truncated or damaged file often still
 * decodes as protobuf; this is what finds it.
 *
 * @throws {FoveaError} `MODEL_INVALID` saying what is broken; `MODEL_UNSUPPORTED` if weights lie
 * in other files.
 */
export function checkGraph(graph: GraphProto): void {
  if (graph.node.length > NODES_MAX) {
    throw modelInvalid(`its graph holds ${graph.node.length} operations, at most ${NODES_MAX}`);
  }
  const made = new Set<string>();
  for (const { name } of graph.input) made.add(name);
  for (const tensor of graph.initializer) {
    checkTensor(tensor);
    made.add(tensor.name);
  }
  for (const { values } of graph.sparseInitializer) if (values !== undefined) made.add(values.name);
  checkOrder(graph, made);
  if (graph.output.length === 0) throw modelInvalid("its graph has no output");
  for (const { name } of graph.output) {
    if (!made.has(name)) throw modelInvalid(`nothing makes its output "${name}"`);
  }
}

function checkOrder(graph: GraphProto, made: Set<string>): void {
  for (const [index, node] of graph.node.entries()) {
    if (node.opType === "") throw modelInvalid(`operation ${index} has no type`);
    for (const input of node.input) {
      if (input === "" || made.has(input)) continue;
      const later = graph.node.slice(index).some(({ output }) => output.includes(input));
      const label = `${node.opType} ${node.name === "" ? index : `"${node.name}"`}`;
      throw modelInvalid(
        later
          ? `${label} reads "${input}" before it is made, so the graph has a cycle or no order`
          : `${label} reads "${input}", which nothing makes`,
        "Copy or export the model again",
      );
    }
    for (const output of node.output) {
      if (output === "") continue;
      if (made.has(output)) throw modelInvalid(`value "${output}" is made twice`);
      made.add(output);
    }
  }
}

function checkTensor(tensor: TensorProto): void {
  const { name, dims } = tensor;
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) throw externalData(tensor);
  let count = 1;
  for (const dim of dims) {
    if (dim < 0n) throw modelInvalid(`weight "${name}" has a dimension of ${dim}`);
    count *= Number(dim);
  }
  if (!Number.isSafeInteger(count)) {
    throw modelInvalid(`weight "${name}" states [${dims}] elements, which no file can hold`);
  }
  if (tensor.rawData.byteLength > 0 || storedCount(tensor) === 0) checkRaw(tensor, count);
  else checkTyped(tensor, count);
}

function checkRaw(tensor: TensorProto, count: number): void {
  const { name, dims, dataType, rawData } = tensor;
  const wanted = rawBytes(dataType, count);
  if (wanted === null && count > 0 && rawData.byteLength === 0) {
    throw modelInvalid(`weight "${name}" of type ${elementTypeName(dataType)} holds no data`);
  }
  if (wanted !== null && wanted !== rawData.byteLength) {
    throw modelInvalid(
      `weight "${name}" of [${dims}] ${elementTypeName(dataType)} holds ` +
        `${rawData.byteLength} of ${wanted} bytes`,
      "Copy or export the model again",
    );
  }
}

/** Checks the types that have a field of their own; others pack several elements into one. */
function checkTyped(tensor: TensorProto, count: number): void {
  const { name, dims, dataType } = tensor;
  const stored = dataType === DataType.FLOAT
    ? tensor.floatData.length
    : dataType === DataType.INT64
    ? tensor.int64Data.length
    : dataType === DataType.DOUBLE
    ? tensor.doubleData.length
    : count;
  if (stored !== count) {
    throw modelInvalid(`weight "${name}" of [${dims}] holds ${stored} of ${count} elements`);
  }
}

/** How many entries the typed fields hold; several entries may make up one element. */
function storedCount(tensor: TensorProto): number {
  return tensor.floatData.length + tensor.int32Data.length + tensor.int64Data.length +
    tensor.doubleData.length + tensor.uint64Data.length + tensor.stringData.length;
}

function externalData(tensor: TensorProto): FoveaError {
  const location = tensor.externalData.find(({ key }) => key === "location")?.value;
  const where = location === undefined ? "another file" : `another file, "${location}"`;
  return new FoveaError(
    "MODEL_UNSUPPORTED",
    `Cannot use the model: its weights lie in ${where}`,
    { hint: "Save the model as one file: onnx.save(onnx.load(path), out) in Python does so" },
  );
}
