import type { FrameTruth, TruthSource } from "../core/frame_truth.ts";
import type { Degradation } from "../degrade/degradation.ts";
import { degradeBoxes } from "../degrade/degrade_boxes.ts";

/** The truth about frames whose pictures were degraded: their boxes follow `geom`. */
export class DegradedTruth implements TruthSource {
  readonly classNames: readonly string[];
  readonly #truth: TruthSource;
  readonly #turns: readonly Degradation[];
  readonly #size: { readonly width: number; readonly height: number };
  /** For each turn, the `seq` of the first frame it acted on. */
  readonly #fromSeq: number[];

  /** The truth behind a camera that degrades pictures of one size. */
  constructor(
    truth: TruthSource,
    degradations: readonly Degradation[],
    size: { readonly width: number; readonly height: number },
  ) {
    this.classNames = truth.classNames;
    this.#truth = truth;
    this.#turns = degradations.filter(({ kind }) => kind === "geom");
    this.#size = size;
    this.#fromSeq = this.#turns.map(() => Infinity);
  }

  /** Takes in that a frame was delivered: degradations begin by count, truths are asked by `seq`. */
  noteDelivered(index: number, seq: number): void {
    this.#turns.forEach(({ fromFrame = 0 }, turn) => {
      if (index >= fromFrame) this.#fromSeq[turn] = Math.min(this.#fromSeq[turn]!, seq);
    });
  }

  at(seq: number): FrameTruth {
    const truth = this.#truth.at(seq);
    const turns = this.#turns
      .filter((_, turn) => seq >= this.#fromSeq[turn]!)
      .map(({ kind, severity }) => ({ kind, severity }));
    if (turns.length === 0) return truth;
    const { width, height } = this.#size;
    const corners = truth.objects.flatMap(({ xyxyPx }) => xyxyPx);
    const moved = degradeBoxes(turns, corners, width, height);
    const objects = truth.objects.map((object, i) => {
      const [x1, y1, x2, y2] = moved.subarray(4 * i, 4 * i + 4);
      return { ...object, xyxyPx: [x1!, y1!, x2!, y2!] as const };
    });
    // What was turned out of the picture is not in it any more.
    return {
      seq,
      objects: objects.filter(({ xyxyPx: [x1, y1, x2, y2] }) => x2 > x1 && y2 > y1),
    };
  }
}
