import { assertEquals, assertStringIncludes } from "@std/assert";
import { ManualClock } from "../core/clock.ts";
import type { CameraInfo } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";
import { framesAhead, ProgressPrinter } from "./progress_printer.ts";
import { JsonPrinter, LinePrinter } from "./result_printer.ts";
import type { Terminal } from "./terminal.ts";

/** A terminal on which everything goes to one screen. */
class Screen implements Terminal {
  readonly columns = 80;
  readonly rows = 24;
  readonly movesCursor = false;
  readonly colors = false;
  readonly closed = new AbortController().signal;
  text = "";

  constructor(readonly stdoutIsTerminal: boolean, readonly stderrIsTerminal: boolean) {}

  writeOut(text: string): Promise<void> {
    this.text += `out:${text}`;
    return Promise.resolve();
  }

  writeErr(text: string): Promise<void> {
    if (text !== "") this.text += `err:${text}`;
    return Promise.resolve();
  }
}

const FILE: CameraInfo = {
  uri: "clip.mp4",
  kind: "file",
  realtime: false,
  width: 64,
  height: 48,
  fps: 25,
  frameCount: 100,
};
const NO_TIMES = {
  decode: 0,
  preprocess: 0,
  infer: 0,
  decodeOutputs: 0,
  nms: 0,
  monitor: 0,
  track: 0,
  total: 0,
};
const RESULT: FrameResult = {
  kind: "frame",
  seq: 49,
  ptsMs: 0,
  ageMs: 0,
  dropped: 0,
  epoch: 0,
  state: "live",
  stateReason: null,
  width: 64,
  height: 48,
  detections: [],
  tracks: [],
  monitor: null,
  nonFinite: 0,
  engine: "onnxruntime-node",
  provider: "cpu",
  headVersion: 0,
  timingsMs: NO_TIMES,
};
const ALL = { policy: null, maxFrames: null };

Deno.test("JsonPrinter says nothing but results", async () => {
  const screen = new Screen(false, false);
  const printer = new JsonPrinter(screen);
  await printer.open();
  await printer.show(RESULT);
  await printer.end();
  assertEquals(screen.text.startsWith('out:{"kind":"frame","seq":49,'), true);
  assertEquals(screen.text.split("\n").length, 2);
});

Deno.test("ProgressPrinter takes its bar away before a line on the same screen", async () => {
  const screen = new Screen(true, true);
  const printer = new ProgressPrinter(
    new LinePrinter(screen, "cpu"),
    screen,
    ALL,
    new ManualClock(),
  );
  await printer.open({ info: FILE });
  screen.text = "";
  await printer.show(RESULT);
  await printer.show(RESULT);
  printer.close();
  const [first, second, ...rest] = screen.text.split("\n");
  assertEquals(first, "out:frame 49  0.00 s  0.0 ms  nothing");
  assertStringIncludes(second!, "50%  50/100");
  assertStringIncludes(second!, "\r\x1b[Kout:frame 49");
  assertEquals(rest.length, 1);
  assertEquals(rest[0]!.endsWith("err:\r\x1b[K"), true);
});

Deno.test("ProgressPrinter draws no bar for live sources and where nobody looks", async () => {
  const cases: readonly (readonly [boolean, CameraInfo["kind"]])[] = [[true, "live"], [
    false,
    "file",
  ]];
  for (const [stderrIsTerminal, kind] of cases) {
    const screen = new Screen(false, stderrIsTerminal);
    const printer = new ProgressPrinter(new JsonPrinter(screen), screen, ALL, new ManualClock());
    await printer.open({ info: { ...FILE, kind } });
    await printer.show(RESULT);
    printer.close();
    assertEquals(screen.text.includes("\r"), false);
  }
});

Deno.test("framesAhead() counts frames of the source, also those that are skipped", () => {
  assertEquals(framesAhead(100, ALL), 100);
  assertEquals(framesAhead(100, { policy: "every:5", maxFrames: 10 }), 50);
  assertEquals(framesAhead(30, { policy: "every:5", maxFrames: 10 }), 30);
  assertEquals(framesAhead(null, { policy: "next", maxFrames: 10 }), 10);
  assertEquals(framesAhead(null, ALL), null);
});
