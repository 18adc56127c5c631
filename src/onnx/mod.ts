/**
 * Reads what an ONNX file says about itself, and edits the head of a detector, without running it.
 *
 * @module
 */
export type { TensorSpec, TensorType } from "../core/tensor.ts";
export type { Finding } from "../core/detector_spec.ts";
export type { HeadLayer, HeadLayout, HeadLevel, RawPredictions } from "../core/head_layout.ts";
export type { LayerValues } from "../core/head_weights.ts";
export { bakeHead, fitClasses, type FittedModel } from "./bake_head.ts";
export { type ExposedHead, exposeHead, type ExposeOptions } from "./expose_head.ts";
export { findHeads, type FindHeadsOptions, type FoundHeads, type HeadPlace } from "./find_heads.ts";
export type { GrownAxis } from "./grow_classes.ts";
export type { HeadForm, HeadInput } from "./head_surgery.ts";
export type { LastLayer, LayerFault } from "./last_layers.ts";
export { CONSTANT_ELEMENTS_MAX } from "./onnx_model.ts";
export type { OnnxAttribute, OnnxInitializer, OnnxModel, OnnxNode } from "./onnx_model.ts";
export { MODEL_BYTES_MAX, readModel } from "./read_model.ts";
