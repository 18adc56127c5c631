import { assertEquals, assertGreater } from "@std/assert";
import header from "../../tests/golden/cuda_api_header.json" with { type: "json" };
import {
  CUDA_SYMBOLS,
  DEVICE_ATTRIBUTE,
  EVENT_BLOCKING,
  EVENT_UNTIMED,
  HOST_MEMORY_MAPPED,
  JIT_ERROR_LOG,
  JIT_ERROR_LOG_BYTES,
  SCHEDULE_BLOCKING,
  STREAM_NON_BLOCKING,
} from "./cuda_api.ts";
import { CUDA_RESULT, cudaError, CudaFailure } from "./cuda_status.ts";

const OURS = Object.entries<Deno.ForeignFunction>(CUDA_SYMBOLS);
const THEIRS = new Map(Object.entries<readonly string[]>(header.functions));

/** How a C parameter is passed; `address` stands for both of Deno's ways to pass one. */
function kindOf(parameter: string): string {
  if (/\*|CU(deviceptr|context|stream|event|module|function)\b/.test(parameter)) return "address";
  if (parameter.startsWith("size_t")) return "usize";
  if (parameter.startsWith("unsigned char")) return "u8";
  return parameter.startsWith("unsigned int") ? "u32" : "i32";
}

Deno.test("every function that is called is in NVIDIA's header under the exported name", () => {
  assertGreater(OURS.length, 35);
  assertEquals(OURS.map(([name]) => name).sort(), [...THEIRS.keys()].sort());
});

Deno.test("signatures of the CUDA driver API are those of the header", () => {
  for (const [name, { parameters, result }] of OURS) {
    const kinds = parameters.map((kind) =>
      kind === "pointer" || kind === "buffer" ? "address" : kind
    );
    assertEquals<unknown>(kinds, THEIRS.get(name)!.map(kindOf), name);
    assertEquals(result, "i32", name);
  }
});

Deno.test("constants of the CUDA driver API are those of the header", () => {
  const { values } = header;
  assertEquals(DEVICE_ATTRIBUTE, {
    multiprocessors: values.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT,
    integrated: values.CU_DEVICE_ATTRIBUTE_INTEGRATED,
    canMapHostMemory: values.CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY,
    computeCapabilityMajor: values.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR,
    computeCapabilityMinor: values.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
  });
  assertEquals(CUDA_RESULT, {
    success: values.CUDA_SUCCESS,
    outOfMemory: values.CUDA_ERROR_OUT_OF_MEMORY,
    notReady: values.CUDA_ERROR_NOT_READY,
    unsupportedPtxVersion: values.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
  });
  assertEquals(
    [SCHEDULE_BLOCKING, HOST_MEMORY_MAPPED, STREAM_NON_BLOCKING, EVENT_BLOCKING, EVENT_UNTIMED],
    [
      values.CU_CTX_SCHED_BLOCKING_SYNC,
      values.CU_MEMHOSTALLOC_DEVICEMAP,
      values.CU_STREAM_NON_BLOCKING,
      values.CU_EVENT_BLOCKING_SYNC,
      values.CU_EVENT_DISABLE_TIMING,
    ],
  );
  assertEquals(
    [JIT_ERROR_LOG, JIT_ERROR_LOG_BYTES],
    [values.CU_JIT_ERROR_LOG_BUFFER, values.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES],
  );
});

Deno.test("each error of the driver gets its code, and a hint where one helps", () => {
  const { errors } = header;
  const lost = [
    ...[errors.ECC_UNCORRECTABLE, errors.NVLINK_UNCORRECTABLE, errors.ILLEGAL_ADDRESS],
    ...[errors.LAUNCH_TIMEOUT, errors.CONTEXT_IS_DESTROYED, errors.ASSERT],
    ...[errors.HARDWARE_STACK_ERROR, errors.ILLEGAL_INSTRUCTION, errors.MISALIGNED_ADDRESS],
    ...[errors.INVALID_ADDRESS_SPACE, errors.INVALID_PC, errors.LAUNCH_FAILED],
    errors.TENSOR_MEMORY_LEAK,
  ];
  for (const [name, code] of Object.entries(errors)) {
    const failure = new CudaFailure(code, `CUDA_ERROR_${name}`, "cuSomething");
    const error = cudaError(failure, "Cannot do it", "detail");
    assertEquals(error.message, `Cannot do it: CUDA_ERROR_${name} (${code}): detail`);
    assertEquals(failure.contextLost, lost.includes(code), name);
    assertEquals(error.code, lost.includes(code) ? "GPU_FAILED" : "GPU_UNAVAILABLE", name);
    assertGreater(error.hint!.length, 10);
  }
});
