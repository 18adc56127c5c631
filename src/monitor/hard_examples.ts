import type { EvidenceKind } from "../core/monitor_report.ts";
import type { Xyxy } from "../core/xyxy.ts";
import type { RgbCrop } from "./crop.ts";

/** One object that the detector found hard. */
export interface HardExample {
  /** The frame it is in. */
  readonly seq: number;
  /** Presentation time of that frame in milliseconds. */
  readonly ptsMs: number;
  /** Class that it should have, or that was claimed. */
  readonly className: string;
  /** Where, in source pixels. */
  readonly xyxyPx: Xyxy;
  /** Its focal loss in nats. */
  readonly loss: number;
  /** What the loss rests on. */
  readonly evidence: EvidenceKind;
  /** What is wrong, in words. */
  readonly reason: string;
  /** The pixels around it; `null` where the frame was gone. */
  readonly crop: RgbCrop | null;
}

/** Frames in which the same object counts once: its worst moment. */
const SAME_OBJECT_FRAMES = 25;

/**
 * Keeps the hardest objects, a fixed number of them, each with its pixels. An object that stays hard
 * for a while is kept once, at its worst, so that one bad second does not fill the store.
 */
export class HardExamples {
  readonly #countMax: number;
  #examples: HardExample[] = [];

  /** Keeps at most `countMax` examples, from 0. */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** The examples, hardest first. */
  get list(): readonly HardExample[] {
    return this.#examples;
  }

  /** Whether an object of this loss would be kept: ask before cutting pixels out. */
  wants(loss: number, seq: number, className: string, xyxyPx: Xyxy): boolean {
    const twin = this.#twinOf(seq, className, xyxyPx);
    if (twin !== null) return loss > twin.loss;
    if (this.#countMax === 0) return false;
    if (this.#examples.length < this.#countMax) return true;
    return loss > this.#examples[this.#examples.length - 1]!.loss;
  }

  /** Adds an example that is wanted; the easiest one makes room. */
  add(example: HardExample): void {
    const twin = this.#twinOf(example.seq, example.className, example.xyxyPx);
    const others = this.#examples.filter((other) => other !== twin);
    const at = others.findIndex(({ loss }) => loss < example.loss);
    others.splice(at < 0 ? others.length : at, 0, example);
    this.#examples = others.slice(0, this.#countMax);
  }

  /** The kept moment of the same object, if there is one. */
  #twinOf(seq: number, className: string, [x1, y1, x2, y2]: Xyxy): HardExample | null {
    const [x, y, reach] = [(x1 + x2) / 2, (y1 + y2) / 2, Math.max(x2 - x1, y2 - y1)];
    return this.#examples.find((other) => {
      const [ox1, oy1, ox2, oy2] = other.xyxyPx;
      return other.className === className && Math.abs(other.seq - seq) <= SAME_OBJECT_FRAMES &&
        Math.abs((ox1 + ox2) / 2 - x) < reach && Math.abs((oy1 + oy2) / 2 - y) < reach;
    }) ?? null;
  }
}
