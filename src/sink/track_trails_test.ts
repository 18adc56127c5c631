import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { makeResult } from "../../tests/support/fake_result.ts";
import type { FrameResult } from "../core/result.ts";
import type { TrackedObject } from "../core/track.ts";
import { classColor, splitColor } from "./color.ts";
import { RgbCanvas } from "./rgb_canvas.ts";
import { TrackTrails } from "./track_trails.ts";

const [WIDTH, HEIGHT] = [200, 100];
const WHOLE = { scale: 1, offsetX: 0, offsetY: 0, width: WIDTH, height: HEIGHT };
const BOUNDS = { x1: 0, y1: 0, x2: WIDTH, y2: HEIGHT };

function track(trackId: number, footX: number, footY: number, classIndex = 0): TrackedObject {
  const xyxyPx = [footX - 10, footY - 20, footX + 10, footY] as const;
  return { trackId, classIndex, className: "", score: 0.9, xyxyPx, hits: 5, ageMs: 0 };
}

/** How much red each column got after the last of these results was drawn on black. */
function redAfter(results: readonly FrameResult[], viewport = WHOLE, bounds = BOUNDS): number[] {
  const trails = new TrackTrails(4);
  let bytes = new Uint8Array();
  for (const result of results) {
    bytes = new Uint8Array(3 * WIDTH * HEIGHT);
    trails.draw(new RgbCanvas(bytes, 3 * WIDTH, WIDTH, HEIGHT), result, viewport, bounds);
  }
  return Array.from({ length: WIDTH }, (_, x) => {
    let most = 0;
    for (let y = 0; y < HEIGHT; y++) most = Math.max(most, bytes[3 * (y * WIDTH + x)]!);
    return most;
  });
}

/** An object that moves to the right by 10 pixels every 100 ms. */
function moving(frames: number, facts: Partial<FrameResult> = {}): FrameResult[] {
  return Array.from({ length: frames }, (_, i) => {
    return makeResult({ seq: i, ptsMs: 100 * i, tracks: [track(1, 20 + 10 * i, 50)], ...facts });
  });
}

Deno.test("TrackTrails draws dots where an object stood, the older the fainter", () => {
  const red = redAfter(moving(10));
  const dots = [20, 50, 80, 110].map((x) => red[x]!);
  for (let i = 1; i < dots.length; i++) assertLess(dots[i - 1]!, dots[i]!);
  assertGreater(dots[0]!, 0);
  assertGreater(dots.at(-1)!, 0.8 * splitColor(classColor(0))[0]);
  assertEquals([red[25], red[75], red[150]], [0, 0, 0]);
});

Deno.test("TrackTrails forgets points after a while, and tracks that are gone", () => {
  assertEquals(redAfter(moving(18))[20], 0);
  const gone = moving(8);
  const later = [900, 2_000, 2_300].map((ptsMs, i) => makeResult({ seq: 10 + i, ptsMs }));
  assertGreater(redAfter([...gone, later[0]!])[60]!, 0);
  assertEquals(Math.max(...redAfter([...gone, ...later])), 0);
});

Deno.test("TrackTrails draws one dot for an object that stands still", () => {
  const standing = Array.from({ length: 40 }, (_, i) => {
    return makeResult({ seq: i, ptsMs: 100 * i, tracks: [track(1, 50 + i % 2, 50)] });
  });
  const red = redAfter(standing);
  assertEquals(red.filter((value) => value > 0).length, 4);
});

Deno.test("TrackTrails begins anew with another epoch or another stream", () => {
  for (const facts of [{ epoch: 1, ptsMs: 900 }, { epoch: 0, ptsMs: 100 }]) {
    const last = makeResult({ seq: 9, tracks: [track(1, 150, 50)], ...facts });
    const red = redAfter([...moving(8), last]);
    assertEquals([Math.max(...red.slice(0, 140)), red[150]! > 0], [0, true]);
  }
});

Deno.test("TrackTrails keeps to the picture and follows its scale", () => {
  const viewport = { scale: 0.5, offsetX: 40, offsetY: 10, width: 100, height: 50 };
  const bounds = { x1: 40, y1: 10, x2: 140, y2: 60 };
  const ends = [[20, 50], [100, 50], [199, 50], [100, 99], [-30, 50], [500, 50]] as const;
  const results = ends.map(([x, y], i) => {
    return makeResult({ seq: i, ptsMs: 10 * i, tracks: [track(1, x, y)] });
  });
  const red = redAfter(results, viewport, bounds);
  assertGreater(red[50]!, 0);
  assertGreater(red[90]!, 0);
  assertEquals(Math.max(...red.slice(0, 40), ...red.slice(140)), 0);
});

Deno.test("TrackTrails stays bounded however many objects there are", () => {
  const crowd = Array.from({ length: 30 }, (_, i) => {
    const tracks = Array.from({ length: 100 }, (_, k) => track(1 + 100 * i + k, 2 * k, 50));
    return makeResult({ seq: i, ptsMs: 10 * i, tracks });
  });
  assertGreater(Math.max(...redAfter(crowd)), 0);
});
