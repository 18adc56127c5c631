import type { Detections } from "../../src/core/detections.ts";
import { boxArea, sharedArea } from "../../src/core/box_overlap.ts";
import type { PictureMoment } from "../../src/core/track.ts";
import type { TrackTruth } from "../../src/evaluate/track_metrics.ts";

/** How a {@linkcode makeScene} looks and how badly it is detected. */
export interface SceneOptions {
  /** Decides everything. */
  readonly seed: number;
  /** Frames of the scene; 300 by default. */
  readonly frames?: number;
  /** Frames a second; 30 by default. */
  readonly fps?: number;
  /** Objects that enter per second; 1.5 by default. */
  readonly entering?: number;
  /** Factor on every error of the detector, 0 for none; 1 by default. */
  readonly errors?: number;
}

/** One frame of a scene: what is there and what a detector says. */
export interface SceneFrame {
  readonly moment: PictureMoment;
  readonly truth: readonly TrackTruth[];
  readonly detections: Detections;
}

interface Mover {
  readonly trackId: number;
  readonly classIndex: number;
  readonly width: number;
  readonly height: number;
  readonly bottom: number;
  readonly enterS: number;
  readonly startX: number;
  /** Mean pixels a second. */
  readonly speed: number;
  /** How much the speed varies, as a share of itself. */
  readonly wobble: number;
  /** What it gains in size, as a share a second. */
  readonly growth: number;
  /** How sure the detector is of it when it is seen whole. */
  readonly clarity: number;
}

interface Row {
  readonly box: readonly [number, number, number, number];
  readonly score: number;
  readonly classIndex: number;
}

const WIDTH = 640;
const HEIGHT = 384;
/** Least visible share that the truth still names, and that a detector may still see. */
const VISIBLE_MIN = 0.15;

/** Numbers in 0–1 that a seed decides (the mulberry32 generator). */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Detections as columns, in the given order. */
export function toDetections(rows: readonly Row[]): Detections {
  return {
    count: rows.length,
    xyxyPx: Float32Array.from(rows.flatMap(({ box }) => box)),
    score: Float32Array.from(rows, ({ score }) => score),
    classIndex: Int32Array.from(rows, ({ classIndex }) => classIndex),
    anchorIndex: Int32Array.from(rows.keys()),
  };
}

/**
 * A street from the side, without pixels: cars in both directions and people, nearer ones in front
 * of farther ones, and a detector that misses, jitters, mistakes classes and sees what is not there.
 * Of what is half hidden it sees the visible part, less surely.
 */
export function* makeScene(options: SceneOptions): Generator<SceneFrame> {
  const { seed, frames = 300, fps = 30, entering = 1.5, errors = 1 } = options;
  const random = makeRandom(seed);
  const seconds = frames / fps;
  const count = Math.round(entering * (seconds + 10));
  const movers = Array.from({ length: count }, (_, i) => makeMover(i + 1, seconds, random));
  // The same errors, whatever the movers are.
  const noise = makeRandom(seed + 1e6);
  for (let seq = 0; seq < frames; seq++) {
    const boxes = movers.map((mover) => ({ mover, box: placeAt(mover, seq / fps) }))
      .filter(({ box }) => box[2] > 4 && box[0] < WIDTH - 4)
      // Nearest first.
      .sort((a, b) => b.mover.bottom - a.mover.bottom || a.mover.trackId - b.mover.trackId);
    const truth: TrackTruth[] = [];
    const rows: Row[] = [];
    for (const [index, { mover, box }] of boxes.entries()) {
      const nearer = boxes.slice(0, index).map((other) => other.box);
      const { share, visible } = seeThrough(box, nearer);
      if (share >= VISIBLE_MIN) {
        const { trackId, classIndex } = mover;
        truth.push({ trackId, classIndex, xyxyPx: box });
        const row = detect(mover, visible, share, noise, errors);
        if (row !== null) rows.push(row);
      }
    }
    while (noise() < 0.15 * errors) rows.push(imagine(noise));
    rows.sort((a, b) => b.score - a.score);
    yield {
      moment: { seq, ptsMs: 1000 * seq / fps, epoch: 0, width: WIDTH, height: HEIGHT },
      truth,
      detections: toDetections(rows),
    };
  }
}

function makeMover(trackId: number, seconds: number, random: () => number): Mover {
  const isCar = random() < 0.5;
  const nearness = 0.5 + random();
  const speed = (isCar ? 90 + 120 * random() : 15 + 30 * random()) * nearness;
  const rightwards = random() < 0.5;
  const width = (isCar ? 70 : 20) * nearness * (0.8 + 0.4 * random());
  return {
    trackId,
    classIndex: isCar ? 1 : 0,
    width,
    height: (isCar ? 36 : 55) * nearness,
    bottom: 160 + 140 * nearness + 20 * random(),
    enterS: -10 + (seconds + 10) * random(),
    startX: rightwards ? -width : WIDTH,
    speed: rightwards ? speed : -speed,
    wobble: 0.5 * random(),
    growth: 0.08 * random() - 0.02,
    clarity: 0.55 + 0.4 * random(),
  };
}

function placeAt(mover: Mover, atS: number): [number, number, number, number] {
  const { enterS, startX, speed, wobble, bottom } = mover;
  const sinceS = atS - enterS;
  if (sinceS < 0) return [-1e4, 0, -1e4, 0];
  const scale = 1 + mover.growth * sinceS;
  const [width, height] = [mover.width * scale, mover.height * scale];
  const x = startX + speed * (sinceS + wobble * Math.sin(sinceS));
  return [Math.max(0, x), bottom - height, Math.min(WIDTH, x + width), bottom];
}

/** The share of a box that nothing nearer covers, and the box around that part. */
function seeThrough(
  box: readonly [number, number, number, number],
  nearer: readonly (readonly number[])[],
): { share: number; visible: [number, number, number, number] } {
  let [x1, y1, x2, y2] = box;
  for (const other of nearer) {
    // Movers hide each other from the side or from below; corners do not matter here.
    const covers = other[1]! <= y1 + 0.3 * (y2 - y1);
    if (covers && other[0]! <= x1 && other[2]! > x1) x1 = Math.min(x2, other[2]!);
    if (covers && other[2]! >= x2 && other[0]! < x2) x2 = Math.max(x1, other[0]!);
    if (other[0]! <= x1 && other[2]! >= x2 && other[1]! < y2) y2 = Math.max(y1, other[1]!);
  }
  const share = boxArea([x1, y1, x2, y2], 0) / boxArea(box, 0);
  const hidden = nearer.some((other) => sharedArea(box, 0, other, 0) > 0.95 * boxArea(box, 0));
  return { share: hidden ? 0 : share, visible: [x1, y1, x2, y2] };
}

function detect(
  mover: Mover,
  visible: readonly [number, number, number, number],
  share: number,
  noise: () => number,
  errors: number,
): Row | null {
  const normal = (): number => noise() + noise() + noise() + noise() - 2;
  const [missed, mistaken] = [noise(), noise()];
  const jitter = [normal(), normal(), normal(), normal()];
  const score = mover.clarity * share ** (0.7 * errors) + 0.1 * errors * normal();
  if (missed < 0.04 * errors || score < 0.05) return null;
  const scale = 0.05 * errors;
  const [width, height] = [visible[2] - visible[0], visible[3] - visible[1]];
  return {
    box: [
      visible[0] + scale * width * jitter[0]!,
      visible[1] + scale * height * jitter[1]!,
      visible[2] + scale * width * jitter[2]!,
      visible[3] + scale * height * jitter[3]!,
    ],
    score: Math.min(0.99, score),
    classIndex: mistaken < 0.03 * errors ? 1 - mover.classIndex : mover.classIndex,
  };
}

function imagine(noise: () => number): Row {
  const [x, y, width, height] = [WIDTH * noise(), HEIGHT * noise(), 20, 40];
  const box = [x, y, Math.min(WIDTH, x + width), Math.min(HEIGHT, y + height)] as const;
  return { box, score: 0.1 + 0.4 * noise(), classIndex: noise() < 0.5 ? 0 : 1 };
}
