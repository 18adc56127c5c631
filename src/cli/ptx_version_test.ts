import { assertEquals } from "@std/assert";
import { compilesKernels, ptxOf } from "./ptx_version.ts";

Deno.test("ptxOf() knows what each JetPack's driver compiles", () => {
  assertEquals(
    ["10.2", "11.4", "12.2", "12.6", "13.0", "13.2", "14.1", "8.0"].map(ptxOf),
    ["6.5", "7.4", "8.2", "8.5", "9.0", "9.2", "9.3", null],
  );
});

Deno.test("compilesKernels() is true from CUDA 10 on", () => {
  assertEquals(
    ["8.0", "9.2", "10.0", "10.2", "11.4", "12.6", "13.10"].map(compilesKernels),
    [false, false, true, true, true, true, true],
  );
});
