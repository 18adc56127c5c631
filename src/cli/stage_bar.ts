import type { Clock } from "../core/clock.ts";
import type { RefineProgress } from "../pipeline/refining/refine_detector.ts";

/** Shortest time between two drawings, in milliseconds. */
const DRAW_EVERY_MS = 100;
const BAR_CHARS = 24;
const RETURN = "\r";
const ERASE = "\x1b[K";

const STAGES: Readonly<Record<RefineProgress["stage"], string>> = {
  looking: "looking at frames",
  training: "training",
  judging: "judging on other frames",
};

/** What a {@linkcode StageBar} needs. */
export interface StageBarOptions {
  /** Writes to the terminal; nothing waits for it. */
  readonly write: (text: string) => void;
  /** Width of the terminal in characters. */
  readonly columns: () => number;
  /** Whether a person sees it; if not, nothing is written. */
  readonly isTerminal: boolean;
  /** Time for the pace of drawing. */
  readonly clock: Clock;
}

/** One line on a terminal that shows which stage of a refinement runs and how far it is. */
export class StageBar {
  readonly #options: StageBarOptions;
  #drawnMs = -Infinity;
  #stage: RefineProgress["stage"] | null = null;

  /** Draws nothing yet. */
  constructor(options: StageBarOptions) {
    this.#options = options;
  }

  /** Draws where it is time; a new stage is drawn at once. */
  update(progress: RefineProgress): void {
    const { write, columns, isTerminal, clock } = this.#options;
    const nowMs = clock.nowMs();
    const isNew = progress.stage !== this.#stage;
    if (!isTerminal || (!isNew && nowMs - this.#drawnMs < DRAW_EVERY_MS)) return;
    write(`${RETURN}${formatStage(progress, columns())}${ERASE}`);
    this.#drawnMs = nowMs;
    this.#stage = progress.stage;
  }

  /** Erases the line for good. */
  finish(): void {
    if (this.#stage !== null) this.#options.write(`${RETURN}${ERASE}`);
    this.#stage = null;
  }
}

/** A line of at most `columns - 1` characters. */
export function formatStage({ stage, done, total }: RefineProgress, columns: number): string {
  const share = total <= 0 ? 0 : Math.min(1, done / total);
  const filled = Math.floor(share * BAR_CHARS);
  const bar = `[${"=".repeat(filled)}${" ".repeat(BAR_CHARS - filled)}]`;
  return `${bar}  ${done}/${total}  ${STAGES[stage]}`.slice(0, Math.max(0, columns - 1));
}
