// What `eval` does with wrong command lines, broken files, places it may not write, and its end.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CELL_CATEGORIES, makeCellImage, makeCellVideo } from "../support/cell_pictures.ts";
import { spawnCli, taskPermissions, withTempFolder } from "../support/cli_process.ts";
import { runInProcess } from "../support/memory_terminal.ts";

const ROOT = new URL("../../", import.meta.url);
const MODEL = `${ROOT.pathname}models/tiny/yolo_v8.onnx`;
const TRUTH = {
  images: [{ id: 1, file_name: "a.bmp" }],
  categories: CELL_CATEGORIES,
  annotations: [{ id: 1, image_id: 1, category_id: 10, bbox: [8, 8, 8, 8] }],
};
const FOUND = [{ image_id: 1, category_id: 10, bbox: [8, 8, 8, 8], score: 0.9 }];

/** A folder with annotations, detections and one picture. */
function withFiles(fn: (folder: string) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/truth.json`, JSON.stringify(TRUTH));
    await Deno.writeTextFile(`${folder}/found.json`, JSON.stringify(FOUND));
    await Deno.mkdir(`${folder}/images`);
    await makeCellImage(`${folder}/images/a.bmp`, [{ column: 1, row: 1, color: "red" }]);
    await fn(folder);
  });
}

/** Runs `eval`, which must fail, and returns its error. */
async function failure(args: readonly string[], code: number): Promise<{
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}> {
  const outcome = await runInProcess(["eval", "--json", ...args]);
  assertEquals([outcome.code, outcome.stdout], [code, ""], outcome.stderr);
  return JSON.parse(outcome.stderr).error;
}

Deno.test("eval refuses command lines that contradict themselves", () =>
  withFiles(async (folder) => {
    const truth = ["--annotations", `${folder}/truth.json`];
    const found = ["--detections", `${folder}/found.json`];
    const images = ["--images", `${folder}/images`];
    const cases: [string[], string][] = [
      [[], "--annotations is not given"],
      [truth, "no pictures are given"],
      [[...truth, "-m", MODEL], "no pictures are given"],
      [[...truth, "-m", MODEL, ...images, "--video", "a.mp4"], "both --images and --video"],
      [[...truth, "-m", MODEL, ...found], "both --model and --detections are given"],
      [[...truth, ...found, "--conf", "0.1"], "--conf means nothing with --detections"],
      [[...truth, ...found, "--max-detections", "5"], "--max-detections means nothing"],
      [[...truth, ...found, "--save-detections", "x"], "--save-detections means nothing"],
      [[...truth, ...found, ...images], "--images means nothing with --detections unless"],
      [[...truth, "-m", MODEL, ...images, "--frames", "0:9"], "--frames takes frames of a --video"],
      [[...truth, "-m", MODEL, "--video", "a.mp4", "--frames", "9:0"], "expected START:STOP:STEP"],
      [[...truth, ...found, "--score", "2"], "a number from 0 to 1"],
      [
        [...truth, ...found, "--report", `${folder}/truth.json`],
        "it is what this evaluation reads",
      ],
      [
        [...truth, "-m", MODEL, ...images, "--report", "x", "--save-detections", "./x"],
        "another output goes to the same file",
      ],
      [[...truth, "-m", MODEL, ...images, "--box-labels", "some"], "one of best, all"],
    ];
    for (const [args, words] of cases) {
      const error = await failure(args, 2);
      assertEquals(error.code, "USAGE");
      assertStringIncludes(error.message, words);
    }
  }));

Deno.test("eval tells what is wrong with annotations and detections, with file and place", () =>
  withFiles(async (folder) => {
    const bad = `${folder}/bad.json`;
    const [truth, found] = [`${folder}/truth.json`, `${folder}/found.json`];
    const box = { ...TRUTH.annotations[0]!, bbox: [0, 0, -4, 4] };
    const cases: [string | Uint8Array<ArrayBuffer>, string, string][] = [
      ["", "ANNOTATIONS_INVALID", "it is empty"],
      [JSON.stringify(TRUTH).slice(0, -20), "ANNOTATIONS_INVALID", "ends too early in annotations"],
      [JSON.stringify({ ...TRUTH, annotations: [box] }), "ANNOTATIONS_INVALID", "[0].bbox"],
      [new Uint8Array([0xff, 0xfe, 0x7b]), "ANNOTATIONS_INVALID", "it is not UTF-8 text"],
      ["\ufeff[]", "ANNOTATIONS_INVALID", "expected an object, found []"],
      [JSON.stringify(FOUND).replace("0.9", "NaN"), "DETECTIONS_INVALID", "[0].score"],
      [JSON.stringify([{ ...FOUND[0], image_id: 5 }]), "DETECTIONS_INVALID", "[0].image_id: 5"],
      [JSON.stringify(TRUTH), "DETECTIONS_INVALID", "an object with images, categories"],
    ];
    for (const [content, code, words] of cases) {
      if (typeof content === "string") await Deno.writeTextFile(bad, content);
      else await Deno.writeFile(bad, content);
      const files = code === "ANNOTATIONS_INVALID" ? [bad, found] : [truth, bad];
      const error = await failure(["--annotations", files[0]!, "--detections", files[1]!], 1);
      assertEquals(error.code, code);
      assertStringIncludes(error.message, `Cannot read ${bad}: `);
      assertStringIncludes(error.message, words);
    }
    const missing = await failure(["--annotations", truth, "--detections", `${folder}/no`], 1);
    assertEquals([missing.code, missing.message], [
      "DETECTIONS_INVALID",
      `Cannot read ${folder}/no: there is no such file`,
    ]);
    const isFolder = await failure(["--annotations", folder, "--detections", found], 1);
    assertStringIncludes(isFolder.message, "it is not a file");
  }));

Deno.test("eval says which detections are of categories that nobody annotated", () =>
  withFiles(async (folder) => {
    const found = `${folder}/found.json`;
    await Deno.writeTextFile(found, JSON.stringify([...FOUND, { ...FOUND[0], category_id: 99 }]));
    const args = ["--annotations", `${folder}/truth.json`, "--detections", found];
    const { code, stdout, stderr } = await runInProcess(["eval", ...args]);
    assertEquals(code, 0);
    assertStringIncludes(stderr, "1 detection is of a category that the annotations do not have");
    assertStringIncludes(stderr, "1 annotation states no area");
    assertStringIncludes(stdout, "1 image, 1 object, 1 detection");
  }));

Deno.test("eval tells which pictures cannot be opened", () =>
  withFiles(async (folder) => {
    const args = ["--annotations", `${folder}/truth.json`, "-m", MODEL];
    const gone = await failure([...args, "--images", `${folder}/none`], 1);
    assertEquals(gone.code, "CAMERA_OPEN");
    assertStringIncludes(gone.message, "there is no such file or folder");
    await Deno.writeTextFile(`${folder}/images/a.bmp`, "no picture at all");
    const broken = await failure([...args, "--images", `${folder}/images`], 1);
    assertEquals(broken.code, "CAMERA_OPEN");
    assertStringIncludes(broken.message, "a.bmp");
    const live = await failure([...args, "--video", "v4l2:/dev/null"], 1);
    assertEquals(live.code, "CAMERA_OPEN");
  }));

Deno.test("eval refuses places where it may not write before anything runs", () =>
  withFiles(async (folder) => {
    const truth = ["--annotations", `${folder}/truth.json`];
    const model = ["-m", MODEL, "--images", `${folder}/images`];
    const below = `${folder}/found.json/x.html`;
    for (const flag of ["--report", "--save-detections"]) {
      const error = await failure([...truth, ...model, flag, below], 1);
      assertEquals(error.code, "SINK_OPEN");
      assertStringIncludes(error.message, `Cannot create ${below}`);
      const isFolder = await failure([...truth, ...model, flag, `${folder}/images`], 1);
      assertEquals(isFolder.code, "SINK_OPEN");
    }
    assertEquals([...Deno.readDirSync(folder)].length, 3);
  }));

Deno.test("eval that fails leaves no report behind, and keeps the one that was there", () =>
  withFiles(async (folder) => {
    const report = `${folder}/report.html`;
    await Deno.writeTextFile(report, "yesterday");
    await Deno.writeTextFile(`${folder}/found.json`, "[");
    const args = ["--annotations", `${folder}/truth.json`, "--detections", `${folder}/found.json`];
    await failure([...args, "--report", report], 1);
    assertEquals(await Deno.readTextFile(report), "yesterday");
    assertEquals([...Deno.readDirSync(folder)].length, 4);
  }));

Deno.test("eval ended by Ctrl-C prints no figures and leaves no file", () =>
  withFiles(async (folder) => {
    const video = `${folder}/long.y4m`;
    const frames = 1_500;
    await makeCellVideo(video, Array.from({ length: frames }, () => []));
    const truth = { ...TRUTH, images: Array.from({ length: frames }, (_, id) => ({ id })) };
    await Deno.writeTextFile(`${folder}/truth.json`, JSON.stringify(truth));
    const child = spawnCli([
      ...["eval", "-m", MODEL, "--video", video, "--annotations", `${folder}/truth.json`],
      ...["--save-detections", `${folder}/out/saved.json`, "--report", `${folder}/out/r.html`],
    ]);
    const stderr = child.stderr.getReader();
    // It says what it loaded right before the first frame.
    const first = await stderr.read();
    assertStringIncludes(new TextDecoder().decode(first.value), "yolo-v8");
    child.kill("SIGINT");
    const [{ code }, stdout] = await Promise.all([
      child.status,
      new Response(child.stdout).text(),
      drain(stderr),
    ]);
    assertEquals([code, stdout], [130, ""]);
    assertEquals([...Deno.readDirSync(`${folder}/out`)], []);
  }));

Deno.test("eval whose reader leaves early ends well", () =>
  withFiles(async (folder) => {
    const args = ["--annotations", `${folder}/truth.json`, "--detections", `${folder}/found.json`];
    const words = ["run", "--no-prompt", ...taskPermissions(), "src/cli/main.ts", "eval", ...args];
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", '{ "$@"; echo "code $?" >&2; } | true', "sh", Deno.execPath(), ...words],
      cwd: ROOT,
      stdout: "null",
      stderr: "piped",
    }).output();
    assertEquals(code, 0);
    const said = new TextDecoder().decode(stderr);
    assertStringIncludes(said, "code 0");
    assert(!said.includes("error"), said);
  }));

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}
