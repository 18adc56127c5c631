// Real models on real pictures, end to end, against another program's figures.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { runCli } from "../support/cli_process.ts";
import { testWithShared } from "../support/shared.ts";

/** Largest difference of AP from an independent pipeline, end to end. */
const AP_TOLERANCE = 0.004;

for (
  const { model, reference, iou } of [
    { model: "yolox_nano_416x416", reference: "yolox_nano_416", iou: "0.65" },
    { model: "yolov8n", reference: "yolov8n", iou: "0.7" },
    { model: "yolo26n", reference: "yolo26n", iou: "0.65" },
  ]
) {
  testWithShared(`eval of ${model} agrees with an independent pipeline`, [
    `models/${model}.onnx`,
    "coco64/images",
    "coco64/instances.json",
    `coco64/reference/${reference}.metrics.json`,
  ], async ([path, images, annotations, metrics]) => {
    const inputs = ["--model", path, "--images", images, "--annotations", annotations];
    const flags = ["--iou", iou, "--workers", "2", "--json"];
    const { code, stdout, stderr } = await runCli(["eval", ...inputs, ...flags]);
    assertEquals([code, stderr], [0, ""]);
    const report = JSON.parse(stdout) as {
      readonly metrics: { readonly AP: number };
      readonly counts: { readonly images: number };
    };
    assertEquals(report.counts.images, 64);
    const expected = JSON.parse(await Deno.readTextFile(metrics)).metrics as { AP: number };
    assertAlmostEquals(report.metrics.AP, expected.AP, AP_TOLERANCE);
  });
}
