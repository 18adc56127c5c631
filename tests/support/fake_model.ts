import type { TensorSpec } from "../../src/core/tensor.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode } from "../../src/onnx/onnx_model.ts";

/** What a made-up model consists of; everything else is empty. */
export interface FakeModel {
  /** Inputs as `name: dims`, float32, or whole specifications; a 640-pixel picture by default. */
  readonly inputs?: Readonly<Record<string, readonly number[] | TensorSpec>>;
  /** Outputs likewise. */
  readonly outputs: Readonly<Record<string, readonly number[] | TensorSpec>>;
  /** Operations as `[opType, inputs, outputs]`, with attributes where they matter. */
  readonly nodes?: readonly (readonly [
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ])[];
  /** Shapes of stored tensors by name. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  /** Numbers of small constants by name. */
  readonly constants?: Readonly<Record<string, readonly number[]>>;
  /** Metadata by key. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Makes what `readModel` would tell about such a model, without a file. */
export function fakeModel(parts: FakeModel): OnnxModel {
  const nodes = (parts.nodes ?? []).map(([opType, inputs, outputs, attributes]): OnnxNode => ({
    opType,
    domain: "",
    name: "",
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes ?? {})),
  }));
  return {
    byteLength: 1,
    irVersion: 8,
    opset: 17,
    opsets: new Map([["", 17]]),
    producer: "test",
    graphName: "test",
    metadata: new Map(Object.entries(parts.metadata ?? {})),
    inputs: specsOf(parts.inputs ?? { images: [1, 3, 640, 640] }),
    outputs: specsOf(parts.outputs),
    nodes,
    initializers: new Map(
      Object.entries(parts.weights ?? {}).map(([name, dims]) => [
        name,
        { name, type: "float", dims },
      ]),
    ),
    constant: (name) => parts.constants?.[name] ?? null,
  };
}

function specsOf(
  entries: Readonly<Record<string, readonly number[] | TensorSpec>>,
): readonly TensorSpec[] {
  return Object.entries(entries).map(([name, entry]) =>
    "dims" in entry ? entry : { name, type: "float32", dims: entry }
  );
}
