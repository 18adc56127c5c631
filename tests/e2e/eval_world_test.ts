// `eval` on a drawn world: the camera's own truth, tracks, and how they agree with files.
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { withTempFolder } from "../support/cli_process.ts";
import { runInProcess } from "../support/memory_terminal.ts";

const URI = "synthetic:street?seed=7&frames=16";

/** What `--json` prints, as far as tests read it. */
interface Report {
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly perClass: Readonly<Record<string, { readonly truths: number }>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly tracks?: Readonly<Record<string, number | null>> & { readonly perClass: unknown };
  readonly source: Readonly<Record<string, unknown>>;
  readonly leftOut: Readonly<Record<string, unknown>>;
}

async function evaluate(...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await runInProcess(["eval", ...args, "--json"]);
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout) as Report;
}

async function writeTruth(uri: string, path: string): Promise<void> {
  const { code, stderr } = await runInProcess(["world", uri, "--annotations", path]);
  assertEquals([code, stderr], [0, ""]);
}

Deno.test("eval of a world asks its truth, which is what fovea world writes down", () =>
  withTempFolder(async (folder) => {
    const path = `${folder}/truth.json`;
    await writeTruth(URI, path);
    for (const more of [["--degrade", "geom:1@10,fog:1"], ["--frames", "2:16:2"]]) {
      const own = await evaluate("--video", URI, "--tracks", ...more);
      const read = await evaluate("--video", URI, "--tracks", "--annotations", path, ...more);
      assertGreater(own.counts.hits!, 0);
      assertGreater(own.tracks!.truthTracks!, 0);
      assertEquals({ ...own, source: null }, { ...read, source: null });
      assertEquals(own.source.annotations, "truth");
      assertEquals(own.source.pictures, URI);
    }
    const named = await evaluate("--video", URI, "--annotations", "truth");
    assertEquals([named.counts.images, named.tracks], [16, undefined]);
  }));

Deno.test("eval of a world knows a class that no detector knows", async () => {
  const uri = "synthetic:street?seed=2&frames=400&class=tractor@0";
  const { perClass, leftOut } = await evaluate("--video", uri, "--frames", "0:400:80");
  assertEquals(Object.keys(perClass), ["car", "van", "bicycle", "pedestrian", "tractor"]);
  assertEquals(leftOut.categoriesWithoutClass, ["tractor"]);
  const cars = await evaluate("--video", uri, "--frames", "0:400:80", "--classes", "car");
  assertEquals(Object.keys(cars.perClass), ["car"]);
  assertGreater(perClass.tractor!.truths, 0);
  assertEquals(cars.perClass.car!.truths, perClass.car!.truths);
});

Deno.test("eval --tracks judges tracks as run makes them", () =>
  withTempFolder(async (folder) => {
    const path = `${folder}/truth.json`;
    await writeTruth(URI, path);
    const seen = `${folder}/seen.ndjson`;
    const ran = await runInProcess(["run", URI, "--save", seen, "--json"]);
    assertEquals(ran.code, 0);
    const lines = (await Deno.readTextFile(seen)).trimEnd().split("\n");
    const found = lines.map((line) => JSON.parse(line)).flatMap(({ seq, tracks }) =>
      tracks.map(({ trackId, classIndex, score, xyxyPx: [x1, y1, x2, y2] }: {
        readonly trackId: number;
        readonly classIndex: number;
        readonly score: number;
        readonly xyxyPx: readonly [number, number, number, number];
      }) => ({
        image_id: seq,
        category_id: classIndex + 1,
        bbox: [x1, y1, x2 - x1, y2 - y1],
        score,
        track_id: trackId,
      }))
    );
    await Deno.writeTextFile(`${folder}/found.json`, JSON.stringify(found));
    const { tracks: live } = await evaluate("--video", URI, "--tracks");
    const files = ["--annotations", path, "--detections", `${folder}/found.json`];
    const { tracks: read } = await evaluate(...files, "--tracks");
    assertGreater(live!.tracks!, 0);
    // Boxes are evaluated to a thousandth of a pixel, so sums of IoU differ in their last digits.
    for (const name of ["MOTA", "IDF1", "idSwitches", "tracks", "matches", "truthTracks"]) {
      assertEquals(read![name], live![name], name);
    }
  }));

Deno.test("eval refuses worlds and tracks that it cannot judge", () =>
  withTempFolder(async (folder) => {
    const untracked = `${folder}/truth.json`;
    await Deno.writeTextFile(
      untracked,
      JSON.stringify({
        images: [{ id: 0 }],
        categories: [{ id: 1, name: "car" }],
        annotations: [{ id: 1, image_id: 0, category_id: 1, bbox: [1, 1, 9, 9] }],
      }),
    );
    const found = `${folder}/found.json`;
    await Deno.writeTextFile(found, "[]");
    const cases: [args: string[], code: number, error: string, words: string[]][] = [
      [["--video", "synthetic:street"], 2, "USAGE", ["has no end", "--frames 0:300"]],
      [["--video", "synthetic:street?frames=5", "--frames", "9:20"], 2, "USAGE", ["0 frames"]],
      [["--video", "synthetic:street?frames=200000"], 2, "USAGE", ["200000 frames", "100000"]],
      [["--video", "synthetic:town?frames=5"], 1, "CAMERA_URI", ["town is unknown"]],
      [["--video", "synthetic:street?frames=5&weather=fog:9"], 1, "CAMERA_URI", ["severity 9"]],
      [["--video", "clip.mp4", "--annotations", "truth"], 2, "USAGE", ["drawn world", "./truth"]],
      [["--video", "clip.mp4"], 2, "USAGE", ["--annotations is not given"]],
      [["--images", folder, "--annotations", untracked, "--tracks"], 2, "USAGE", ["no times"]],
      [
        ["--annotations", untracked, "--detections", found, "--tracks"],
        1,
        "ANNOTATIONS_INVALID",
        ["picture 0: a box has no track_id"],
      ],
    ];
    for (const [args, code, error, words] of cases) {
      const outcome = await runInProcess(["eval", ...args]);
      assertEquals([outcome.code, outcome.stdout], [code, ""], args.join(" "));
      assertStringIncludes(outcome.stderr, `error ${error}: `);
      for (const word of words) assertStringIncludes(outcome.stderr, word);
    }
  }));

Deno.test("eval warns where the shipped detector looks at something else than a world", () =>
  withTempFolder(async (folder) => {
    const frames = `${folder}/frames`;
    const world = "synthetic:street?seed=7&frames=2&size=320x192";
    const save = ["--save", `${frames}/%06d.png`, "--annotations", `${folder}/truth.json`];
    assertEquals((await runInProcess(["world", world, ...save])).code, 0);
    const args = ["eval", "--images", frames, "--annotations", `${folder}/truth.json`];
    const { code, stdout, stderr } = await runInProcess(args);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "2 images");
    assertStringIncludes(stderr, "model: fovea-street (shipped");
    assertStringIncludes(stderr, `warning: fovea-street is not made for ${frames}`);
    const json = await runInProcess([...args, "--json"]);
    const { warning } = JSON.parse(json.stderr);
    assertEquals([json.code, Object.keys(warning)], [0, ["message", "hint"]]);
    assert(JSON.parse(json.stdout).metrics.AP50 !== null);
  }));
