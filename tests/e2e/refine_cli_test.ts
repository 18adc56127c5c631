import { assert, assertEquals } from "@std/assert";
import { loadDetector, readHeadFile } from "../../mod.ts";
import { runCli, withTempFolder } from "../support/cli_process.ts";
import { testWithShared } from "../support/shared.ts";

const FILES = [
  "models/yolox_nano_416x416.onnx",
  "media/car-detection.mp4",
  "media/truth/car-detection.coco.json",
  "models/yolox_nano_320x320.onnx",
] as const;

async function runJson(...args: string[]) {
  const { code, stdout, stderr } = await runCli([...args, "--json"]);
  assertEquals([code, stderr], [0, ""], stderr);
  return JSON.parse(stdout);
}

async function refuses(code: number, what: string, ...args: string[]): Promise<void> {
  const { code: got, stdout, stderr } = await runCli(args);
  assertEquals([got, stdout], [code, ""], stderr);
  assert(stderr.includes(what), stderr);
}

/** Classes of which a row differs from the model's; `objectness` where one of those does. */
async function changedClasses(model: string, path: string): Promise<string[]> {
  await using detector = await loadDetector(model, { head: true });
  const [shipped, head] = [detector.shippedHead!, await readHeadFile(path)];
  const changed = new Set<string>();
  for (const [i, { rows, channels, classRows }] of head.layers.entries()) {
    const [a, b] = [shipped.layer(i), head.layer(i)];
    for (let row = 0; row < rows; row++) {
      const same = a.bias[row] === b.bias[row] &&
        a.weight.subarray(row * channels, (row + 1) * channels)
          .every((value, c) => value === b.weight[row * channels + c]);
      if (same) continue;
      const index = classRows.length === 0 ? -1 : row - classRows[0]!;
      changed.add(head.classNames[index] ?? "objectness");
    }
  }
  return [...changed].sort();
}

testWithShared(
  "fovea refine, heads, eval, run and export work with one folder of heads",
  FILES,
  ([model, video, annotations, otherModel]) =>
    withTempFolder(async (folder) => {
      const out = `${folder}/heads/cars`;
      const clip = ["--video", video, "--annotations", annotations];
      const learn = ["--model", model, ...clip, "--frames", "67,73,79,85,91,97"];
      const first = await runJson("refine", ...learn, "--out", out);
      assertEquals([first.status, first.version, first.served], ["accepted", 1, true]);
      // Without other pictures only what was labelled learns.
      assertEquals(first.classes, ["car"]);
      assertEquals(first.recipe.pull, 3);
      assert(first.notes.some((note: string) => note.includes("--replay-images")));

      assertEquals(await changedClasses(model, `${out}/versions/1.head`), ["car"]);

      const rest = ["--model", model, ...clip, "--frames", "180:360:12"];
      const before = (await runJson("eval", ...rest)).perClass.car;
      const after = (await runJson("eval", ...rest, "--head", out)).perClass.car;
      assert(after.AP50 > before.AP50 + 0.2, `${before.AP50} ${after.AP50}`);
      assert(after.f1 > before.f1 + 0.4, `${before.f1} ${after.f1}`);

      const run = await runCli([
        ...["run", video, "--model", model, "--head", out, "--max-frames", "2", "--json"],
      ]);
      const results = run.stdout.trim().split("\n").map((line) => JSON.parse(line));
      assertEquals(results.map(({ headVersion }) => headVersion), [1, 1]);

      const onnx = `${folder}/cars.onnx`;
      const exported = await runJson("heads", "export", out, "--model", model, "--out", onnx);
      assertEquals(exported.head.version, 1);
      const plain = (await runJson("eval", "--model", onnx, ...rest.slice(2))).perClass.car;
      assertEquals([plain.AP50, plain.f1], [after.AP50, after.f1]);
      const again = await runJson(
        ...["export", "--model", model, "--head", out, "--out", `${folder}/again.onnx`],
      );
      assertEquals(again.sha256, exported.sha256);

      await refuses(2, "--who", "heads", "rollback", out);
      const back = await runJson("heads", "rollback", out, "--who", "Ada");
      assertEquals([back.before, back.served], [1, 0]);
      await refuses(2, "Cannot roll back", "heads", "rollback", out, "--who", "Ada");
      await runJson("heads", "promote", out, "1", "--who", "Ada", "--why", "it was fine");
      const list = await runJson("heads", "list", out);
      assertEquals([list.served, list.heads.length, list.fault], [1, 1, null]);
      assertEquals((await runJson("heads", "show", out)).judged.trainer, first.trainer);
      assertEquals((await runJson("heads", "verify", out)).lines, 5);

      await refuses(1, "HEAD_MISMATCH", "run", video, "--model", otherModel, "--head", out);
      await refuses(1, "HEAD_MISMATCH", "refine", ...learn.with(1, otherModel), "--out", out);
      const ledger = `${out}/ledger.ndjson`;
      const text = await Deno.readTextFile(ledger);
      await Deno.writeTextFile(ledger, text.replace('"who":"Ada"', '"who":"Eve"'));
      const broken = await runCli(["heads", "verify", out]);
      assertEquals(broken.code, 1);
      assert(broken.stdout.includes("damaged at line 4"), broken.stdout);
      await refuses(1, "STATE_INVALID", "heads", "promote", out, "1", "--who", "Ada");
    }),
);

Deno.test("fovea refine and heads refuse what cannot be, before anything is opened", async () => {
  const model = ["--model", "models/tiny/yolo_v8.onnx"];
  await refuses(2, "--annotations is not given", "refine", ...model, "--video", "clip.mp4");
  await refuses(2, "no pictures are given", "refine", ...model, "--annotations", "a.json");
  const both = ["--images", "a", "--video", "b", "--annotations", "a.json"];
  await refuses(2, "both --images and --video", "refine", ...model, ...both);
  const video = ["--video", "clip.mp4", "--annotations", "a.json"];
  await refuses(2, "--holdout", "refine", ...model, ...video, "--holdout", "2");
  await refuses(2, "--frames", "refine", ...model, ...video, "--frames", "x");
  await refuses(
    2,
    "none are given",
    "refine",
    ...model,
    ...video,
    "--replay-annotations",
    "b.json",
  );
  await refuses(1, "STATE_INVALID", "heads", "list", "models");
  const run = ["run", "synthetic:street?frames=3"];
  await refuses(2, "Add --monitor", ...run, "--refine", "auto", "--head", "heads/none");
  await refuses(2, "no folder for the heads", ...run, "--refine", "propose", "--monitor");
});
