import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { testWithCompiler } from "../../tests/support/fake_onnxruntime/build.ts";
import { buildLibrary } from "../../tests/support/native_source.ts";
import { probeCudnn } from "./cudnn_version.ts";

testWithCompiler("probeCudnn() reads versions of both ways to count", async () => {
  const found: string[] = [];
  for (const version of [8904, 90300, 91002]) {
    const source = `#include <cstddef>\nextern "C" size_t cudnnGetVersion() { return ${version}; }`;
    await using library = await buildLibrary("fakecudnn", source);
    found.push(probeCudnn([{ path: library.path, source: "test" }]).version);
  }
  assertEquals(found, ["8.9.4", "9.3.0", "9.10.2"]);
  assertThrows(() => probeCudnn([{ path: "/fovea-none.so", source: "test" }]), FoveaError, "cuDNN");
});
