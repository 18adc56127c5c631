import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  exportHead,
  FoveaError,
  type HeadWeights,
  loadDetector,
  openCamera,
  perceive,
  readHeadFile,
  writeHeadFile,
} from "../../mod.ts";
import { makeBitmap } from "../support/bitmap.ts";
import { runCli, withTempFolder } from "../support/cli_process.ts";
import { grownHead } from "../support/exposed_model.ts";
import { testWithShared } from "../support/shared.ts";

const isLinux = Deno.build.os === "linux";

/** The head of a model with every number changed, as a file. */
async function writeChanged(model: string, path: string): Promise<HeadWeights> {
  await using detector = await loadDetector(model, { head: true });
  const shipped = detector.shippedHead!;
  const values = shipped.layers.map((_, i) => {
    const { weight, bias } = shipped.layer(i);
    return { weight: weight.map((value) => 0.5 * value), bias: bias.map((value) => 0.5 * value) };
  });
  const head = shipped.withValues(values, 3);
  await writeHeadFile(path, head);
  return head;
}

async function scoresOf(model: string, picture: string, weights?: HeadWeights): Promise<string> {
  await using camera = await openCamera(picture);
  await using detector = await loadDetector(model, {
    confidence: 0.05,
    ...(weights === undefined ? {} : { head: { weights } }),
  });
  const [result] = await Array.fromAsync(perceive(camera, detector));
  return JSON.stringify(result!.detections);
}

Deno.test("fovea export writes what the refined detector computes, as a plain model", async () => {
  await withTempFolder(async (folder) => {
    const [head, out, picture] = ["a.head", "out.onnx", "red.bmp"].map((n) => `${folder}/${n}`) as [
      string,
      string,
      string,
    ];
    const red = { xyxyPx: [40, 40, 48, 48], rgb: [255, 20, 20] } as const;
    await makeBitmap(picture, 128, 96, [red]);
    for (const name of ["yolo_v8", "yolox", "yolo26", "nanodet_joint"]) {
      const model = `models/tiny/${name}.onnx`;
      const weights = await writeChanged(model, head);
      const args = ["export", "--model", model, "--head", head, "--out", out, "--json"];
      const { code, stdout, stderr } = await runCli([...args, "--names", "red,blue"]);
      assertEquals([code, stderr], [0, ""]);
      const report = JSON.parse(stdout);
      assertEquals(report.check, {
        pictures: 3,
        identical: true,
        largestDifference: 0,
        oldClassesIdentical: null,
      });
      assertEquals(report.head, { version: 3, sha256: weights.hash });
      assertEquals([report.newClasses, report.out], [0, out]);
      assertEquals(report.bytes, (await Deno.stat(out)).size);
      const refined = await scoresOf(model, picture, weights);
      assertEquals(await scoresOf(out, picture), refined, name);
      assert(refined.length > 20 && refined !== await scoresOf(model, picture), name);
    }
    const left = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
    assertEquals(left, ["a.head", "out.onnx", "red.bmp"]);
  });
});

testWithShared("fovea export refines a real detector, bit for bit", [
  "models/yolox_nano_320x320.onnx",
], async ([model]) => {
  await withTempFolder(async (folder) => {
    await writeChanged(model, `${folder}/a.head`);
    const out = `${folder}/out.onnx`;
    const { code, stdout } = await runCli([
      ...["export", "-m", model, "--head", `${folder}/a.head`, "--out", out],
    ]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "equals the model that is fed the head, bit for bit");
    assertEquals((await runCli(["inspect", out])).code, 0);
  });
});

Deno.test("fovea export appends classes, and old ones keep every bit", async () => {
  await withTempFolder(async (folder) => {
    const [headPath, out] = [`${folder}/a.head`, `${folder}/out.onnx`];
    for (const name of ["fovea_street", "yolox", "nanodet_joint", "yolo_v5_joint", "yolo26"]) {
      const model = `models/tiny/${name}.onnx`;
      const bytes = await Deno.readFile(model);
      const digest = await crypto.subtle.digest("SHA-256", bytes);
      const head = grownHead(bytes, 2, -3, new Uint8Array(digest).toHex());
      await writeHeadFile(headPath, head);
      const args = ["export", "-m", model, "--head", headPath, "--out", out];
      const { code, stdout, stderr } = await runCli([...args, "--json", "--names", "red,blue"]);
      assertEquals([code, stderr], [0, ""], name);
      const { check, newClasses, classNames } = JSON.parse(stdout);
      assertEquals([check.identical, check.oldClassesIdentical, newClasses], [true, true, 2]);
      assertEquals(classNames, ["class 0", "class 1", "new 0", "new 1"]);
      const inspected = JSON.parse((await runCli(["inspect", out, "--json"])).stdout);
      assertEquals(inspected.detector.classNames, classNames, name);
      assertEquals(inspected.head.layout.classCount, 4);
    }
  });
});

Deno.test({
  name: `fovea export on a full disk leaves the old file${
    isLinux ? "" : " [skipped: needs Linux]"
  }`,
  ignore: !isLinux,
  fn: () =>
    withTempFolder(async (folder) => {
      const [head, out] = [`${folder}/a.head`, `${folder}/out.onnx`];
      await writeChanged("models/tiny/yolo_v8.onnx", head);
      await Deno.writeTextFile(out, "mine");
      // Files of this process may not grow beyond one block.
      const script = `trap '' XFSZ; ulimit -f 1; exec "$0" run --quiet -A src/cli/main.ts "$@"`;
      const model = "models/tiny/yolo_v8.onnx";
      const args = ["export", "--model", model, "--head", head, "--out", out];
      const { code, stderr } = await new Deno.Command("sh", {
        args: ["-c", script, Deno.execPath(), ...args],
        cwd: new URL("../../", import.meta.url),
      }).output();
      assertEquals(code, 1);
      assertStringIncludes(new TextDecoder().decode(stderr), "SINK_WRITE");
      assertEquals(await Deno.readTextFile(out), "mine");
      const left = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
      assertEquals(left, ["a.head", "out.onnx"]);
    }),
});

Deno.test("fovea export refuses what does not fit and leaves what is there alone", async () => {
  await withTempFolder(async (folder) => {
    const head = `${folder}/a.head`;
    await writeChanged("models/tiny/yolo_v8.onnx", head);
    const out = `${folder}/out.onnx`;
    await Deno.writeTextFile(out, "mine");
    await Deno.writeTextFile(`${folder}/text.head`, "no head");
    const damaged = await Deno.readFile(head);
    damaged[90]! ^= 4;
    await Deno.writeFile(`${folder}/damaged.head`, damaged);
    const model = "models/tiny/yolo_v8.onnx";
    const cases: readonly (readonly [string[], number, string, string])[] = [
      [["--model", "models/tiny/yolox.onnx", "--head", head], 1, "HEAD_MISMATCH", "made for"],
      [["--model", model, "--head", `${folder}/none`], 1, "HEAD_INVALID", "no such file"],
      [["--model", model, "--head", `${folder}/text.head`], 1, "HEAD_INVALID", "does not begin"],
      [["--model", model, "--head", `${folder}/damaged.head`], 1, "HEAD_INVALID", "checksum"],
      [["--model", `${folder}/none.onnx`, "--head", head], 1, "MODEL_NOT_FOUND", "no such file"],
      [["--head", head], 1, "HEAD_MISMATCH", "made for"],
      [["--model", model], 2, "USAGE", "--head is not given"],
      [
        ["--model", model, "--head", head, "--class-layers", "model.9"],
        1,
        "HEAD_UNSUPPORTED",
        "no layer is so called",
      ],
    ];
    for (const [args, expected, error, words] of cases) {
      const { code, stderr } = await runCli(["export", ...args, "--out", out]);
      assertEquals(code, expected, args.join(" "));
      assertStringIncludes(stderr, error);
      assertStringIncludes(stderr, words);
      assertEquals(await Deno.readTextFile(out), "mine");
    }
    const same = await runCli(["export", "-m", model, "--head", head, "--out", head]);
    assertEquals(same.code, 2);
    assertEquals((await readHeadFile(head)).version, 3);
    const copy = `${folder}/copy.onnx`;
    await Deno.copyFile(model, copy);
    await Deno.symlink(copy, `${folder}/link.onnx`);
    const own = await runCli([
      "export",
      "-m",
      copy,
      "--head",
      head,
      "--out",
      `${folder}/link.onnx`,
    ]);
    assertEquals(own.code, 2);
    assertStringIncludes(own.stderr, "it is what this export reads");
    const request = { model: copy, head: await readHeadFile(head), out: `${folder}/link.onnx` };
    await assertRejects(() => exportHead(request), FoveaError, "it is the model that is read");
    assertEquals(await Deno.readFile(copy), await Deno.readFile(model));
    const nowhere = `${folder}/no/such/folder.onnx`;
    const unwritable = await runCli(["export", "-m", model, "--head", head, "--out", nowhere]);
    assertEquals(unwritable.code, 1);
    assertStringIncludes(unwritable.stderr, "SINK_WRITE");
    const left = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
    assertEquals(left, [
      ...["a.head", "copy.onnx", "damaged.head", "link.onnx", "out.onnx", "text.head"],
    ]);
  });
});

Deno.test("fovea inspect shows the head that can be refined, or why there is none", async () => {
  const found = await runCli(["inspect", "models/tiny/yolox.onnx"]);
  assertStringIncludes(found.stdout, "head: 3 levels, can be refined on the device");
  assertStringIncludes(found.stdout, "class       head.cls_preds.{0,1,2} 3 × [2, 3]");
  assertStringIncludes(found.stdout, "objectness  head.obj_preds.{0,1,2} 3 × [1, 3]");
  const none = await runCli(["inspect", "models/tiny/yolo_v8_quantised_head.onnx"]);
  assertEquals(none.code, 0);
  assertStringIncludes(none.stdout, "head: none that can be refined");
  assertStringIncludes(none.stdout, "quantised");
  const json = await runCli(["inspect", "models/tiny/yolo_v5_joint.onnx", "--json"]);
  const { head } = JSON.parse(json.stdout);
  assertEquals(head.layout.layers[0].classRows, [5, 12, 19]);
  assertEquals(head.findings[0].about, "head.class");
  const refused = await runCli(["inspect", "models/tiny/yolo_v8_quantised_head.onnx", "--json"]);
  assertEquals(JSON.parse(refused.stdout).head.refused.code, "HEAD_UNSUPPORTED");
});
