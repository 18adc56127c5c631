import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";

/** Element types of what fovea adds. */
export type FloatType = "float32" | "float16";

/** What every name that fovea adds to a graph begins with. */
const PREFIX = "fovea.head";

/**
 * Edits one model file. Whatever is not touched keeps its bytes, fields that fovea does not know
 * among them.
 */
export class GraphEditor {
  /** The whole file. */
  readonly model: ModelProto;
  /** Its graph. */
  readonly graph: GraphProto;
  /** The operations as they were, so that indices stay good while others are added. */
  readonly nodes: readonly NodeProto[];
  readonly #names: Set<string>;

  /** Takes a file that {@linkcode readModel} has checked. */
  constructor(bytes: Uint8Array) {
    this.model = fromBinary(ModelProtoSchema, bytes);
    this.graph = this.model.graph!;
    this.nodes = [...this.graph.node];
    this.#names = new Set([
      ...this.graph.input.map(({ name }) => name),
      ...this.graph.initializer.map(({ name }) => name),
      ...this.nodes.flatMap(({ output }) => output),
    ]);
  }

  /** A name that nothing has yet. */
  newName(what: string): string {
    for (let count = 0;; count++) {
      const name = `${PREFIX}.${what}${count === 0 ? "" : `.${count}`}`;
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      return name;
    }
  }

  /** Adds an operation right before `node` and returns the name of what it makes. */
  insertBefore(
    node: NodeProto,
    opType: string,
    inputs: readonly string[],
    output: string = this.newName(opType.toLowerCase()),
    attributes: Readonly<Record<string, number>> = {},
  ): string {
    const at = this.graph.node.indexOf(node);
    this.graph.node.splice(at, 0, makeNode(opType, inputs, output, attributes));
    return output;
  }

  /** Adds an operation right after `node` and returns the name of what it makes. */
  insertAfter(
    node: NodeProto,
    opType: string,
    inputs: readonly string[],
    output: string = this.newName(opType.toLowerCase()),
    attributes: Readonly<Record<string, number>> = {},
  ): string {
    const at = this.graph.node.indexOf(node);
    this.graph.node.splice(at + 1, 0, makeNode(opType, inputs, output, attributes));
    return output;
  }

  /** Adds an operation at the end. */
  append(
    opType: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, number>> = {},
  ): void {
    this.graph.node.push(makeNode(opType, inputs, output, attributes));
  }

  /** Takes an operation out. */
  remove(node: NodeProto): void {
    this.graph.node.splice(this.graph.node.indexOf(node), 1);
  }

  /** Stores whole numbers as int64 and returns their name. */
  storeInts(values: readonly number[]): string {
    const dims = [BigInt(values.length)];
    return this.storeNumbers(values, create(TensorProtoSchema, { dataType: DataType.INT64, dims }));
  }

  /** Stores numbers in the element type and shape of `like` and returns their name. */
  storeNumbers(values: readonly number[], like: TensorProto): string {
    const name = this.newName("constant");
    const { dataType, dims } = like;
    const rawData = new Uint8Array(numberArray(values, dataType).buffer);
    this.store(create(TensorProtoSchema, { name, dataType, dims: [...dims], rawData }));
    return name;
  }

  /** The tensor of a constant, whether it is stored apart or in an operation of its own. */
  constantTensor(name: string): TensorProto {
    const stored = this.stored(name);
    if (stored !== undefined) return stored;
    const maker = this.graph.node.find(({ opType, output }) =>
      opType === "Constant" && output[0] === name
    );
    const value = maker?.attribute[0];
    if (value?.t !== undefined) return value.t;
    const dataType = value?.name === "value_float" ? DataType.FLOAT : DataType.INT64;
    return create(TensorProtoSchema, { dataType, dims: [] });
  }

  /**
   * Puts `tensor` in the place of a stored one for some operations. Where they alone read it, the
   * name stays.
   */
  replaceStored(old: string, tensor: TensorProto, readers: readonly NodeProto[]): void {
    const others = this.graph.node.some((node) =>
      node.input.includes(old) && !readers.includes(node)
    );
    const at = this.graph.initializer.findIndex(({ name }) => name === old);
    if (!others && !this.graph.output.some(({ name }) => name === old)) {
      this.graph.initializer[at] = tensor;
      return;
    }
    tensor.name = this.newName(old);
    for (const node of readers) {
      node.input = node.input.map((name) => name === old ? tensor.name : name);
    }
    this.store(tensor);
  }

  /** Stores a tensor. */
  store(tensor: TensorProto): void {
    this.graph.initializer.push(tensor);
    this.#names.add(tensor.name);
  }

  /** The stored tensor of this name. */
  stored(name: string): TensorProto | undefined {
    return this.graph.initializer.find((tensor) => tensor.name === name);
  }

  /** Whether an operation, or the graph's end, reads the value. */
  isRead(name: string): boolean {
    return this.graph.node.some(({ input }) => input.includes(name)) ||
      this.graph.output.some((output) => output.name === name);
  }

  /** Drops a stored tensor that nothing reads any more, and the input that old files list for it. */
  dropUnread(name: string): void {
    if (this.isRead(name)) return;
    this.graph.initializer = this.graph.initializer.filter((tensor) => tensor.name !== name);
    this.graph.input = this.graph.input.filter((input) => input.name !== name);
  }

  /** Declares an input that must be fed. */
  addInput(name: string, dims: readonly number[], type: FloatType): void {
    this.graph.input.push(floatInfo(name, dims, type));
  }

  /** Declares a value as an output, unless it is one; `null` is a dimension that is not known. */
  addOutput(name: string, dims: readonly (number | null)[], type: FloatType): void {
    if (this.graph.output.some((output) => output.name === name)) return;
    const known = this.graph.valueInfo.find((info) => info.name === name);
    this.graph.valueInfo = this.graph.valueInfo.filter((info) => info !== known);
    this.graph.output.push(known ?? floatInfo(name, dims, type));
  }

  /** The edited file. */
  finish(): Uint8Array<ArrayBuffer> {
    return toBinary(ModelProtoSchema, this.model);
  }
}

function numberArray(
  values: readonly number[],
  dataType: number,
): BigInt64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer> {
  switch (dataType) {
    case DataType.INT64:
      return BigInt64Array.from(values, (value) => BigInt(value));
    case DataType.INT32:
      return Int32Array.from(values);
    case DataType.FLOAT:
      return Float32Array.from(values);
    default:
      throw new TypeError(`Cannot store numbers as type ${dataType}`);
  }
}

function makeNode(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number>>,
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: `${output}/${opType}`,
    input: [...inputs],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) =>
      create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) })
    ),
  });
}

function floatInfo(
  name: string,
  dims: readonly (number | null)[],
  type: FloatType,
): ValueInfoProto {
  const dim = dims.map((value) =>
    create(
      TensorShapeProto_DimensionSchema,
      value === null ? {} : { value: { case: "dimValue", value: BigInt(value) } },
    )
  );
  const shape = create(TensorShapeProtoSchema, { dim });
  const elemType = type === "float16" ? DataType.FLOAT16 : DataType.FLOAT;
  const value = create(TypeProto_TensorSchema, { elemType, shape });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value } }),
  });
}
