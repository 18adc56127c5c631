/*
 * One frame of tracking, beside the least that any tracker by boxes has to do: the overlap of every
 * known box with every new one. All objects must be followed before anything is timed.
 */
import { AssignmentSolver } from "../src/core/assignment.ts";
import { boxIou } from "../src/core/box_overlap.ts";
import type { Detections } from "../src/core/detections.ts";
import { ByteTracker } from "../src/track/byte_tracker.ts";
import { makeRandom, toDetections } from "../tests/support/moving_scene.ts";
import { benchSize } from "./bench_size.ts";

const FRAMES = 200;
const [WIDTH, HEIGHT] = [1920, 1080];
const { small } = benchSize();
const runs = small ? { n: 3, warmup: 1 } : {};

/** Objects that cross a 1080p picture in all directions, jitter, and now and then are missed. */
function makeFrames(objects: number): Detections[] {
  const random = makeRandom(objects);
  const movers = Array.from({ length: objects }, () => ({
    x: WIDTH * random(),
    y: HEIGHT * random(),
    dx: 12 * random() - 6,
    dy: 6 * random() - 3,
    width: 30 + 60 * random(),
    height: 40 + 80 * random(),
  }));
  return Array.from({ length: FRAMES }, (_, frame) => {
    const rows = movers.filter(() => random() > 0.05).map(({ x, y, dx, dy, width, height }) => {
      const x1 = (x + frame * dx + WIDTH * 9) % WIDTH + 2 * random();
      const y1 = (y + frame * dy + HEIGHT * 9) % HEIGHT + 2 * random();
      const box = [x1, y1, x1 + width, y1 + height] as const;
      return { box, score: 0.2 + 0.8 * random(), classIndex: 0 };
    });
    return toDetections(rows.sort((a, b) => b.score - a.score));
  });
}

/** Shows a tracker one frame after the other, over and over; returns how many it found. */
function makeRun(frames: readonly Detections[]): () => number {
  const tracker = new ByteTracker();
  let seq = -1;
  return () => {
    const facts = { epoch: Math.floor(++seq / FRAMES), width: WIDTH, height: HEIGHT };
    const tracks = tracker.update(frames[seq % FRAMES]!, { seq, ptsMs: 40 * seq, ...facts });
    return tracks.filter(({ missed }) => missed === 0).length;
  };
}

/** The overlap of every box of a frame with every box of the next. */
function makeOverlap(frames: readonly Detections[]): () => number {
  let seq = -1;
  return () => {
    const [a, b] = [frames[++seq % FRAMES]!, frames[(seq + 1) % FRAMES]!];
    let sum = 0;
    for (let i = 0; i < a.count; i++) {
      for (let j = 0; j < b.count; j++) sum += boxIou(a.xyxyPx, 4 * i, b.xyxyPx, 4 * j);
    }
    return sum;
  };
}

function benchTracking(objects: number): void {
  const frames = makeFrames(objects);
  const check = makeRun(frames);
  let found = 0;
  for (let frame = 0; frame < FRAMES; frame++) found += check();
  const share = found / frames.reduce((sum, { count }) => sum + count, 0);
  if (!(share > 0.8)) throw new Error(`Cannot time tracking: it follows ${share} of all objects`);
  const group = `${objects} objects a frame`;
  const [overlap, track] = [makeOverlap(frames), makeRun(frames)];
  Deno.bench({ name: "overlaps alone", group, baseline: true, ...runs, fn: () => void overlap() });
  Deno.bench({ name: "ByteTracker", group, ...runs, fn: () => void track() });
}

/** The dense worst case: every row wants the same columns. */
function benchAssignment(side: number): void {
  const random = makeRandom(side);
  const costs = Float64Array.from({ length: side * side }, () => random());
  const alike = costs.map((cost, i) => (i % side) / side + 1e-3 * cost);
  const columnOfRow = new Int32Array(side);
  const solver = new AssignmentSolver();
  const group = `assignment of ${side} × ${side}`;
  for (
    const [name, matrix] of [["random costs", costs], ["rows that want the same", alike]] as const
  ) {
    const pairs = solver.solve(matrix, side, side, 2, columnOfRow);
    if (pairs !== side) throw new Error(`Cannot time "${name}": ${pairs} pairs were made`);
    Deno.bench({
      name,
      group,
      baseline: matrix === costs,
      ...runs,
      fn: () => void solver.solve(matrix, side, side, 2, columnOfRow),
    });
  }
}

benchTracking(50);
benchTracking(300);
benchAssignment(50);
benchAssignment(300);
