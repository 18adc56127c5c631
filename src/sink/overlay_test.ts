import { assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { Health, MonitorReport } from "../core/monitor_report.ts";
import type { FrameResult } from "../core/result.ts";
import { makeDetection, makeResult } from "../../tests/support/fake_result.ts";
import { classColor, INK_WARNING, splitColor } from "./color.ts";
import { formatLabel, formatStatus, Overlay, type Viewport } from "./overlay.ts";
import { RgbCanvas } from "./rgb_canvas.ts";

const GRAY = 0x80;

/** A gray picture after an overlay was drawn on it. */
class Sheet {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;

  constructor(
    width: number,
    height: number,
    result: FrameResult,
    viewport?: Viewport,
    overlay = new Overlay(width, height),
  ) {
    this.width = width;
    this.height = height;
    this.bytes = new Uint8Array(3 * width * height).fill(GRAY);
    const canvas = new RgbCanvas(this.bytes, 3 * width, width, height);
    const whole = { scale: 1, offsetX: 0, offsetY: 0, width, height };
    overlay.draw(canvas, result, viewport ?? whole);
  }

  at(x: number, y: number): number[] {
    return [...this.bytes.subarray(3 * (y * this.width + x)).subarray(0, 3)];
  }

  /** How many pixels of a rectangle have exactly this colour. */
  count(color: readonly number[], x1 = 0, y1 = 0, x2 = this.width, y2 = this.height): number {
    let count = 0;
    for (let y = y1; y < y2; y++) {
      for (let x = x1; x < x2; x++) if (String(this.at(x, y)) === String(color)) count++;
    }
    return count;
  }
}

const PLAIN = [GRAY, GRAY, GRAY];
const PERSON = splitColor(classColor(0));

Deno.test("Overlay draws a frame of two pixels in the colour of the class, and nothing inside", () => {
  const sheet = new Sheet(
    640,
    384,
    makeResult({ detections: [makeDetection([100, 80, 300, 200])] }),
  );
  for (const [x, y] of [[100, 80], [101, 81], [299, 199], [298, 198], [100, 140], [200, 199]]) {
    assertEquals(sheet.at(x!, y!), PERSON, `${x},${y}`);
  }
  assertEquals(sheet.count(PLAIN, 102, 82, 298, 198), 196 * 116);
  assertEquals(sheet.count(PLAIN, 300, 60, 640, 300), 340 * 240);
});

Deno.test("Overlay puts a filled label with dark text above the box", () => {
  const detections = [makeDetection([100, 80, 300, 200], { trackId: 12 })];
  const sheet = new Sheet(640, 384, makeResult({ detections }));
  assertEquals(sheet.at(100, 62), PERSON);
  assertGreater(sheet.count([0x10, 0x15, 0x1c], 100, 62, 220, 80), 60);
  assertEquals(sheet.count(PLAIN, 100, 62, 170, 80), 0);
  assertEquals(sheet.count(PLAIN, 100, 40, 300, 62), 200 * 22);
});

Deno.test("Overlay draws thicker lines and bigger text on 1080p", () => {
  const detections = [makeDetection([100, 80, 300, 200])];
  const sheet = new Sheet(1920, 1080, makeResult({ detections }));
  assertEquals(sheet.at(103, 140), PERSON);
  assertEquals(sheet.at(104, 140), PLAIN);
  assertEquals(sheet.at(100, 51), PERSON);
});

/** What a monitor says, as far as it is drawn. */
function monitorOf(health: Health, suspicion: string | null = null): FrameResult["monitor"] {
  return { health, suspicion } as MonitorReport;
}

Deno.test("the status line says how the detector is doing, and what is suspected", () => {
  const ends = ([
    [monitorOf("warming"), "12.8 ms  warming"],
    [monitorOf("healthy", "dark"), "12.8 ms  healthy"],
    [monitorOf("drifting", "dark"), "12.8 ms  drifting: dark?"],
    [monitorOf("degraded"), "12.8 ms  degraded"],
    [null, "12.8 ms"],
  ] as const).map(([monitor, end]) => [formatStatus(makeResult({ monitor })), end] as const);
  for (const [status, end] of ends) assertEquals(status.endsWith(end), true, status);
});

Deno.test("Overlay warns in colour of a detector that drifts, and of nothing else", () => {
  const warned = (monitor: FrameResult["monitor"]): boolean =>
    new Sheet(640, 384, makeResult({ monitor })).count(splitColor(INK_WARNING), 0, 340) > 0;
  assertEquals([null, monitorOf("warming"), monitorOf("healthy")].map(warned), [
    false,
    false,
    false,
  ]);
  assertEquals([monitorOf("drifting"), monitorOf("degraded"), monitorOf("blind")].map(warned), [
    true,
    true,
    true,
  ]);
});

Deno.test("Overlay shows the state at the bottom left, in a warning colour if it is not live", () => {
  const live = new Sheet(640, 384, makeResult());
  const frozen = new Sheet(640, 384, makeResult({ state: "frozen", stateReason: "same picture" }));
  assertNotEquals(live.at(0, 383), PLAIN);
  assertGreater(live.count([255, 255, 255], 0, 366, 300, 384), 60);
  assertEquals(frozen.count([255, 255, 255], 0, 366, 300, 384), 0);
  assertGreater(frozen.count(splitColor(INK_WARNING), 0, 366, 300, 384), 60);
  assertEquals(live.count(PLAIN, 0, 0, 640, 366), 640 * 366);
});

Deno.test("Overlay leaves the status line out of small pictures", () => {
  const sheet = new Sheet(96, 64, makeResult());
  assertEquals(sheet.count(PLAIN), 96 * 64);
});

Deno.test("Overlay cuts a long state so that it stays inside", () => {
  const stateReason = "no new picture for a very long time ".repeat(4);
  const sheet = new Sheet(320, 240, makeResult({ state: "stale", stateReason }));
  assertEquals(sheet.count(PLAIN, 318, 0, 320, 240), 2 * 240);
});

/** Rows of a label's colour above a box at `y`, which tell the size of its text. */
function labelRows(sheet: Sheet, x: number, y: number): number {
  let rows = 0;
  while (String(sheet.at(x, y - 1 - rows)) === String(PERSON)) rows++;
  return rows;
}

Deno.test("Overlay labels small objects in small text, and does not waver between the two", () => {
  const tall = makeDetection([100, 80, 130, 140], { trackId: 1 });
  const low = makeDetection([300, 80, 330, 110], { trackId: 2 });
  const sheet = new Sheet(640, 384, makeResult({ detections: [tall, low] }));
  assertEquals([labelRows(sheet, 100, 80), labelRows(sheet, 300, 80)], [18, 14]);
  const overlay = new Overlay(640, 384);
  const rows = [48, 56, 50, 70, 56].map((height) => {
    const detections = [makeDetection([100, 80, 130, 80 + height], { trackId: 1 })];
    const next = new Sheet(640, 384, makeResult({ detections }), undefined, overlay);
    return labelRows(next, 100, 80);
  });
  assertEquals(rows, [14, 14, 14, 18, 18]);
});

Deno.test("Overlay leaves the label of a track where it was", () => {
  const overlay = new Overlay(640, 384);
  const own = makeDetection([100, 80, 130, 140], { trackId: 1 });
  const inTheWay = makeDetection([96, 58, 220, 78], { classIndex: 3, score: 0.99 });
  const first = new Sheet(
    640,
    384,
    makeResult({ detections: [inTheWay, own] }),
    undefined,
    overlay,
  );
  assertEquals([labelRows(first, 110, 80), first.at(110, 141)], [0, PERSON]);
  const second = new Sheet(640, 384, makeResult({ detections: [own] }), undefined, overlay);
  assertEquals([labelRows(second, 110, 80), second.at(110, 141)], [0, PERSON]);
});

Deno.test("Overlay draws the best detection on top", () => {
  const detections = [
    makeDetection([50, 60, 150, 160], { classIndex: 1, score: 0.9 }),
    makeDetection([50, 60, 150, 160], { classIndex: 2, score: 0.4 }),
  ];
  const sheet = new Sheet(640, 384, makeResult({ detections }));
  assertEquals(sheet.at(149, 120), splitColor(classColor(1)));
});

Deno.test("Overlay maps boxes into a letterboxed picture and leaves the borders alone", () => {
  const viewport = { scale: 2, offsetX: 100, offsetY: 50, width: 400, height: 200 };
  const detections = [makeDetection([0, 0, 100, 50]), makeDetection([150, 60, 200, 100])];
  const sheet = new Sheet(600, 300, makeResult({ detections }), viewport);
  assertEquals(sheet.at(100, 149), PERSON);
  assertEquals(sheet.at(298, 149), PERSON);
  assertEquals(sheet.at(499, 249), PERSON);
  assertEquals(sheet.count(PLAIN, 0, 0, 100, 300), 100 * 300);
  assertEquals(sheet.count(PLAIN, 500, 0, 600, 300), 100 * 300);
  assertEquals(sheet.count(PLAIN, 100, 0, 500, 50), 400 * 50);
  assertEquals(sheet.count(PLAIN, 100, 250, 500, 300), 400 * 50);
});

Deno.test("Overlay keeps any detection on any picture inside", () => {
  const coordinate = fc.double({ min: -1e4, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(
        fc.record({
          xyxyPx: fc.tuple(coordinate, coordinate, coordinate, coordinate),
          classIndex: fc.integer({ min: -5, max: 2_000 }),
          className: fc.string({ unit: "binary" }),
          score: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        { maxLength: 8 },
      ),
      (halfWidth, halfHeight, detections) => {
        const [width, height] = [2 * halfWidth, 2 * halfHeight];
        const viewport = { scale: 1, offsetX: 4, offsetY: 6, width, height };
        const result = makeResult({ detections, width, height });
        const sheet = new Sheet(width + 10, height + 10, result, viewport);
        assertEquals(sheet.count(PLAIN, 0, 0, 4, height + 10), 4 * (height + 10));
        assertEquals(sheet.count(PLAIN, 0, 0, width + 10, 6), 6 * (width + 10));
        assertEquals(sheet.count(PLAIN, width + 4, 0), 6 * (height + 10));
        assertEquals(sheet.count(PLAIN, 0, height + 6), 4 * (width + 10));
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

Deno.test("formatLabel() and formatStatus() say what is known", () => {
  assertEquals(formatLabel(makeDetection([0, 0, 1, 1])), "person 0.87");
  assertEquals(formatLabel(makeDetection([0, 0, 1, 1], { trackId: 3 })), `person 0.87 #${3}`);
  assertEquals(formatStatus(makeResult({ seq: 7 })), "frame 7  live  0 detections  12.8 ms");
  const blind = makeResult({
    state: "blind",
    stateReason: "connection refused",
    detections: [makeDetection([0, 0, 1, 1])],
  });
  assertEquals(formatStatus(blind), "frame 0  blind: connection refused  1 detection  12.8 ms");
});
