// The commands that report: inspect tells about a model, doctor about the machine.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli, taskPermissions } from "../support/cli_process.ts";
import { testWithGstreamer } from "../support/gstreamer.ts";
import { testWithShared } from "../support/shared.ts";

interface ReportedFinding {
  readonly check: string;
  readonly status: string;
  readonly found: string;
  readonly todo: string | null;
  readonly needed: boolean;
}

interface DoctorJson {
  readonly fovea: string;
  readonly ready: boolean;
  readonly findings: readonly ReportedFinding[];
}

async function doctor(
  permissions?: readonly string[],
): Promise<{ code: number; report: DoctorJson; finding: (check: string) => ReportedFinding }> {
  const options = permissions === undefined ? {} : { permissions };
  const { code, stdout, stderr } = await runCli(["doctor", "--json"], options);
  assertEquals(stderr, "");
  const report = JSON.parse(stdout) as DoctorJson;
  return { code, report, finding: (check) => report.findings.find((f) => f.check === check)! };
}

Deno.test("fovea doctor finds everything it needs with the task's permissions", async () => {
  const { code, report, finding } = await doctor();
  assertEquals([code, report.ready], [0, true]);
  for (const check of ["deno", "platform", "onnxruntime-node", "node-av", "kernels"]) {
    assertEquals(finding(check).status, "ok", check);
  }
  assertStringIncludes(finding("onnxruntime-node").found, "cpu");
  for (const { status, found } of report.findings) {
    assert(["ok", "warn", "missing", "unknown"].includes(status));
    assert(found.length > 0);
  }
});

Deno.test("fovea doctor says what to add where permissions are missing, and ends with 1", async () => {
  const { code, report, finding } = await doctor(["--allow-read"]);
  assertEquals([code, report.ready], [1, false]);
  assertEquals(finding("permission read").status, "ok");
  assertEquals(finding("permission ffi").status, "warn");
  for (const check of ["onnxruntime-node", "node-av"]) {
    assertEquals(finding(check).status, "missing");
    assertStringIncludes(finding(check).todo!, "--allow-");
  }
});

Deno.test("fovea doctor without any permission still reports", async () => {
  const { code, report } = await doctor([]);
  assertEquals([code, report.ready], [1, false]);
  assert(report.findings.some(({ status }) => status === "unknown"));
});

testWithGstreamer("fovea doctor looks at GStreamer where it may run it", ["v4l2src"], async () => {
  const { code, finding } = await doctor(taskPermissions("fovea:gstreamer"));
  assertEquals([code, finding("gstreamer").status], [0, "ok"]);
  assertEquals(finding("gstreamer v4l2").status, "ok");
  assertEquals((await doctor()).finding("gstreamer").status, "unknown");
});

Deno.test("fovea doctor prints a table for people", async () => {
  const { code, stdout, stderr } = await runCli(["doctor"]);
  assertEquals([code, stderr], [0, ""]);
  for (const words of ["ok       deno ", "kernels", "Ready to run."]) {
    assertStringIncludes(stdout, words);
  }
});

Deno.test("fovea inspect prints what a model is and how it is used", async () => {
  const { code, stdout, stderr } = await runCli(["inspect", "models/tiny/yolox.onnx"]);
  assertEquals([code, stderr], [0, ""]);
  for (const words of ["input   images", "yolox", "assumed", "[--letterbox]", "by a manifest"]) {
    assertStringIncludes(stdout, words);
  }
});

Deno.test("fovea inspect --json prints one object, corrected by flags", async () => {
  const flags = ["--channels", "rgb", "--letterbox", "stretch", "--names", "a,b", "--pad", "0"];
  const { code, stdout } = await runCli(["inspect", "models/tiny/yolox.onnx", "--json", ...flags]);
  assertEquals(code, 0);
  const { model, detector, findings } = JSON.parse(stdout);
  assertEquals(model.outputs[0].name, "output");
  assertEquals(detector.family, "yolox");
  assertEquals([detector.input.channels, detector.input.letterbox.mode], ["rgb", "stretch"]);
  assertEquals([detector.input.letterbox.padValue, detector.classNames], [0, ["a", "b"]]);
  const channels = findings.find(({ about }: { about: string }) => about === "input.channels");
  assertEquals(channels.source, "flag");
});

Deno.test("fovea inspect still tells what a file is that is no detector", async () => {
  const { code, stdout, stderr } = await runCli(["inspect", "models/tiny/classifier.onnx"]);
  assertEquals(code, 1);
  assertStringIncludes(stdout, "output  logits");
  assertStringIncludes(stderr, "error MODEL_UNSUPPORTED");
});

const FAMILIES: Readonly<Record<string, string>> = {
  "models/yolox_nano_416x416.onnx": "yolox",
  "models/yolox_nano_320x320.onnx": "yolox",
  "models/yolo26n.onnx": "yolo-end2end",
  "models/yolov8n.onnx": "yolo-v8",
};

for (const [path, family] of Object.entries(FAMILIES)) {
  testWithShared(`fovea inspect recognises ${path}`, [path], async ([model]) => {
    const { code, stdout } = await runCli(["inspect", model, "--json"]);
    assertEquals(code, 0);
    const { detector } = JSON.parse(stdout);
    assertEquals([detector.family, detector.classNames.length], [family, 80]);
  });
}
