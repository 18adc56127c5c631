import { assertEquals, assertStringIncludes } from "@std/assert";
import { testWithCompiler } from "../../tests/support/fake_onnxruntime/build.ts";
import { makeTree } from "../../tests/support/fake_tree.ts";
import { buildLibrary } from "../../tests/support/native_source.ts";
import { SystemFiles } from "../native/system_files.ts";
import { checkGpuLibraries, formatTensorRt } from "./check_gpu_libraries.ts";

const NOWHERE = [{ path: "/fovea-none/libother.so.1", source: "test" }];

Deno.test("formatTensorRt() reads versions of both ways to count", () => {
  assertEquals([8201, 8602, 100300, 101303].map(formatTensorRt), [
    "8.2.1",
    "8.6.2",
    "10.3.0",
    "10.13.3",
  ]);
});

Deno.test("checkGpuLibraries() finds the toolkit in both forms, and says what is missing", async () => {
  const nowhere = { tensorRt: NOWHERE, cudnn: NOWHERE };
  await using none = await makeTree({ "/etc/hostname": "x" });
  await using json = await makeTree({
    "/usr/local/cuda/version.json":
      '{ "cuda" : { "name" : "CUDA SDK", "version" : "12.6.68" }, "cuda_nvcc": {"version": "1"} }',
  });
  await using text = await makeTree({ "/usr/local/cuda/version.txt": "CUDA Version 10.2.300\n" });
  const found = [none, json, text].map(({ root }) => {
    using files = new SystemFiles({ root });
    return checkGpuLibraries(files, nowhere).map(({ check, status }) => `${check} ${status}`);
  });
  assertEquals(found, [
    ["cuda toolkit missing", "cudnn missing", "tensorrt missing"],
    ["cuda toolkit ok", "cudnn missing", "tensorrt missing"],
    ["cuda toolkit ok", "cudnn missing", "tensorrt missing"],
  ]);
  using files = new SystemFiles({ root: json.root });
  const [toolkit, cudnn] = checkGpuLibraries(files, nowhere);
  assertEquals(toolkit!.found, "12.6.68, /usr/local/cuda");
  assertStringIncludes(cudnn!.todo!, "nvidia-jetpack");
});

testWithCompiler("checkGpuLibraries() tells versions of what is there", async () => {
  await using cudnn = await buildLibrary(
    "cudnn",
    '#include <cstddef>\nextern "C" size_t cudnnGetVersion() { return 90300; }',
  );
  await using tensorRt = await buildLibrary(
    "nvinfer",
    'extern "C" int getInferLibVersion() { return 100300; }',
  );
  await using tree = await makeTree({ "/etc/hostname": "x" });
  using files = new SystemFiles({ root: tree.root });
  const findings = checkGpuLibraries(files, {
    cudnn: [{ path: cudnn.path, source: "test" }],
    tensorRt: [{ path: tensorRt.path, source: "test" }],
  });
  assertEquals(findings.slice(1).map(({ status, found }) => [status, found]), [
    ["ok", `9.3.0, ${cudnn.path}`],
    ["ok", "10.3.0"],
  ]);
});
