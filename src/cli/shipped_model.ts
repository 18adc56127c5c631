import { fileURLToPath } from "node:url";
import { SHIPPED_DETECTOR } from "../pipeline/shipped_detector.ts";
import { isDrawnWorld, labelOfSource } from "./source_label.ts";
import type { Terminal } from "./terminal.ts";

const NAME = "fovea-street";
const LIMIT = "knows the synthetic street only";

/** Which detector a command uses. */
export interface ModelChoice {
  /** Its path. */
  readonly path: string;
  /** Whether it is the one that comes with fovea, because none was named. */
  readonly isShipped: boolean;
}

/** The detector of `--model`, or the one that comes with fovea. */
export function chooseModel(named: string | undefined): ModelChoice {
  return named === undefined
    ? { path: fileURLToPath(SHIPPED_DETECTOR), isShipped: true }
    : { path: named, isShipped: false };
}

/**
 * Tells on standard error that no detector was named, and warns where the one that comes with fovea
 * is to look at something that it was not made for.
 *
 * @param source The camera's URI or the folder of pictures; `null` where nothing is looked at.
 * @param json Whether only a warning is told, as one line of JSON.
 */
export async function tellShippedModel(
  { isShipped }: ModelChoice,
  source: string | null,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  if (!isShipped) return;
  if (!json) await terminal.writeErr(`model: ${NAME} (shipped; ${LIMIT})\n`);
  if (source === null || isDrawnWorld(source)) return;
  const message = `${NAME} is not made for ${labelOfSource(source)}: it ${LIMIT}, ` +
    "and what it finds anywhere else means nothing";
  const hint = "Give a detector of your own with --model";
  await terminal.writeErr(
    json
      ? `${JSON.stringify({ warning: { message, hint } })}\n`
      : `warning: ${message}\n  ${hint}\n`,
  );
}
