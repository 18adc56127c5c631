import { assertEquals, assertThrows } from "@std/assert";
import {
  cudaEntries,
  type CudaOptions,
  tensorRtEntries,
  type TensorRtOptions,
  WrongProviderOption,
} from "./provider_options.ts";

const EVERY_CUDA_OPTION: Required<CudaOptions> = {
  deviceId: 1,
  memoryLimitBytes: 2 ** 31,
  arenaGrowth: "as-requested",
  convolutionSearch: "heuristic",
  tf32: false,
  nhwc: true,
  cudaGraph: true,
  userStream: 0x1234n,
};

const EVERY_TENSORRT_OPTION: Required<TensorRtOptions> = {
  deviceId: 0,
  fp16: true,
  int8: true,
  int8Calibration: "ranges.flatbuffers",
  cacheFolder: "engines",
  workspaceBytes: 2 ** 29,
  builderLevel: 5,
  dlaCore: 1,
  cudaGraph: false,
  auxiliaryStreams: 0,
  subgraphMin: 5,
  sharedContextMemory: true,
  excludedOperations: ["NonMaxSuppression", "NonZero"],
  profiles: {
    images: { min: [1, 3, 320, 320], opt: [1, 3, 640, 640], max: [4, 3, 640, 640] },
    sizes: { min: [1, 2], opt: [1, 2], max: [4, 2] },
  },
  userStream: 0x1234n,
  rest: "cpu",
};

Deno.test("CUDA options become ONNX Runtime's keys; those left out are not sent", () => {
  assertEquals(cudaEntries(EVERY_CUDA_OPTION), {
    device_id: "1",
    gpu_mem_limit: "2147483648",
    arena_extend_strategy: "kSameAsRequested",
    cudnn_conv_algo_search: "HEURISTIC",
    use_tf32: "0",
    prefer_nhwc: "1",
    enable_cuda_graph: "1",
  });
  assertEquals(cudaEntries({}), {});
});

Deno.test("TensorRT options become ONNX Runtime's keys; those left out are not sent", () => {
  assertEquals(tensorRtEntries(EVERY_TENSORRT_OPTION), {
    device_id: "0",
    trt_fp16_enable: "1",
    trt_int8_enable: "1",
    trt_int8_calibration_table_name: "ranges.flatbuffers",
    trt_max_workspace_size: "536870912",
    trt_builder_optimization_level: "5",
    trt_dla_enable: "1",
    trt_dla_core: "1",
    trt_cuda_graph_enable: "0",
    trt_auxiliary_streams: "0",
    trt_min_subgraph_size: "5",
    trt_context_memory_sharing_enable: "1",
    trt_op_types_to_exclude: "NonMaxSuppression,NonZero",
    trt_profile_min_shapes: "images:1x3x320x320,sizes:1x2",
    trt_profile_opt_shapes: "images:1x3x640x640,sizes:1x2",
    trt_profile_max_shapes: "images:4x3x640x640,sizes:4x2",
  });
  assertEquals(tensorRtEntries({}), {});
});

Deno.test("provider options that are unknown or out of range are named with what is allowed", () => {
  const square = [1, 3, 640, 640];
  const wrong: [() => unknown, string][] = [
    [() => cudaEntries({ device: 1 } as CudaOptions), "cuda.device is unknown"],
    [() => cudaEntries({ deviceId: -1 }), "from 0 to 255"],
    [() => cudaEntries({ deviceId: 1.5 }), "cuda.deviceId is 1.5"],
    [() => cudaEntries({ tf32: "yes" as unknown as boolean }), "true or false"],
    [() => cudaEntries({ arenaGrowth: "toString" as "as-requested" }), "power-of-two"],
    [() => cudaEntries({ userStream: 0n }), "an address"],
    [() => cudaEntries({ userStream: 4096 as unknown as bigint }), "an address"],
    [() => tensorRtEntries({ builderLevel: 6 }), "from 0 to 5"],
    [() => tensorRtEntries({ workspaceBytes: 0 }), "tensorrt.workspaceBytes is 0"],
    [() => tensorRtEntries({ dlaCore: 0 }), "needs fp16 or int8"],
    [() => tensorRtEntries({ fp16: true, dlaCore: 16 }), "from 0 to 15"],
    [() => tensorRtEntries({ int8Calibration: "x" }), "needs int8"],
    [() => tensorRtEntries({ int8: true, int8Calibration: "a\0b" }), "a text"],
    [() => tensorRtEntries({ cacheFolder: "" }), "a path"],
    [() => tensorRtEntries({ excludedOperations: ["a,b"] }), "names of operations"],
    [() => tensorRtEntries({ rest: "dla" as "cpu" }), "cuda or cpu"],
    [
      () => tensorRtEntries({ profiles: { x: { min: [1], opt: square, max: square } } }),
      "equal length",
    ],
    [
      () => tensorRtEntries({ profiles: { x: { min: [0], opt: [1], max: [1] } } }),
      "equal length",
    ],
  ];
  for (const [translate, message] of wrong) {
    assertThrows(translate, WrongProviderOption, message);
  }
});
