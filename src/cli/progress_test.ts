import { assertEquals, assertLessOrEqual, assertMatch } from "@std/assert";
import fc from "fast-check";
import { ManualClock } from "../core/clock.ts";
import type { FrameResult } from "../core/result.ts";
import { formatDuration, formatProgress, type Progress, ProgressBar } from "./progress.ts";

const PROGRESS: Progress = {
  position: 50,
  totalFrames: 200,
  frames: 50,
  elapsedMs: 2_000,
  detections: 120,
};

/** The fields that the bar reads. */
function resultAt(seq: number, detections = 0, kind: "frame" | "state" = "frame"): FrameResult {
  return { kind, seq, detections: Array(detections).fill({}) } as unknown as FrameResult;
}

function makeBar(options: { isTerminal?: boolean; totalFrames?: number | null } = {}) {
  const clock = new ManualClock();
  const written: string[] = [];
  const bar = new ProgressBar({
    write: (text) => void written.push(text),
    columns: () => 80,
    isTerminal: options.isTerminal ?? true,
    totalFrames: options.totalFrames === undefined ? 200 : options.totalFrames,
    clock,
  });
  return { bar, clock, written };
}

Deno.test("formatProgress() shows part, frames, speed, time left and detections", () => {
  assertEquals(
    formatProgress(PROGRESS, 100),
    "[=========>                              ]   25%  50/200  25.0 fps  0:06 left  120 detections",
  );
  assertEquals(
    formatProgress({ ...PROGRESS, totalFrames: null }, 80),
    "50 frames  25.0 fps  0:02  120 detections",
  );
});

Deno.test("formatProgress() leaves out what does not fit, the bar last", () => {
  assertEquals(formatProgress(PROGRESS, 48), "[=>        ]   25%  50/200  25.0 fps  0:06 left");
  assertEquals(formatProgress(PROGRESS, 36), "[=>       ]   25%  50/200  25.0 fps");
  assertEquals(formatProgress(PROGRESS, 20), " 25%  50/200");
  assertEquals(formatProgress({ ...PROGRESS, totalFrames: null }, 20), "50 frames  25.0 fps");
});

Deno.test("formatProgress() starts empty and ends full", () => {
  const start = formatProgress({ ...PROGRESS, position: 0, frames: 0, elapsedMs: 0 }, 60);
  assertMatch(start, /^\[ {20,}\] {4}0% {2}0\/200 {2}120 detections$/);
  const end = formatProgress({ ...PROGRESS, position: 200 }, 60);
  assertMatch(end, /^\[=+\] {2}100% {2}200\/200 {2}25\.0 fps {2}0:00 left$/);
});

Deno.test("formatProgress() never wraps and never breaks, whatever the numbers", () => {
  fc.assert(
    fc.property(
      fc.record({
        position: fc.nat(),
        totalFrames: fc.option(fc.nat()),
        frames: fc.nat(),
        elapsedMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
        detections: fc.nat(),
      }),
      fc.integer({ min: 20, max: 300 }),
      (progress, columns) => {
        const line = formatProgress(progress, columns);
        assertLessOrEqual(line.length, columns - 1);
        assertMatch(line, /^[\x20-\x7e]*$/);
        assertEquals(/NaN|Infinity|undefined/.test(line), false);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("formatDuration() counts whole seconds up", () => {
  assertEquals([0, 6.1, 60, 3_599, 11_109].map(formatDuration), [
    "0:00",
    "0:07",
    "1:00",
    "59:59",
    "3:05:09",
  ]);
});

Deno.test("ProgressBar draws at most ten times a second and erases its line", async () => {
  const { bar, clock, written } = makeBar();
  for (let seq = 0; seq < 100; seq++) {
    bar.update(resultAt(seq, 2));
    await clock.advance(10);
  }
  assertEquals(written.length, 10);
  assertEquals(written[9]!.startsWith("\r["), true);
  assertEquals(written[9]!.endsWith("\x1b[K"), true);
  assertMatch(written[9]!, / 45% {2}91\/200 {2}101\.1 fps {2}0:02 left {2}182 detections/);
  bar.finish();
  assertEquals(written.at(-1), "\r\x1b[K");
  bar.finish();
  assertEquals(written.length, 11);
});

Deno.test("ProgressBar counts skipped frames as done, and changes of state not at all", async () => {
  const { bar, clock, written } = makeBar();
  bar.update(resultAt(-1, 0, "state"));
  await clock.advance(1_000);
  bar.update(resultAt(99));
  assertMatch(written[1]!, / 50% {2}100\/200 {2}1\.0 fps/);
});

Deno.test("ProgressBar draws at once after it was cleared", () => {
  const { bar, written } = makeBar();
  bar.update(resultAt(0));
  bar.clear();
  bar.update(resultAt(1));
  assertEquals(written.length, 3);
});

Deno.test("ProgressBar writes nothing where nobody sees it", async () => {
  const { bar, clock, written } = makeBar({ isTerminal: false });
  bar.update(resultAt(0));
  await clock.advance(500);
  bar.update(resultAt(1));
  bar.finish();
  assertEquals(written, []);
});
