import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ManualClock } from "../../core/clock.ts";
import type { CameraInfo } from "../../core/ports.ts";
import {
  makeDetection,
  makeMonitorReport,
  makeResult,
} from "../../../tests/support/fake_result.ts";
import { MemoryTerminal } from "../../../tests/support/memory_terminal.ts";
import { Screen } from "../../../tests/support/screen.ts";
import type { ResultPrinter } from "../result_printer.ts";
import type { Terminal } from "../terminal.ts";
import { LivePrinter } from "./live_printer.ts";

const INFO: CameraInfo = {
  uri: "synthetic:street",
  kind: "file",
  realtime: true,
  width: 64,
  height: 48,
  fps: 25,
  frameCount: 100,
};
const SETTINGS = {
  uri: "synthetic:street?frames=100&weather=night:3@50",
  degrade: [],
  policy: null,
  maxFrames: null,
};

/** Says a line at the start and at the end of a run. */
function quietPrinter(terminal: Terminal): ResultPrinter {
  return {
    begin: () => Promise.resolve(),
    open: () => terminal.writeErr("open\n"),
    show: () => Promise.reject(new Error("frames are not its business")),
    note: (text) => terminal.writeErr(`${text}\n`),
    pass: () => undefined,
    close: () => undefined,
    end: (summary) => terminal.writeErr(`${summary}\n`),
  };
}

/** Runs a hundred frames, 40 ms apart, a car in each by day. */
async function play(terminal: Terminal, watch?: (seq: number) => void): Promise<void> {
  const clock = new ManualClock();
  const printer = new LivePrinter(quietPrinter(terminal), terminal, SETTINGS, clock);
  await printer.open({ info: INFO });
  const car = makeDetection([0, 0, 40, 20], { className: "car" });
  for (let seq = 0; seq < 100; seq++) {
    clock.advance(40);
    await printer.show(makeResult({ seq, detections: seq < 50 ? [car] : [] }));
    watch?.(seq);
  }
  printer.close();
  await printer.end("the end", []);
}

Deno.test("LivePrinter draws over itself: what stays is one table, whatever the screen", async () => {
  for (const [columns, rows] of [[100, 40], [80, 24], [40, 24], [20, 24], [20, 6], [250, 5]]) {
    const screen = new Screen(columns!, rows!);
    await play(screen);
    const lines = screen.text.split("\n");
    assertEquals([lines[0], lines.at(-1)], ["open", "the end"], `${columns}×${rows}`);
    assertEquals(lines.filter((line) => line.includes("100%")).length, 1, screen.text);
    // It was drawn many times: at most ten times a second.
    const drawings = screen.raw.split("\x1b[J").length - 1;
    assert(drawings > 30 && drawings <= 42, `${drawings} drawings`);
  }
});

Deno.test("LivePrinter begins below where the width of the screen has changed", async () => {
  const screen = new Screen(100, 24);
  await play(screen, (seq) => {
    if (seq === 60) screen.columns = 70;
  });
  assertStringIncludes(screen.text, "Frame 50: night falls (night:3).");
  assertStringIncludes(screen.text, "  100%  100/100");
});

Deno.test("LivePrinter colours only where colours are wanted", async () => {
  const [plain, colored] = [new Screen(80, 24, false), new Screen(80, 24, true)];
  await play(plain);
  await play(colored);
  assertEquals(plain.text, colored.text);
  // deno-lint-ignore no-control-regex -- a colour is a control sequence
  assertEquals([/\x1b\[\d+m/.test(plain.raw), /\x1b\[\d+m/.test(colored.raw)], [false, true]);
});

Deno.test("LivePrinter writes lines now and then where nobody can draw", async () => {
  const terminal = new MemoryTerminal();
  await play(terminal);
  assertEquals(terminal.err, "open\nthe end\n");
  assert(!terminal.out.includes("\x1b") && !terminal.out.includes("\r"));
  const [lines] = terminal.out.split("[===");
  assertEquals(lines!.trimEnd().split("\n").map((line) => line.slice(0, 32)), [
    "frame 0  0.0 s  1: car 1  12.8 m",
    "Frame 50: night falls (night:3).",
    "frame 50  2.0 s  25.0 fps  nothi",
  ]);
  assertStringIncludes(terminal.out, "night:3      0.0    50\n");
});

Deno.test("LivePrinter tells a change of state at once", async () => {
  const terminal = new MemoryTerminal();
  const clock = new ManualClock();
  const printer = new LivePrinter(quietPrinter(terminal), terminal, SETTINGS, clock);
  await printer.open({ info: INFO });
  await printer.show(makeResult());
  clock.advance(5);
  await printer.show(makeResult({ kind: "state", state: "stale", stateReason: "silence" }));
  assertStringIncludes(terminal.out, "\nstream stale: silence\n");
});

Deno.test("LivePrinter tells a change of health at once, and once", async () => {
  const terminal = new MemoryTerminal();
  const clock = new ManualClock();
  const printer = new LivePrinter(quietPrinter(terminal), terminal, SETTINGS, clock);
  await printer.open({ info: INFO });
  for (let seq = 0; seq < 40; seq++) {
    clock.advance(5);
    const health = seq < 20 ? "healthy" : "drifting";
    await printer.show(makeResult({ seq, monitor: makeMonitorReport({ health }) }));
  }
  const told = terminal.out.split("\n").filter((line) => line.startsWith("Frame"));
  assertEquals(told, ["Frame 0: healthy.", "Frame 20: drifting."]);
  assertStringIncludes(terminal.out, "0 dropped  live  drifting\n");
});

Deno.test("LivePrinter shows nothing of a run that never began", async () => {
  const screen = new Screen(80, 24);
  const printer = new LivePrinter(quietPrinter(screen), screen, SETTINGS, new ManualClock());
  printer.close();
  await printer.end("nothing came", []);
  assertEquals(screen.text, "nothing came");
});
