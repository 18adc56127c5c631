import { assertEquals } from "@std/assert";
import { makeSpec } from "../../tests/support/adapter_bench.ts";
import { planDecode } from "../detector/decode_plan.ts";
import { canRead } from "./cuda_pick_stage.ts";

Deno.test("canRead() takes floats anywhere, and whole numbers as classes that stand alone", () => {
  const picked = planDecode(makeSpec({
    family: "detr",
    outputs: { labels: "l", boxes: "b", scores: "s" },
    options: { rows: 9, format: "picked", activation: "none", channels: 1 },
  }));
  const listed = planDecode(makeSpec({ family: "yolo-end2end", options: { rows: 20 } }));
  for (const type of ["float32", "float16"] as const) {
    for (const output of ["l", "b", "s"]) assertEquals(canRead(picked, output, type), true);
    assertEquals(canRead(listed, "p", type), true);
  }
  for (const type of ["int32", "int64"] as const) {
    assertEquals(["l", "b", "s"].map((output) => canRead(picked, output, type)), [
      true,
      false,
      false,
    ]);
    assertEquals(canRead(listed, "p", type), false);
  }
  assertEquals(canRead(picked, "l", "float64"), false);
});
