// deno-lint-ignore-file no-console
/*
 * Feeds a monitor 20,000 made-up frames with everything that it may keep (tracks, labels that come
 * late, hard examples with pixels, alarms, a history), and tells what the heap holds after a quarter
 * of them and at the end, garbage collected. Needs --v8-flags=--expose-gc.
 */
import { Monitor } from "@fovea/fovea/monitor";
import { MonitorHistory } from "../../../src/monitor/history.ts";
import { makeFrame } from "../../support/fake_frame.ts";
import { carsAt, driftedAt, frameAt, STREET, wobble } from "../../support/monitor_frames.ts";

const FRAMES = 20_000;
const EARLY = 5_000;

function main(): void {
  const monitor = new Monitor(STREET, { warmUpFrames: 300 });
  const history = new MonitorHistory();
  const frame = makeFrame({ format: "gray8", width: 640, height: 360 });
  const held: number[] = [];
  for (let seq = 0; seq < FRAMES; seq++) {
    const isDrifted = seq % 2000 >= 1800;
    const observation = isDrifted ? driftedAt(seq, { frame }) : frameAt(seq, {
      frame,
      detections: [...carsAt(seq), ...strangers(seq)],
    });
    history.add(seq, monitor.observe(observation));
    if (seq % 25 === 0) monitor.label(Math.max(0, seq - 100), { targets: [], ignored: [] });
    if (seq + 1 === EARLY || seq + 1 === FRAMES) held.push(heapBytes());
  }
  frame[Symbol.dispose]();
  console.log(JSON.stringify({ early: held[0], late: held[1] }));
}

/** Some detections that come and go. */
function strangers(seq: number) {
  return Array.from({ length: seq % 7 }, (_, i) => {
    const [x, y] = [90 * i + 20 * wobble(seq), 200 + 40 * wobble(seq + i)];
    const score = 0.05 + 0.6 * wobble(seq * 7 + i);
    return { classIndex: i % 2, score, xyxyPx: [x, y, x + 30, y + 60] as const };
  });
}

function heapBytes(): number {
  const { gc } = globalThis as unknown as { gc(): void };
  gc();
  gc();
  return Deno.memoryUsage().heapUsed;
}

if (import.meta.main) main();
