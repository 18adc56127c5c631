import type { FrameTruth, TruthSource } from "../core/frame_truth.ts";
import { StreetWorld } from "../world/mod.ts";
import type { WorldSettings } from "../world/world_options.ts";

/** Frames whose truth is kept as it came with them. */
const REMEMBERED_MAX = 512;

/**
 * The truth about a world's frames. That of the last frames is at hand; for any other one the
 * world is made here as well, once, and asked: the answer is the same, but the first one takes as
 * long as drawing the scenery.
 */
export class WorldTruth implements TruthSource {
  readonly classNames: readonly string[];
  readonly #settings: WorldSettings;
  readonly #remembered = new Map<number, FrameTruth>();
  #world: StreetWorld | null = null;

  /** The truth about a world; nothing is drawn yet. */
  constructor(settings: WorldSettings) {
    this.#settings = settings;
    this.classNames = StreetWorld.classNamesOf(settings);
  }

  /** Keeps the truth that came with a frame. */
  remember(truth: FrameTruth): void {
    this.#remembered.delete(truth.seq);
    this.#remembered.set(truth.seq, truth);
    if (this.#remembered.size <= REMEMBERED_MAX) return;
    const [oldest] = this.#remembered.keys();
    this.#remembered.delete(oldest!);
  }

  at(seq: number): FrameTruth {
    const known = this.#remembered.get(seq);
    if (known !== undefined) return known;
    this.#world ??= new StreetWorld(this.#settings);
    return this.#world.at(seq);
  }
}
