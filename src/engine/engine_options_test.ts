import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { checkEngineOptions, type EngineOptions } from "./engine_options.ts";

function refuse(options: unknown, words: string): void {
  const error = assertThrows(() => checkEngineOptions(options as EngineOptions), FoveaError);
  assertEquals(error.code, "ENGINE_OPTION", JSON.stringify(options));
  assertStringIncludes(error.message, words);
}

Deno.test("checkEngineOptions() fills in defaults that suit a machine with other work", () => {
  const { threads, providers, fallback, spinning, graphOptimization } = checkEngineOptions();
  assertEquals({ threads, providers, fallback, spinning, graphOptimization }, {
    threads: 1,
    providers: ["cpu"],
    fallback: false,
    spinning: false,
    graphOptimization: "all",
  });
});

Deno.test("checkEngineOptions() refuses what ONNX Runtime would ignore, with the way to ask for it", () => {
  const ignored: Record<string, string> = {
    freeDimensionOverrides: "input size",
    enableGraphCapture: "WebGPU",
    enableProfiling: "`profilePrefix`",
    interOpNumThreads: "`threads`",
    intraOpNumThreads: "`threads`",
    executionProviders: "`providers`",
    graphOptimizationLevel: "`graphOptimization`",
    extra: "`sessionConfig`",
    enableCudaGraph: "it is unknown",
  };
  for (const [key, words] of Object.entries(ignored)) refuse({ [key]: 1 }, words);
  refuse({ sessionConfig: { "session.intra_op.allow_spinning": "1" } }, "`spinning`");
  refuse({ sessionConfig: { "session.no_such_key": "1" } }, "only known ones");
});

Deno.test("checkEngineOptions() refuses values that ONNX Runtime would take for its default", () => {
  const wrong: readonly (readonly [number, string, unknown, string])[] = [
    [1, "session.set_denormal_as_zero", "yes", '"0" or "1"'],
    [1, "session.set_denormal_as_zero", 1, "a text"],
    [1, "session.disable_prepacking", "true", '"0" or "1"'],
    [1, "session.disable_quant_qdq", "2", '"0" or "1"'],
    [1, "session.enable_quant_qdq_cleanup", "", '"0" or "1"'],
    [1, "session.dynamic_block_base", "-4", "whole number"],
    [1, "session.dynamic_block_base", "4.5", "whole number"],
    [1, "session.intra_op_thread_affinities", "1", "`threads` is 1"],
    [3, "session.intra_op_thread_affinities", "1", "2 groups"],
    [2, "session.intra_op_thread_affinities", "0", "1 groups"],
    [2, "session.intra_op_thread_affinities", "all", "1 groups"],
  ];
  for (const [threads, key, value, words] of wrong) {
    refuse({ threads, sessionConfig: { [key]: value } }, words);
  }
  const sessionConfig = {
    "session.set_denormal_as_zero": "1",
    "session.dynamic_block_base": "4",
    "session.intra_op_thread_affinities": "1,2;3-4",
  };
  assertEquals(checkEngineOptions({ threads: 3, sessionConfig }).sessionConfig, sessionConfig);
  const arm = { sessionConfig: { "mlas.enable_gemm_fastmath_arm64_bfloat16": "1" } };
  if (Deno.build.arch === "aarch64") checkEngineOptions(arm);
  else refuse(arm, "arm64");
});

Deno.test("checkEngineOptions() refuses wrong types and ranges", () => {
  for (const threads of [0, 65, 1.5, NaN, "2"]) refuse({ threads }, "from 1 to 64");
  for (const providers of ["cpu", [{ name: "cpu" }], 1]) refuse({ providers }, "a list of names");
  refuse({ providers: [] }, "the list is empty");
  refuse({ providers: ["cpu", "cpu"] }, "named twice");
  for (const value of ["no", 0]) {
    refuse({ fallback: value }, "no boolean");
    refuse({ spinning: value }, "no boolean");
  }
  refuse({ graphOptimization: "most" }, "graph optimisation");
});
