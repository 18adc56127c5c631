import type { FrameTap } from "../../../src/core/tap.ts";
import type { FrameTargets, TargetBox } from "../../../src/monitor/target_box.ts";
import type { FrameSet } from "../../../src/pipeline/refining/frame_set.ts";

/** How the labels that a head learns from are spoilt. */
export const ADVERSARIES = [
  "random boxes",
  "other class",
  "swapped classes",
  "moved boxes",
  "half missing",
  "one scene repeated",
  "one scene, other class",
  "mixture",
  "NaN features",
] as const;

/** One way. */
export type Adversary = typeof ADVERSARIES[number];

/** Draws numbers; the same seed draws the same. Source: Marsaglia 2003, "Xorshift RNGs". */
export class Draw {
  #state: number;

  /** Begins with a seed. */
  constructor(seed: number) {
    this.#state = (Math.imul(seed + 1, 2_654_435_761) | 1) >>> 0;
    for (let i = 0; i < 8; i++) this.unit();
  }

  /** At least 0 and below 1. */
  unit(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state / 2 ** 32;
  }

  /** A whole number from 0, below `count`. */
  below(count: number): number {
    return Math.floor(count * this.unit());
  }
}

/** Spoils a set of tapped frames; the labels that judge are left as they are. */
export function spoil(
  set: FrameSet,
  taps: readonly FrameTap[],
  how: Adversary,
  classCount: number,
  seed: number,
): FrameSet {
  const draw = new Draw(seed);
  const isScene = how === "one scene repeated" || how === "one scene, other class";
  const scene = draw.below(taps.length);
  const chosen = isScene ? taps.map((tap) => ({ ...taps[scene]!, seq: tap.seq })) : [...taps];
  const frames = how === "NaN features"
    ? chosen.map((tap, i) => i === 0 ? ruin(tap) : tap)
    : chosen;
  const [from, to] = [draw.below(classCount), draw.below(classCount)];
  const truth = new Map(taps.map((tap) => {
    const { sourceWidth: width, sourceHeight: height } = tap.letterbox;
    return [tap.seq, set.labels!(tap.seq, { width, height })!] as const;
  }));
  const spoilt = new Map(frames.map((tap) => {
    const known = truth.get(isScene ? taps[scene]!.seq : tap.seq)!;
    const targets = known.targets.flatMap((box) =>
      spoilBox(box, how, tap, classCount, from, to, draw)
    );
    const more = how === "random boxes" ? [randomBox(tap, classCount, draw)] : [];
    return [tap.seq, { targets: [...targets, ...more], ignored: known.ignored } as FrameTargets];
  }));
  return { ...set, open: frames, labels: (seq) => spoilt.get(seq), judged: null };
}

function spoilBox(
  box: TargetBox,
  how: Adversary,
  tap: FrameTap,
  classCount: number,
  from: number,
  to: number,
  draw: Draw,
): TargetBox[] {
  const other = { ...box, classIndex: (box.classIndex + 1 + to % (classCount - 1)) % classCount };
  switch (how) {
    case "random boxes":
      return [randomBox(tap, classCount, draw)];
    case "other class":
    case "one scene, other class":
      return [other];
    case "swapped classes":
      return [draw.unit() < 0.5 ? other : { ...box, classIndex: from }];
    case "moved boxes":
      return [move(box, tap, draw)];
    case "half missing":
      return draw.unit() < 0.5 ? [] : [box];
    case "mixture": {
      const which = draw.unit();
      return which < 0.3 ? [box] : which < 0.6 ? [other] : [move(box, tap, draw)];
    }
    default:
      return [box];
  }
}

function move({ classIndex, xyxyPx: [x1, y1, x2, y2] }: TargetBox, tap: FrameTap, draw: Draw) {
  const { sourceWidth, sourceHeight } = tap.letterbox;
  const [width, height] = [x2 - x1, y2 - y1];
  const x = draw.unit() * Math.max(1, sourceWidth - width);
  const y = draw.unit() * Math.max(1, sourceHeight - height);
  return { classIndex, xyxyPx: [x, y, x + width, y + height] } as const;
}

function randomBox(tap: FrameTap, classCount: number, draw: Draw): TargetBox {
  const { sourceWidth, sourceHeight } = tap.letterbox;
  const width = (0.05 + 0.4 * draw.unit()) * sourceWidth;
  const height = (0.05 + 0.4 * draw.unit()) * sourceHeight;
  const x = draw.unit() * (sourceWidth - width);
  const y = draw.unit() * (sourceHeight - height);
  return { classIndex: draw.below(classCount), xyxyPx: [x, y, x + width, y + height] };
}

/** A frame whose features hold numbers that are none, and whose scores do not show it. */
function ruin(tap: FrameTap): FrameTap {
  return { ...tap, features: tap.features.map((value, i) => i % 97 === 0 ? NaN : value) };
}
