// The command `eval` from files to figures, on pictures whose truth is known exactly.
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { METRIC_NAMES } from "../../src/evaluate/mod.ts";
import {
  annotateCells,
  CELL_CATEGORIES,
  type ColoredCell,
  makeCellImage,
  makeCellVideo,
} from "../support/cell_pictures.ts";
import { runCli, withTempFolder } from "../support/cli_process.ts";
import { MemoryTerminal, runInProcess } from "../support/memory_terminal.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MODEL = `${ROOT}models/tiny/yolo_v8.onnx`;

/** What `--json` prints, as far as tests read it. */
interface Report {
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly perClass: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
  readonly f1: Readonly<Record<string, number | null>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly confusion: readonly unknown[];
  readonly leftOut: Readonly<Record<string, unknown>>;
  readonly source: { readonly degrade: readonly string[] };
}

function red(column: number, row = 2): ColoredCell {
  return { column, row, color: "red" };
}

function blue(column: number, row = 5): ColoredCell {
  return { column, row, color: "blue" };
}

/** Pictures with ids that are neither indices nor in the order of their names. */
const PICTURES = [
  { id: 30, file_name: "a.bmp", cells: [red(1), red(5), blue(3)] },
  { id: 7, file_name: "b.bmp", cells: [blue(9)] },
  { id: 12, file_name: "deep/c.bmp", cells: [red(8), blue(2)] },
] as const;

interface Annotations {
  images: { id: number; file_name?: string; width?: number; height?: number }[];
  categories: readonly { id: number; name: string }[];
  annotations: unknown[];
}

function annotationsOf(pictures: readonly (typeof PICTURES[number])[] = PICTURES): Annotations {
  return {
    images: pictures.map(({ id, file_name }) => ({ id, file_name, width: 128, height: 96 })),
    categories: CELL_CATEGORIES,
    annotations: annotateCells(pictures),
  };
}

/** A folder of pictures and their annotations, and what `eval` says about them. */
function withPictures(
  fn: (
    evaluate: (annotations: Annotations, ...args: string[]) => ReturnType<typeof runInProcess>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  return withTempFolder(async (folder) => {
    await Deno.mkdir(`${folder}/images/deep`, { recursive: true });
    for (const { file_name, cells } of PICTURES) {
      await makeCellImage(`${folder}/images/${file_name}`, cells);
    }
    const truth = `${folder}/truth.json`;
    await fn(async (annotations, ...args) => {
      await Deno.writeTextFile(truth, JSON.stringify(annotations));
      const inputs = ["-m", MODEL, "--images", `${folder}/images`, "--annotations", truth];
      return await runInProcess(["eval", ...inputs, ...args]);
    }, folder);
  });
}

Deno.test("eval of perfect detections prints 1 everywhere, and one JSON object", () =>
  withPictures(async (evaluate) => {
    const { code, stdout, stderr } = await evaluate(annotationsOf(), "--json");
    assertEquals([code, stderr], [0, ""]);
    const report = JSON.parse(stdout) as Report;
    assertEquals(Object.keys(report.metrics), [...METRIC_NAMES]);
    for (const name of ["AP", "AP50", "AP75", "APs", "AR100", "ARs"]) {
      assertAlmostEquals(report.metrics[name]!, 1, 1e-12, name);
    }
    assertEquals([report.metrics.APl, report.metrics.ARm], [null, null]);
    assertEquals(report.f1, { score: 0.3, precision: 1, recall: 1, f1: 1 });
    assertEquals(Object.keys(report.perClass), ["red", "blue"]);
    assertEquals([report.perClass.red!.AP, report.perClass.red!.truths], [1, 3]);
    assertEquals(report.confusion, [
      { truth: "red", detected: "red", count: 3 },
      { truth: "blue", detected: "blue", count: 3 },
    ]);
    const { images, truths, detections, hits, falses, misses } = report.counts;
    assertEquals([images, truths, hits, falses, misses], [3, 6, 6, 0, 0]);
    assert(detections! >= 6);
  }));

Deno.test("eval counts misses and false detections", () =>
  withPictures(async (evaluate) => {
    const annotations = annotationsOf();
    // One more object where nothing is, and one less where something is.
    annotations.annotations.push({ id: 99, image_id: 7, category_id: 10, bbox: [0, 0, 8, 8] });
    annotations.annotations.splice(0, 1);
    const { code, stdout } = await evaluate(annotations, "--json");
    assertEquals(code, 0);
    const { f1, counts, perClass } = JSON.parse(stdout) as Report;
    assertEquals([counts.hits, counts.falses, counts.misses], [5, 1, 1]);
    assertAlmostEquals(f1.f1!, 5 / 6, 1e-12);
    assertEquals(perClass.blue!.f1, 1);
  }));

Deno.test("eval says the same about the detections it saved", () =>
  withPictures(async (evaluate, folder) => {
    const saved = `${folder}/new/saved.json`;
    const annotations = annotationsOf();
    annotations.annotations.splice(1, 1);
    const first = await evaluate(annotations, "--json", "--save-detections", saved);
    const again = await runInProcess(
      ["eval", "--detections", saved, "--annotations", `${folder}/truth.json`, "--json"],
    );
    assertEquals([first.code, again.code, again.stderr], [0, 0, ""]);
    const [a, b] = [first, again].map(({ stdout }) => JSON.parse(stdout) as Report);
    for (const key of ["metrics", "perClass", "f1", "counts", "confusion"] as const) {
      assertEquals(b![key], a![key]);
    }
  }));

Deno.test("eval tells people in a table, also on a narrow terminal", () =>
  withPictures(async (_, folder) => {
    const truth = `${folder}/truth.json`;
    await Deno.writeTextFile(truth, JSON.stringify(annotationsOf()));
    const args = ["-m", MODEL, "--images", `${folder}/images`, "--annotations", truth];
    for (const columns of [80, 20]) {
      const terminal = new MemoryTerminal(columns, true);
      const { code, stdout, stderr } = await runInProcess(["eval", ...args], terminal);
      assertEquals(code, 0);
      const lines = stdout.split("\n");
      assert(lines.every((line) => line.length <= columns), stdout);
      assertStringIncludes(stdout, "AP50  1.000");
      for (const word of ["red", "blue", "precision"]) assertStringIncludes(stdout, word);
      // The progress bar was drawn and taken away again.
      assertStringIncludes(stderr, "%");
      assert(stderr.includes("\r\x1b[K"));
    }
  }));

Deno.test("eval refuses missing pictures, or leaves them out where it may", () =>
  withPictures(async (evaluate) => {
    const annotations = annotationsOf();
    annotations.images.push({ id: 1, file_name: "gone.bmp" }, { id: 2, file_name: "deep/no.bmp" });
    const refused = await evaluate(annotations);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertStringIncludes(refused.stderr, "2 of the pictures in");
    assertStringIncludes(refused.stderr, "gone.bmp, deep/no.bmp");
    assertStringIncludes(refused.stderr, "--allow-missing");
    const { code, stdout, stderr } = await evaluate(annotations, "--allow-missing");
    assertEquals(code, 0);
    assertStringIncludes(stderr, "2 annotated pictures are missing and were left out");
    assertStringIncludes(stdout, "3 images, 6 objects");
  }));

Deno.test("eval leaves out pictures that nobody annotated, and says so", () =>
  withPictures(async (evaluate) => {
    const { code, stdout, stderr } = await evaluate(annotationsOf(PICTURES.slice(1)));
    assertEquals(code, 0);
    assertStringIncludes(stderr, "1 picture is not annotated and was left out");
    assertStringIncludes(stdout, "2 images, 3 objects");
  }));

Deno.test("eval pairs classes by name and says which have no partner", () =>
  withPictures(async (evaluate) => {
    const annotations = annotationsOf();
    annotations.categories = [{ id: 10, name: "Red" }, { id: 20, name: "green" }];
    const { code, stdout, stderr } = await evaluate(annotations);
    assertEquals(code, 0);
    assertStringIncludes(stderr, "not annotated, so not evaluated: blue");
    assertStringIncludes(stderr, "unknown to the model, so all missed: green");
    assertStringIncludes(stdout, "3 found, 0 false");
    annotations.categories = [{ id: 10, name: "cat" }, { id: 20, name: "green" }];
    const refused = await evaluate(annotations);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertStringIncludes(refused.stderr, "no class name in common");
    assertStringIncludes(refused.stderr, "the detector has red, blue, the annotations cat, green");
  }));

Deno.test("eval --classes narrows what is evaluated", () =>
  withPictures(async (evaluate) => {
    const { code, stdout } = await evaluate(annotationsOf(), "--classes", "RED", "--json");
    assertEquals(code, 0);
    const { perClass, counts, leftOut } = JSON.parse(stdout) as Report;
    assertEquals([Object.keys(perClass), counts.truths], [["red"], 3]);
    assertEquals(leftOut.classesWithoutCategory, []);
    const refused = await evaluate(annotationsOf(), "--classes", "rad");
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, "Did you mean red");
  }));

Deno.test("eval refuses pictures that are not as large as their annotations say", () =>
  withPictures(async (evaluate) => {
    const annotations = annotationsOf();
    annotations.images[0]!.width = 640;
    const { code, stderr } = await evaluate(annotations);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "a.bmp: it has 128×96 pixels, its annotations are for 640×96");
  }));

Deno.test("eval refuses names that lead out of the folder, stand twice or are missing", () =>
  withPictures(async (evaluate) => {
    const cases: [string | undefined, string][] = [
      ["../truth.json", "leads out of the folder"],
      ["/etc/a.png", "leads out of the folder"],
      ["deep/../../x.bmp", "leads out of the folder"],
      ["b.bmp", "b.bmp is the name of another one too"],
      ["a.txt", "is no jpg, png, bmp or webp"],
      [undefined, "it has no file_name"],
    ];
    for (const [name, words] of cases) {
      const annotations = annotationsOf();
      const { id } = annotations.images[0]!;
      annotations.images[0] = name === undefined ? { id } : { id, file_name: name };
      const { code, stderr } = await evaluate(annotations);
      assertEquals(code, 1, words);
      assertStringIncludes(stderr, "ANNOTATIONS_INVALID");
      assertStringIncludes(stderr, words);
    }
  }));

Deno.test("eval of a video takes frames by their number", () =>
  withTempFolder(async (folder) => {
    const video = `${folder}/cells.y4m`;
    const frames = Array.from({ length: 24 }, (_, i) => [red(i % 16, Math.floor(i / 16))]);
    await makeCellVideo(video, frames);
    const pictures = frames.map((cells, id) => ({ id, cells }));
    // Frames 0 to 2 are annotated wrong, 20 to 23 not at all.
    const wrong = pictures.map(({ id, cells }) => ({ id, cells: id < 3 ? [blue(0, 0)] : cells }));
    const annotations = {
      images: pictures.slice(0, 20).map(({ id }) => ({ id })),
      categories: CELL_CATEGORIES,
      annotations: annotateCells(wrong.slice(0, 20)),
    };
    const truth = `${folder}/truth.json`;
    await Deno.writeTextFile(truth, JSON.stringify(annotations));
    const args = ["eval", "-m", MODEL, "--video", video, "--annotations", truth, "--json"];
    async function evaluate(...more: string[]): Promise<Report> {
      const { code, stdout, stderr } = await runInProcess([...args, ...more]);
      assertEquals([code, stderr], [0, ""]);
      return JSON.parse(stdout) as Report;
    }
    const all = await evaluate();
    assertEquals([all.counts.images, all.counts.hits, all.counts.misses], [20, 17, 3]);
    const some = await evaluate("--frames", "3:24:4");
    assertEquals([some.counts.images, some.counts.hits, some.counts.misses], [5, 5, 0]);
    assertEquals(some.metrics.AP, 1);
    assertEquals(some.leftOut.picturesWithoutAnnotations, 1);
    const two = await evaluate("--frames", "5:", "--workers", "2");
    assertEquals([two.counts.images, two.counts.hits], [15, 15]);
    // Degradations count the frames that are delivered: 3 to 7 stay as they are.
    const dark = await evaluate("--frames", "3:20", "--degrade", "dark:4@5");
    assertEquals([dark.counts.hits, dark.counts.misses], [5, 12]);
    assertEquals(dark.source.degrade, ["dark:4@5"]);
    const none = await runInProcess([...args, "--frames", "20:24"]);
    assertEquals(none.code, 1);
    assertStringIncludes(none.stderr, "is about none of the frames asked for");
  }));

Deno.test("eval refuses annotated frames that the video does not have", () =>
  withTempFolder(async (folder) => {
    const video = `${folder}/cells.y4m`;
    await makeCellVideo(video, [[red(0)], [red(1)]]);
    const annotations = {
      images: [{ id: 0 }, { id: 1 }, { id: 2 }],
      categories: CELL_CATEGORIES,
      annotations: [],
    };
    const truth = `${folder}/truth.json`;
    await Deno.writeTextFile(truth, JSON.stringify(annotations));
    const saved = `${folder}/saved.json`;
    const args = ["eval", "-m", MODEL, "--video", video, "--annotations", truth];
    const refused = await runInProcess([...args, "--save-detections", saved]);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertStringIncludes(refused.stderr, "1 of the pictures in");
    assertStringIncludes(refused.stderr, "frame 2");
    // What was found is kept all the same.
    assertEquals(JSON.parse(await Deno.readTextFile(saved)).length, 2);
    const allowed = await runInProcess([...args, "--allow-missing", "--json"]);
    assertEquals([allowed.code, JSON.parse(allowed.stdout).counts.images], [0, 2]);
  }));

Deno.test("fovea eval --help names every flag and the exact meaning of STOP", async () => {
  const { code, stdout } = await runCli(["eval", "--help"]);
  assertEquals(code, 0);
  for (
    const flag of ("--annotations --model --images --video --frames --allow-missing --detections " +
      "--conf --iou --classes --agnostic --max-detections --box-labels --score --report " +
      "--save-detections --json --workers --threads --family").split(" ")
  ) assertStringIncludes(stdout, flag);
  for (const value of ["0.001", "0.65", "0.3"]) assertStringIncludes(stdout, `default: ${value}`);
});
