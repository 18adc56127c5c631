import type { Frame } from "../core/frame.ts";
import type { EvidenceKind } from "../core/monitor_report.ts";
import { cropAround } from "./crop.ts";
import { type HardExample, HardExamples } from "./hard_examples.ts";
import { type ObjectMatches, type ObjectTerm, objectTermLoss } from "./object_loss.ts";

/** Objects with less focal loss than this are not hard. A target found at 0.5 has 0.04. */
const HARD_LOSS_MIN = 0.1;

/** The frame that examples come from. */
export interface ExampleFrame {
  /** Position in the stream. */
  readonly seq: number;
  /** Presentation time in milliseconds. */
  readonly ptsMs: number;
  /** The pixels, on loan; `null` where they are gone. */
  readonly frame: Frame | null;
}

/** Picks the hard objects out of judged frames and keeps the hardest with their pixels. */
export class ExampleCollector {
  readonly #examples: HardExamples;
  readonly #classNames: readonly string[];
  readonly #gamma: number;

  /** Keeps at most `countMax` examples; `gamma` is the focusing of their losses. */
  constructor(countMax: number, classNames: readonly string[], gamma: number) {
    this.#examples = new HardExamples(countMax);
    this.#classNames = classNames;
    this.#gamma = gamma;
  }

  /** The examples, hardest first. */
  get list(): readonly HardExample[] {
    return this.#examples.list;
  }

  /** Takes what is hard in a frame. */
  collect(
    matches: ObjectMatches,
    evidence: EvidenceKind,
    { seq, ptsMs, frame }: ExampleFrame,
  ): void {
    for (const term of matches.terms) {
      const loss = objectTermLoss(term, this.#gamma);
      if (loss < HARD_LOSS_MIN) continue;
      const { classIndex, xyxyPx } = term.box;
      const className = this.#classNames[classIndex] ?? `class ${classIndex}`;
      if (!this.#examples.wants(loss, seq, className, xyxyPx)) continue;
      const crop = frame === null || frame.disposed
        ? null
        : cropAround(frame.picture, new Uint8Array(frame.arena.buffer), xyxyPx);
      const reason = describe(term, className, evidence);
      this.#examples.add({ seq, ptsMs, className, xyxyPx, loss, evidence, reason, crop });
    }
  }
}

function describe({ kind, probability }: ObjectTerm, className: string, by: EvidenceKind): string {
  const who = by === "measured" ? "the labels" : by === "teacher" ? "the teacher" : "its track";
  switch (kind) {
    case "missed":
      return `${className} is there by ${who} and was missed`;
    case "found":
      return `${className} is there by ${who} and got only ${probability.toFixed(2)}`;
    case "unmatched":
      return `${className} was claimed with ${probability.toFixed(2)}, not there by ${who}`;
  }
}
