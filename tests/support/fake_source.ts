// A picture source that does what a test says, on the test's clock.
import type { Clock } from "../../src/core/clock.ts";
import { FoveaError } from "../../src/core/errors.ts";
import type { Arena, Picture } from "../../src/core/frame.ts";
import type { PictureShape } from "../../src/core/frame_draft.ts";
import type { PictureSource, SourceFacts } from "../../src/camera/picture_source.ts";

/** One step of a {@linkcode FakeSource}. */
export type FakeStep =
  | {
    /** A picture comes after this many milliseconds; 0 at once. */
    readonly afterMs?: number;
    /** Its luma; by default it counts up, so that no two are the same. */
    readonly luma?: number;
    /** Pictures lost before it. */
    readonly lost?: number;
  }
  /** The source dies. */
  | "lost"
  /** Nothing comes until the read is interrupted. */
  | "hang"
  /** The stream ends. */
  | "end";

const SHAPE: PictureShape = {
  format: "gray8",
  width: 16,
  height: 12,
  colorRange: "full",
  colorMatrix: "bt601",
  stridesBytes: [16],
};

/** The same as plain BGR. */
export const BGR_SHAPE: PictureShape = { ...SHAPE, format: "bgr24", stridesBytes: [48] };

/** What every fake is, where a test does not say otherwise. */
const FACTS: SourceFacts = {
  kind: "live",
  width: 16,
  height: 12,
  fps: 10,
  frameCount: null,
  canStall: true,
};

/** Plays a script of steps; after the last one it ends. */
export class FakeSource implements PictureSource {
  readonly facts: SourceFacts;
  readonly decodeMs = 1;
  ptsMs: number | null = null;
  receivedMs = 0;
  lostPictures = 0;
  readingSinceMs: number | null = null;
  /** Pictures decoded so far. */
  decoded = 0;
  /** Pictures copied so far. */
  copied = 0;
  /** How often it was disposed. */
  disposed = 0;
  readonly #clock: Clock;
  readonly #steps: Iterator<FakeStep>;
  readonly #shape: PictureShape;
  readonly #interrupted = new AbortController();
  #luma = 0;

  constructor(
    clock: Clock,
    steps: Iterable<FakeStep>,
    facts: Partial<SourceFacts> = {},
    shape: PictureShape = SHAPE,
  ) {
    this.#clock = clock;
    this.#shape = shape;
    this.#steps = steps[Symbol.iterator]();
    this.facts = { ...FACTS, ...facts };
  }

  async advance(): Promise<boolean> {
    const { value: step = "end" } = this.#steps.next() as { value?: FakeStep };
    if (step === "end") return false;
    this.readingSinceMs = this.#clock.nowMs();
    if (step === "hang") await this.#clock.wait(Infinity, this.#interrupted.signal);
    else if (step !== "lost") await this.#clock.wait(step.afterMs ?? 0, this.#interrupted.signal);
    this.readingSinceMs = null;
    if (this.#interrupted.signal.aborted || step === "lost" || step === "hang") {
      throw new FoveaError("CAMERA_LOST", "Cannot read on from fake: connection reset");
    }
    this.receivedMs = this.#clock.nowMs();
    this.lostPictures = step.lost ?? 0;
    this.#luma = step.luma ?? 50 + this.decoded % 200;
    this.ptsMs = 1000 * this.decoded / (this.facts.fps ?? 1);
    this.decoded++;
    return true;
  }

  prepare(): PictureShape {
    return this.#shape;
  }

  copyInto(picture: Picture, arena: Arena): void {
    const { byteOffset, strideBytes } = picture.planes[0]!;
    new Uint8Array(arena.buffer, byteOffset, strideBytes * picture.height).fill(this.#luma);
    this.copied++;
  }

  interrupt(): void {
    this.#interrupted.abort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposed++;
    return Promise.resolve();
  }
}

/** `count` pictures, one every `everyMs`. */
export function pictures(count: number, everyMs: number): FakeStep[] {
  return Array.from({ length: count }, () => ({ afterMs: everyMs }));
}
