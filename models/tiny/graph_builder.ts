import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";

/** A dimension: a number, or the name of an open one. */
export type Dim = number | string;

/**
 * An attribute of an operation; `float` marks a number that is stored as a float, and a builder is
 * the body of a loop.
 */
export type Attribute =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | GraphBuilder;

const IR_VERSION = 8n;
const OPSET = 13n;

/** Builds one small ONNX model, operation by operation. */
export class GraphBuilder {
  readonly #graph: GraphProto;
  readonly #metadata: { readonly key: string; readonly value: string }[] = [];
  #names = 0;

  /** Starts an empty graph called `name`. */
  constructor(name: string) {
    this.#graph = create(GraphProtoSchema, { name });
  }

  /** The graph so far, as the body of a loop in another one. */
  get body(): GraphProto {
    return this.#graph;
  }

  /** Declares an input and returns its name. */
  input(name: string, dims: readonly Dim[], type: DataType = DataType.FLOAT): string {
    this.#graph.input.push(valueInfo(name, dims, type));
    return name;
  }

  /** Declares `value` as an output. */
  output(value: string, dims: readonly Dim[], type: DataType = DataType.FLOAT): void {
    this.#graph.output.push(valueInfo(value, dims, type));
  }

  /** Stores float32 numbers and returns their name. */
  floats(values: readonly number[], dims: readonly number[], name = this.#newName("c")): string {
    return this.#store(
      name,
      DataType.FLOAT,
      dims,
      new Uint8Array(Float32Array.from(values).buffer),
    );
  }

  /** Stores float16 numbers and returns their name. */
  halves(values: readonly number[], dims: readonly number[], name = this.#newName("c")): string {
    const bytes = new Uint8Array(Float16Array.from(values).buffer);
    return this.#store(name, DataType.FLOAT16, dims, bytes);
  }

  /** Stores int8 numbers and returns their name. */
  bytes(values: readonly number[], dims: readonly number[], name = this.#newName("c")): string {
    const bytes = new Uint8Array(Int8Array.from(values).buffer);
    return this.#store(name, DataType.INT8, dims, bytes);
  }

  /** Stores int64 numbers and returns their name. */
  ints(values: readonly number[], dims: readonly number[] = [values.length]): string {
    const bytes = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
    return this.#store(this.#newName("c"), DataType.INT64, dims, bytes);
  }

  /** Adds an operation with one output and returns that output's name. */
  run(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output: string = this.#newName("v"),
  ): string {
    return this.runMany(opType, inputs, attributes, [output])[0]!;
  }

  /** Adds an operation with several outputs and returns their names. */
  runMany(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: readonly string[],
  ): readonly string[] {
    this.#graph.node.push(create(NodeProtoSchema, {
      opType,
      name: `${opType}_${this.#graph.node.length}`,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
    }));
    return outputs;
  }

  /** States something about the model. */
  state(key: string, value: string): void {
    this.#metadata.push({ key, value });
  }

  /** The finished file; the same recipe gives the same bytes. */
  finish(): Uint8Array {
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: "fovea",
        producerVersion: "tiny",
        graph: this.#graph,
        opsetImport: [create(OperatorSetIdProtoSchema, { version: OPSET })],
        metadataProps: this.#metadata.map((entry) => create(StringStringEntryProtoSchema, entry)),
      }),
    );
  }

  #newName(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  #store(name: string, dataType: DataType, dims: readonly number[], rawData: Uint8Array): string {
    this.#graph.initializer.push(create(TensorProtoSchema, {
      name,
      dataType,
      dims: dims.map(BigInt),
      rawData: new Uint8Array(rawData),
    }));
    return name;
  }
}

function valueInfo(name: string, dims: readonly Dim[], elemType: DataType) {
  const dim = dims.map((value) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof value === "number"
        ? { case: "dimValue", value: BigInt(value) }
        : { case: "dimParam", value },
    })
  );
  const shape = create(TensorShapeProtoSchema, { dim });
  const tensor = create(TypeProto_TensorSchema, { elemType, shape });
  const type = create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } });
  return create(ValueInfoProtoSchema, { name, type });
}

function attributeOf(name: string, value: Attribute): AttributeProto {
  if (typeof value === "number") {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if (value instanceof GraphBuilder) {
    return create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: value.body });
  }
  if (typeof value === "string") {
    const s = new TextEncoder().encode(value);
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s });
  }
  if ("float" in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}
