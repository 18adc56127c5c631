/**
 * Reads what an ONNX file says about itself, without running it.
 *
 * @module
 */
export type { TensorSpec, TensorType } from "../core/tensor.ts";
export { findHeads, type FindHeadsOptions, type FoundHeads, type HeadPlace } from "./find_heads.ts";
export type { HeadLayer, HeadLayout, HeadLevel, RawPredictions } from "../core/head_layout.ts";
export { type ExposedHead, exposeHead, type ExposeOptions } from "./expose_head.ts";
export type { HeadForm, HeadInput } from "./head_surgery.ts";
export { CONSTANT_ELEMENTS_MAX } from "./onnx_model.ts";
export type { OnnxAttribute, OnnxInitializer, OnnxModel, OnnxNode } from "./onnx_model.ts";
export { MODEL_BYTES_MAX, readModel } from "./read_model.ts";
