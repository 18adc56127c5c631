// Tracking as a whole: real engines, workers and cameras, the command line, and real traffic.
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { type FrameResult, loadDetector, openCamera, perceive } from "../../mod.ts";
import { boxIou } from "../../src/core/box_overlap.ts";
import { TrackEvaluator, type TrackTruth } from "../../src/evaluate/track_metrics.ts";
import { makeBitmap } from "../support/bitmap.ts";
import { runCli, withTempFolder } from "../support/cli_process.ts";
import { testWithShared } from "../support/shared.ts";

const MODEL = new URL("../../models/tiny/yolo_v8.onnx", import.meta.url).pathname;

/** A red square that fades until nothing sees it, and a blue one that stays. */
async function paintFading(folder: string): Promise<void> {
  for (let i = 0; i < 12; i++) {
    await makeBitmap(`${folder}/${i}.bmp`, 256, 192, [
      { xyxyPx: [32, 48, 48, 64], rgb: [255 - 14 * i, 40, 40] },
      { xyxyPx: [160, 112, 176, 128], rgb: [40, 40, 255] },
    ]);
  }
}

async function watch(folder: string, track: boolean, workers = 1): Promise<FrameResult[]> {
  await using camera = await openCamera(`images:${folder}?fps=25`);
  await using detector = await loadDetector(MODEL, { confidence: 0.5, workers });
  return await Array.fromAsync(perceive(camera, detector, { track }));
}

/** Ids with whether they were reported (`1`) or only tracked (`1?`). */
function idsOf({ tracks, detections }: FrameResult): string {
  const reported = new Set(detections.map(({ trackId }) => trackId));
  return tracks.map(({ trackId }) => reported.has(trackId) ? `${trackId}` : `${trackId}?`).join();
}

Deno.test("perceive() follows what fades below the reported score, with any number of workers", async () => {
  await withTempFolder(async (folder) => {
    await paintFading(folder);
    const results = await watch(folder, true);
    // Both are sure of themselves in the first picture; ids are then given from the left.
    const names = results[1]!.tracks.map(({ trackId, className }) => `${trackId} ${className}`);
    assertEquals(names, ["1 red", "2 blue"]);
    assertEquals(results.map(idsOf), [
      "",
      ...Array(5).fill("1,2"),
      // At a score of 0.36 it is still followed; at 0.16, which is below 0.4 of 0.5, no longer.
      "1?,2",
      ...Array(5).fill("2"),
    ]);
    const three = await watch(folder, true, 3);
    assertEquals(three.map(({ tracks }) => tracks), results.map(({ tracks }) => tracks));
    const plain = await watch(folder, false);
    assertEquals(
      results.map(({ detections }) => detections.map(({ trackId: _, ...rest }) => rest)),
      plain.map(({ detections }) => [...detections]),
    );
  });
});

Deno.test("fovea run gives ids unless it is told not to", async () => {
  await withTempFolder(async (folder) => {
    const pictures = `${folder}/pictures`;
    await Deno.mkdir(pictures);
    await paintFading(pictures);
    const base = ["run", `images:${pictures}?fps=25`, "--model", MODEL, "--conf", "0.5"];
    const tracked = await runCli([...base, "--save", `${folder}/seen.png`]);
    assertEquals(tracked.code, 0, tracked.stderr);
    assertStringIncludes(tracked.stdout, `  blue 1.00 #${2}, red 0.99 #${1}\n`);
    assertStringIncludes(tracked.stderr, "detections, 2 tracks;");
    const stats = `${folder}/stats.json`;
    const plain = await runCli([...base, "--no-track", "--json", "--stats", stats]);
    assertEquals(plain.code, 0, plain.stderr);
    const results = plain.stdout.trimEnd().split("\n").map((line) => {
      return JSON.parse(line) as FrameResult;
    });
    assertEquals(results.flatMap(({ tracks }) => tracks), []);
    assertEquals(results.some(({ detections }) => "trackId" in detections[0]!), false);
    const report = JSON.parse(await Deno.readTextFile(stats));
    assertEquals([report.tracks, report.stagesMs.track.max], [0, 0]);
  });
});

interface CocoFile {
  readonly annotations: readonly {
    readonly image_id: number;
    readonly iscrowd: number;
    readonly bbox: readonly [number, number, number, number];
  }[];
}

/** Boxes of the truth by frame; neighbours in time that overlap are one car. */
function linkTruth({ annotations }: CocoFile, frames: number): TrackTruth[][] {
  const linked: TrackTruth[][] = [];
  let lastId = 0;
  for (let frame = 0; frame < frames; frame++) {
    const boxes = annotations.filter(({ image_id }) => image_id === frame).map((one) => {
      const [x, y, width, height] = one.bbox;
      const xyxyPx = [x, y, x + width, y + height] as const;
      const before = linked.at(-1)?.find((other) => boxIou(other.xyxyPx, 0, xyxyPx, 0) > 0.3);
      const trackId = before?.trackId ?? ++lastId;
      return { trackId, classIndex: 0, xyxyPx, ignore: one.iscrowd === 1 };
    });
    linked.push(boxes);
  }
  return linked;
}

testWithShared(
  "perceive() gives each car of a real clip one id, though the detector wavers between names",
  [
    "media/car-detection.mp4",
    "media/truth/car-detection.coco.json",
    "models/yolox_nano_416x416.onnx",
  ],
  async ([clip, annotations, model]) => {
    const frames = 240;
    const truth = linkTruth(JSON.parse(await Deno.readTextFile(annotations)), frames);
    await using camera = await openCamera(clip);
    await using detector = await loadDetector(model);
    const evaluator = new TrackEvaluator({ ignoreClasses: true });
    for await (const result of perceive(camera, detector, { track: true, maxFrames: frames })) {
      evaluator.addFrame(truth[result.seq]!, result.tracks);
    }
    const { overall } = evaluator.summary();
    assertEquals([overall.truthTracks, overall.tracks, overall.idSwitches], [3, 3, 0]);
    assertGreater(overall.idf1!, 0.85);
  },
);
