/**
 * CUDA from Deno: NVIDIA's driver API and fovea's kernels, without a toolkit on the machine. The
 * kernels come as PTX that every driver from CUDA 10.2 on translates, from Jetson Nano to Thor and
 * on desktops.
 *
 * It takes `--allow-ffi` without a path. Everything happens on the thread that made the context,
 * with blocking calls; use a worker to keep the main one free. What is made must be disposed, in
 * reverse order; `using` does both.
 *
 * @example Focal loss of logits that are on the GPU, with its gradient
 * ```ts ignore
 * import {
 *   cudaDriverPlaces,
 *   CudaFocal,
 *   CudaSession,
 *   readKernelPtx,
 *   scoresInRows,
 * } from "@fovea/fovea/cuda";
 *
 * using session = new CudaSession(cudaDriverPlaces(null, null), 0, await readKernelPtx());
 * const { context, kernels, stream } = session;
 * const shape = { rows: 8400, rowLength: 80, classOffset: 0, classCount: 80, objectnessOffset: -1 };
 * using logits = context.allocate(4 * 8400 * 80);
 * using gradient = context.allocate(4 * 8400 * 80);
 * using focal = new CudaFocal(
 *   kernels,
 *   scoresInRows(logits.address, "float32", shape),
 *   { activation: "logit", gamma: 1.5, alpha: 0.25, easyBelow: 0.1 },
 *   { targets: null, gradient: gradient.address, classes: false },
 * );
 * focal.run(stream);
 * stream.synchronize();
 * ```
 *
 * @module
 */

// The driver
export { type CudaDeviceInfo, CudaDriver } from "./cuda_driver.ts";
export { CUDA_SYMBOLS, type CudaApi } from "./cuda_api.ts";
export { CUDA_DRIVER_VARIABLE, cudaDriverPlaces } from "./cuda_places.ts";
export type { LibraryCandidate } from "./library.ts";
export { CudaFailure, isContextLost } from "./cuda_status.ts";
export { CudaContext } from "./cuda_context.ts";
export { DeviceMemory, PinnedMemory } from "./cuda_memory.ts";
export { CudaStream } from "./cuda_stream.ts";
export { CudaEvent } from "./cuda_event.ts";
export { CudaModule } from "./cuda_module.ts";

// Kernels
export { CudaKernels, KernelLaunch, readKernelPtx } from "./cuda_kernels.ts";
export type { Extent, KernelName, ParameterName } from "./cuda_kernels.ts";
export { type KernelField, KernelParameters, type KernelValues } from "./kernel_parameters.ts";
export { CudaSession } from "./cuda_session.ts";
export { findSelfTestFault } from "./cuda_self_check.ts";
export { type KernelSources, Nvrtc, readKernelSources } from "./nvrtc.ts";

// A picture's way
export { chooseTransfer, CudaFrameRing } from "./cuda_frame_ring.ts";
export type { DevicePicture, FrameTransfer } from "./cuda_frame_ring.ts";
export { CudaLetterbox } from "./cuda_letterbox.ts";
export { CudaDecoder, type DecodedFrame, type DecoderSettings } from "./cuda_decoder.ts";
export { CudaFramePath, type FramePathSpec } from "./cuda_frame_path.ts";
export type { BoxPlan, CellPlan, DecodePlan, PickPlan, RowSlice } from "../core/decode_plan.ts";
export type { OutputView } from "../core/ports.ts";
export type { AddressTensor, Tensor, TensorData, TensorType } from "../core/tensor.ts";
export type { Candidates, ScoreRows } from "../core/kernels.ts";
export type { InputSpec, Letterbox, LetterboxRule } from "../core/input_spec.ts";
export type { Picture, Plane } from "../core/frame.ts";
export type { ColorMatrix, ColorRange, PixelFormat } from "../core/pixel_format.ts";

// Losses and heads
export { CudaFocal, type CudaFocalOptions } from "./cuda_focal.ts";
export type { FocalSettings, FocalSums } from "../core/focal_sums.ts";
export { CudaHeadForward, CudaHeadGradient, type DeviceHead } from "./cuda_head.ts";
export { type DeviceScores, scoresInColumns, scoresInRows } from "./device_scores.ts";
export type { DeviceMatrix } from "./device_matrix.ts";

// What goes wrong
export { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
export type { FoveaErrorJson, FoveaErrorOptions } from "../core/errors.ts";
