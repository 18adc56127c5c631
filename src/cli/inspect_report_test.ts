import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { correctingFlag } from "./correcting_flag.ts";
import { formatFacts, formatFindings, inspectFile } from "./inspect_report.ts";

function tinyModel(name: string): string {
  return new URL(`../../models/tiny/${name}.onnx`, import.meta.url).pathname;
}

Deno.test("inspectFile() tells facts and findings without running the model", async () => {
  const { facts, resolve } = await inspectFile(tinyModel("yolo_v8"), {});
  assertEquals([facts.inputs.length, facts.outputs.length, facts.sha256.length], [1, 1, 64]);
  const spec = await resolve();
  assertEquals([spec.family, spec.classNames], ["yolo-v8", ["red", "blue"]]);
  assertStringIncludes(formatFacts(facts), "input   images  float32 [1, 3, 96, 128]");
  assertStringIncludes(formatFindings(spec.findings), "Nothing had to be assumed.");
});

Deno.test("inspectFile() runs a model whose outputs are open, at the size that was asked for", async () => {
  const { facts, resolve } = await inspectFile(tinyModel("yolox_dynamic"), {
    width: 128,
    height: 96,
  });
  assertEquals(facts.outputs[0]!.dims.includes(-1), true);
  const spec = await resolve();
  assertEquals([spec.family, spec.input.width, spec.input.height], ["yolox", 128, 96]);
  assertStringIncludes(formatFindings(spec.findings), "[--channels]");
});

Deno.test("inspectFile() tells the facts of a model that is no detector", async () => {
  const { facts, resolve } = await inspectFile(tinyModel("classifier"), {});
  assertEquals(facts.outputs.length, 1);
  assertEquals((await assertRejects(resolve, FoveaError)).code, "MODEL_UNSUPPORTED");
});

Deno.test("correctingFlag() knows a flag for whatever may be assumed", () => {
  for (const about of ["family", "classes", "input.size", "input.channels", "input.letterbox"]) {
    assertEquals(correctingFlag(about)?.startsWith("--"), true, about);
  }
  assertEquals(correctingFlag("options.boxes"), "--family-option boxes=…");
  assertEquals(correctingFlag("outputs.ignored"), null);
});
