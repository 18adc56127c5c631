/**
 * Reads what an ONNX file says about itself, without running it.
 *
 * @module
 */
export type { TensorSpec, TensorType } from "../core/tensor.ts";
export { CONSTANT_ELEMENTS_MAX } from "./onnx_model.ts";
export type { OnnxInitializer, OnnxModel, OnnxNode } from "./onnx_model.ts";
export { MODEL_BYTES_MAX, readModel } from "./read_model.ts";
