import type { TensorSpec } from "../core/tensor.ts";

/** An attribute of an operation that is a number, a text, or a list of numbers. */
export type OnnxAttribute = number | string | readonly number[];

/** One operation of a graph. */
export interface OnnxNode {
  /** Operator, for example `Conv`. */
  readonly opType: string;
  /** Operator set the operator belongs to; empty for ONNX's own. */
  readonly domain: string;
  /** Name of the node; empty where the exporter gave none. */
  readonly name: string;
  /** Names of the values it reads; empty strings stand for omitted ones. */
  readonly inputs: readonly string[];
  /** Names of the values it makes; empty strings stand for omitted ones. */
  readonly outputs: readonly string[];
  /** Attributes by name, those that hold tensors, graphs or lists of texts left out. */
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** One constant tensor stored in the file. */
export interface OnnxInitializer {
  /** Name in the graph. */
  readonly name: string;
  /** Element type as ONNX calls it in lower case, for example `float` or `int64`. */
  readonly type: string;
  /** Shape; empty for a scalar. */
  readonly dims: readonly number[];
}

/**
 * What a model file says about itself: plain facts, weights left in the file's bytes.
 */
export interface OnnxModel {
  /** Size of the file in bytes. */
  readonly byteLength: number;
  /** Version of the ONNX file format. */
  readonly irVersion: number;
  /** Version of ONNX's own operator set. */
  readonly opset: number;
  /** Versions of all operator sets by domain; ONNX's own is the empty string. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Who wrote the file, name and version, for example `pytorch 2.4.0`. */
  readonly producer: string;
  /** Name of the graph. */
  readonly graphName: string;
  /** Free text by key that the exporter put in. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Inputs that must be fed; initializers are not among them. */
  readonly inputs: readonly TensorSpec[];
  /** Outputs; a tensor of unknown rank has the dimensions `[-1]`. */
  readonly outputs: readonly TensorSpec[];
  /** Operations in the order of execution. */
  readonly nodes: readonly OnnxNode[];
  /** Constant tensors by name. */
  readonly initializers: ReadonlyMap<string, OnnxInitializer>;
  /**
   * The numbers of a small constant (an initializer or the output of a `Constant` node, at most
   * {@linkcode CONSTANT_ELEMENTS_MAX} elements) in row-major order; `null` where there is no such
   * constant, it is bigger, or its type is none of float, double, float16, (u)int8, int32, int64.
   */
  constant(name: string): readonly number[] | null;
}

/** Most elements of a constant that {@linkcode OnnxModel.constant} reads. */
export const CONSTANT_ELEMENTS_MAX = 1024;
