import { assertEquals } from "@std/assert";
import { ManualClock } from "../core/clock.ts";
import { FakeSource } from "../../tests/support/fake_source.ts";
import type { PictureSource, SourceFacts } from "./picture_source.ts";
import { StreamTimeline } from "./stream_timeline.ts";

function sourceAt(
  receivedMs: number,
  ptsMs: number | null,
  facts: Partial<SourceFacts> = {},
): PictureSource {
  const source = new FakeSource(new ManualClock(), [], facts);
  source.receivedMs = receivedMs;
  source.ptsMs = ptsMs;
  return source;
}

Deno.test("StreamTimeline takes a file's time, or makes one from its rate", () => {
  for (
    const [ptsMs, fps, wantedMs] of [[120, 50, 120], [null, 25, 120], [null, null, 3000]] as const
  ) {
    const source = sourceAt(0, ptsMs, { kind: "file", fps });
    assertEquals(new StreamTimeline().ptsMs(source, 3), wantedMs);
  }
});

Deno.test("StreamTimeline goes on where times jump back, and keeps gaps", () => {
  const timeline = new StreamTimeline();
  const times = [0, 40, 80, 0, 40, 240, 240].map((ptsMs, seq) =>
    timeline.ptsMs(sourceAt(0, ptsMs, { kind: "file", fps: 25 }), seq)
  );
  assertEquals(times, [0, 40, 80, 120, 160, 360, 400]);
  const unknown = new StreamTimeline();
  const steps = [0, 100, 100].map((ptsMs, seq) =>
    unknown.ptsMs(sourceAt(0, ptsMs, { kind: "file", fps: null }), seq)
  );
  assertEquals(steps, [0, 100, 140]);
});

Deno.test("StreamTimeline starts a live stream at 0 and goes on after a reconnect", () => {
  const timeline = new StreamTimeline();
  const times = [[5000, 700], [5041, 740], [5079, 780]] as const;
  assertEquals(times.map(([at, pts]) => timeline.ptsMs(sourceAt(at, pts), 0)), [0, 40, 80]);
  timeline.restart();
  assertEquals([timeline.ptsMs(sourceAt(8000, 20), 0), timeline.ptsMs(sourceAt(8041, 60), 0)], [
    3000,
    3040,
  ]);
});

Deno.test("StreamTimeline goes by arrival where a live source has no times", () => {
  const timeline = new StreamTimeline();
  assertEquals([100, 141, 183].map((at) => timeline.ptsMs(sourceAt(at, null), 0)), [0, 41, 83]);
});
