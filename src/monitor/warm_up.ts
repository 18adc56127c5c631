import { BackgroundWarmUp } from "./background_watch.ts";
import { calibrate, type Calibration, type ThresholdRule } from "./calibration.ts";
import type { ImageFacts } from "./image_look.ts";
import { RunningLook } from "./look_average.ts";
import type { ScoreFacts } from "./suspicion.ts";

/** Frames until the first tracks are sure: S1 means nothing before. */
const SETTLING_FRAMES = 8;

/** What one frame adds to a warm-up. */
export interface WarmUpFrame {
  /** S1 of the frame. */
  readonly s1: number;
  /** S2 of the frame. */
  readonly s2: number;
  /** As {@linkcode FrameObservation.background}. */
  readonly background: Float32Array | null;
  /** Targets of its own tracks. */
  readonly targets: number;
  /** Object-level focal loss against them, in nats per target. */
  readonly focalLoss: number;
  /** What the picture looks like. */
  readonly image: ImageFacts;
  /** What the scores look like. */
  readonly scores: ScoreFacts;
}

/** Collects what is usual, for a stated number of frames. */
export class WarmUp {
  readonly #framesWanted: number;
  readonly #s1: number[] = [];
  readonly #s2: number[] = [];
  readonly #background = new BackgroundWarmUp();
  readonly #look = new RunningLook(null);
  #frames = 0;
  #targets = 0;
  #focalSum = 0;

  /** Wants so many frames. */
  constructor(framesWanted: number) {
    this.#framesWanted = framesWanted;
  }

  /** Whether it has all the frames it wants. */
  get isDone(): boolean {
    return this.#frames >= this.#framesWanted;
  }

  /** How many frames it has. */
  get frames(): number {
    return this.#frames;
  }

  /** Adds a frame. */
  add({ s1, s2, background, targets, focalLoss, image, scores }: WarmUpFrame): void {
    this.#frames++;
    if (this.#frames > SETTLING_FRAMES) {
      this.#s1.push(s1);
      this.#s2.push(s2);
    }
    this.#background.add(background);
    this.#targets += targets;
    this.#focalSum += focalLoss * Math.max(1, targets);
    this.#look.add(image, scores);
  }

  /** What is usual, by the frames so far; `null` where there is none. */
  calibrate(rule: ThresholdRule): Calibration | null {
    const { look } = this.#look;
    if (look === null) return null;
    const facts = {
      frames: this.#frames,
      s1: this.#s1,
      s2: this.#s2,
      background: this.#background.range,
      targets: this.#targets,
      focalSum: this.#focalSum,
      look,
    };
    return calibrate(facts, rule);
  }
}
