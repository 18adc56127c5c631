import { assertEquals } from "@std/assert";
import type { HistoryPoint } from "../history.ts";
import { highestOf } from "./signal_chart.ts";

function pointAt(seq: number, s1Share: number | null): HistoryPoint {
  return {
    seq,
    frames: 1,
    focalLoss: {},
    lossFrames: {},
    s1Share,
    s2Share: null,
    s3Share: null,
    health: "healthy",
  };
}

Deno.test("a signal that begins anew at its threshold is drawn as one that stays there", () => {
  const points = Array.from({ length: 400 }, (_, seq) => {
    return pointAt(seq, seq < 200 ? null : [0.25, 0.5, 0.75, 1][seq % 4]!);
  });
  const drawn = points.map(highestOf(points, "s1Share"));
  assertEquals(new Set(drawn.slice(0, 200)), new Set([null]));
  // The rise is drawn as it is, and what follows as the height that is reached again and again.
  assertEquals(drawn.slice(200, 204), [0.25, 0.5, 0.75, 1]);
  assertEquals(new Set(drawn.slice(204)), new Set([1]));
});

Deno.test("a chart with few points shows each of them", () => {
  const points = [0.2, 0.9, 0.1].map((share, seq) => pointAt(seq, share));
  assertEquals(points.map(highestOf(points, "s1Share")), [0.2, 0.9, 0.1]);
});
