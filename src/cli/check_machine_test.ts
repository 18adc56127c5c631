import { assertEquals, assertMatch } from "@std/assert";
import {
  checkCpu,
  checkMemory,
  checkSimd,
  checkTemporaryFolder,
  vectorFlags,
} from "./check_machine.ts";

Deno.test("vectorFlags() reads x86 and Arm processors", () => {
  assertEquals(vectorFlags("model name\t: x\nflags\t\t: fpu sse4_2 avx avx2 fma\n"), [
    "sse4_2",
    "avx",
    "avx2",
    "fma",
  ]);
  assertEquals(vectorFlags("processor: 0\nFeatures\t: fp asimd asimddp\n"), ["asimd", "asimddp"]);
  assertEquals(vectorFlags(""), []);
});

Deno.test("checkCpu() and checkMemory() name figures", () => {
  assertMatch(checkCpu().found, /\d+ cores/);
  assertMatch(checkMemory().found, /^\d+\.\d GiB, \d+\.\d GiB available$/);
});

Deno.test("checkSimd() sees the processor with native code, and says so without", () => {
  assertEquals(checkSimd(Deno.build.os === "linux").status, "ok");
  const blind = checkSimd(false);
  assertEquals([blind.status, blind.todo?.includes("--allow-ffi")], ["unknown", true]);
});

Deno.test("checkTemporaryFolder() writes and removes a file", async () => {
  assertEquals((await checkTemporaryFolder()).status, "ok");
});
