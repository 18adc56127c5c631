// Runs every example as a user would: on a drawn street, or on a picture and a tiny model.
import {
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { readHeadFile } from "../../mod.ts";
import { makeBitmap } from "../support/bitmap.ts";

const ROOT = new URL("../../", import.meta.url);
const MODEL = "models/tiny/yolo_v8.onnx";
const SHIPPED = "models/fovea-street.onnx";
const STREET = "synthetic:street?seed=4&frames=100&size=320x192";

async function runExample(name: string, args: readonly string[] = []): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-prompt", `examples/${name}`, ...args],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("the examples run on a drawn street, with the detector that is shipped", async () => {
  await Deno.mkdir(new URL("out/", ROOT), { recursive: true });
  const detections = (await runExample("detect.ts", [STREET, SHIPPED])).trim().split("\n");
  assertGreater(detections.length, 100);
  assertMatch(detections[0]!, /^0 (car|van|bicycle|pedestrian) [01]\.\d\d \[/);

  const changes = await runExample("changes.ts", [STREET, SHIPPED]);
  assertStringIncludes(changes, "frame 0, 0.00 s: ");
  assertMatch(changes, /100 frames, [\d.]+ a second/);

  const counts = (await runExample("count_objects.ts", [STREET, SHIPPED])).trim().split("\n");
  for (const line of counts) assertMatch(line, /^[1-9]\d* x (car|van|bicycle|pedestrian)$/);
  assertGreater(counts.length, 1);

  const file = new URL("out/example.head", ROOT).pathname;
  const changed = await runExample("change_head.ts", [STREET, SHIPPED, "car", file]);
  assertMatch(changed, /frame 40, head 0: [1-9]\d* × car\nframe 50, head [01]: \d+ × car\n/);
  assertMatch(changed, /frame 60, head 1: 0 × car\n[^]*\n128000 numbers were tapped/);
  assertEquals((await readHeadFile(file)).version, 1);

  const csv = new URL("out/example.csv", ROOT);
  const printed = await runExample("custom_sink.ts", [STREET, SHIPPED, csv.pathname]);
  assertStringIncludes(printed, "100 frames");
  const [head, ...rows] = (await Deno.readTextFile(csv)).trim().split("\n");
  assertEquals(head, "seq,ptsMs,class,score,x1,y1,x2,y2");
  assertGreater(rows.length, 100);
  assertMatch(rows[0]!, /^0,0,(car|van|bicycle|pedestrian),[01]\.\d{3}(,-?\d+\.\d){4}$/);

  const watched = await runExample("rtsp_latest.ts", [STREET, SHIPPED]);
  assertMatch(watched, /^frame \d+, \d+ ms old, \d+ dropped: (car|van|bicycle|pedestrian)/);
});

Deno.test("the example of the street sees less at night than by day", async () => {
  const [day, night] = (await runExample("street_truth.ts")).trim().split("\n");
  const figures = /: AP50 ([\d.]+), precision ([\d.]+|-), recall ([\d.]+) \(\d+ objects\)$/;
  assertMatch(day!, /^by day/);
  assertMatch(night!, /^at night/);
  const [byDay, atNight] = [day!, night!].map((line) => Number(figures.exec(line)![1]));
  assertGreater(byDay!, atNight! + 0.2);
});

Deno.test("the example of tracks scores them against the truth", async () => {
  const printed = await runExample("track_score.ts");
  const [, objects, idf1] =
    /^(\d+) objects: IDF1 ([\d.]+), MOTA -?[\d.]+\n\d+ times an object got another id\n$/
      .exec(printed)!;
  assertGreater(Number(objects), 5);
  assertGreater(Number(idf1), 0.3);
});

Deno.test("the example for boards says what it can about this machine, with native code alone", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-ffi", "--no-prompt", "examples/board.ts"],
    cwd: ROOT,
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  assertMatch(new TextDecoder().decode(stdout), /GPU load: (not told|\d+ %)\n/);
});

Deno.test("the example for one picture prints what is in it and draws it", async () => {
  const photo = new URL("out/example.bmp", ROOT);
  const seen = new URL("out/example.png", ROOT);
  await Deno.mkdir(new URL("out/", ROOT), { recursive: true });
  await makeBitmap(photo.pathname, 128, 96, [{ xyxyPx: [8, 8, 16, 16], rgb: [255, 0, 0] }]);
  const printed = await runExample("single_image.ts", [photo.pathname, MODEL, seen.pathname]);
  const { width, height, detections } = JSON.parse(printed);
  assertEquals([width, height, detections.length], [128, 96, 1]);
  assertEquals([detections[0].className, detections[0].xyxyPx], ["red", [8, 8, 16, 16]]);
  const signature = (await Deno.readFile(seen)).subarray(0, 4);
  assertEquals([...signature], [0x89, 0x50, 0x4e, 0x47]);
});

/** The document that shows what examples print. */
function readReadme(): Promise<string> {
  return Deno.readTextFile(new URL("examples/README.md", ROOT));
}

/** Rows of a table in an example's output: the first cell as text, the others as numbers. */
function readTable(printed: string): Map<string, number[]> {
  const rows = printed.trimEnd().split("\n").slice(3).map((line): [string, number[]] => {
    const cells = line.trim().split(/\s{2,}| %\s*/).filter((cell) => cell !== "");
    return [cells[0]!, cells.slice(1).map((cell) => Number(cell.replace("x ", "")))];
  });
  return new Map(rows);
}

Deno.test("the example of the pedestrian shows what focusing removes", async () => {
  const printed = await runExample("small_pedestrian.ts");
  assertStringIncludes(await readReadme(), printed);
  const table = readTable(printed);
  // Cross-entropy is nearly all background, and hardly tells that the pedestrian is gone.
  assertEquals(table.get("0.0"), [96.4, 97.6, 1.11]);
  assertEquals(table.get("1.5"), [13.6, 23.4, 7.81]);
  assertEquals(table.get("2.0"), [3.5, 6.7, 11.01]);
  const shares = [...table.values()].map(([ofLoss]) => ofLoss!);
  assertEquals(shares, shares.toSorted((a, b) => b - a));
  assertEquals([...table.keys()], ["0.0", "0.5", "1.0", "1.5", "2.0", "3.0"]);
});

Deno.test("the example of the lesion shows cross-entropy drowned, and what is not", async () => {
  const printed = await runExample("rare_lesion.ts");
  assertStringIncludes(await readReadme(), printed);
  const table = readTable(printed);
  assertEquals(table.get("cross-entropy"), [76.5, 90.8, 0.769]);
  assertEquals(table.get("focal, gamma 2"), [0.2, 1.1, 0.002]);
  // Masks as a whole have no loss of pixels.
  assertEquals(table.get("Dice")!.slice(1), [59.1, 0.842]);
  assertEquals(table.get("Tversky 0.1, 0.9")!.slice(1), [51.6, 0.525]);
  assertEquals(table.size, 10);
});

Deno.test("the example of the night shows a loss that rises, an alarm, and who was missed", async () => {
  const printed = await runExample("pedestrian_at_night.ts");
  const [day, night] = [...printed.matchAll(/focal loss (\d\.\d\d) a target, (\d\.\d\d) a ped/g)]
    .map(([, all, pedestrians]) => [Number(all), Number(pedestrians)] as const);
  assertGreater(night![0], 1.5 * day![0]);
  assertGreater(night![1], 1.5 * day![1]);
  const shares = [...printed.matchAll(/hold (\d+) % of the cross-.*, (\d+) % of their focal/g)];
  assertGreater(Number(shares[0]![1]), 60);
  assertLess(Number(shares[0]![2]), 20);
  assertMatch(printed, /\nalarm \d{1,2} frames after night fell; health at the end: degraded\n/);
  assertMatch(printed, /\n {2}frame 2\d\d, loss 0\.\d\d: pedestrian is there by the labels/);
  // Figures are the detector's, which is trained anew now and then; words are the example's.
  const words = (text: string) => text.replaceAll(/\d+(\.\d+)?/g, "#").split("\n").slice(0, 4);
  assertStringIncludes(
    (await readReadme()).replaceAll(/\d+(\.\d+)?/g, "#"),
    words(printed).join("\n"),
  );
});

Deno.test("every example is run by this test", () => {
  const examples = [...Deno.readDirSync(new URL("examples", ROOT))]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".ts"));
  assertEquals(examples.sort(), [
    "board.ts",
    "change_head.ts",
    "changes.ts",
    "count_objects.ts",
    "custom_sink.ts",
    "detect.ts",
    "pedestrian_at_night.ts",
    "rare_lesion.ts",
    "rtsp_latest.ts",
    "single_image.ts",
    "small_pedestrian.ts",
    "street_truth.ts",
    "track_score.ts",
  ]);
});
