import type { Clock } from "../core/clock.ts";
import type { FrameResult } from "../core/result.ts";

/** Shortest time between two drawings, in milliseconds. */
const DRAW_EVERY_MS = 100;
/** Narrowest and widest bar that is drawn, in characters, without its brackets. */
const BAR_CHARS_MIN = 6;
const BAR_CHARS_MAX = 40;
/** Its brackets and the space after it. */
const BAR_FRAME_CHARS = 4;
/** Back to the start of the line; erase to its end. */
const RETURN = "\r";
const ERASE = "\x1b[K";

/** How far a run has come. */
export interface Progress {
  /** Frames of the source that are behind, skipped ones included. */
  readonly position: number;
  /** Frames of the source; `null` where unknown. */
  readonly totalFrames: number | null;
  /** Frames that were looked at. */
  readonly frames: number;
  /** Time since the start in milliseconds. */
  readonly elapsedMs: number;
  /** Detections so far. */
  readonly detections: number;
}

/** What a {@linkcode ProgressBar} needs. */
export interface ProgressBarOptions {
  /** Writes to the terminal; nothing waits for it. */
  readonly write: (text: string) => void;
  /** Width of the terminal in characters, asked for at each drawing. */
  readonly columns: () => number;
  /** Whether a person sees it; if not, nothing is written. */
  readonly isTerminal: boolean;
  /** Frames of the source; `null` where unknown. */
  readonly totalFrames: number | null;
  /** Time for speed, remaining time and the pace of drawing. */
  readonly clock: Clock;
}

/**
 * One line on a terminal that shows how far a run has come; drawn at most ten times a second and
 * erased at the end.
 */
export class ProgressBar {
  readonly #options: ProgressBarOptions;
  readonly #startMs: number;
  #drawnMs = -Infinity;
  #drawn = false;
  #position = 0;
  #frames = 0;
  #detections = 0;

  /** Time starts now. */
  constructor(options: ProgressBarOptions) {
    this.#options = options;
    this.#startMs = options.clock.nowMs();
  }

  /** Counts one result of a source and draws where it is time. */
  update(result: FrameResult): void {
    if (result.kind === "frame") this.advance(result.seq + 1, result.detections.length);
    else this.#draw();
  }

  /** Counts one frame, after which `position` frames are behind, and draws where it is time. */
  advance(position: number, detections: number): void {
    this.#position = Math.max(this.#position, position);
    this.#frames++;
    this.#detections += detections;
    this.#draw();
  }

  /** Erases the line, so that something else can be written; the next update may draw again. */
  clear(): void {
    if (this.#drawn) this.#options.write(`${RETURN}${ERASE}`);
    this.#drawn = false;
    this.#drawnMs = -Infinity;
  }

  /** Erases the line for good. */
  finish(): void {
    this.clear();
  }

  #draw(): void {
    const nowMs = this.#options.clock.nowMs();
    if (!this.#options.isTerminal || nowMs - this.#drawnMs < DRAW_EVERY_MS) return;
    const line = formatProgress({
      position: this.#position,
      totalFrames: this.#options.totalFrames,
      frames: this.#frames,
      elapsedMs: nowMs - this.#startMs,
      detections: this.#detections,
    }, this.#options.columns());
    this.#options.write(`${RETURN}${line}${ERASE}`);
    this.#drawnMs = nowMs;
    this.#drawn = true;
  }
}

/**
 * A progress line of at most `columns - 1` characters, so that no terminal wraps it. Where space
 * is short, first the detections go, then the remaining time, the speed, and the bar.
 */
export function formatProgress(progress: Progress, columns: number): string {
  const room = Math.max(0, columns - 1);
  const { position, totalFrames } = progress;
  const fraction = totalFrames === null || totalFrames <= 0
    ? null
    : Math.min(1, position / totalFrames);
  const [head, ...details] = listParts(progress, fraction);
  const hasBar = fraction !== null && head!.length + BAR_CHARS_MIN + BAR_FRAME_CHARS <= room;
  const textRoom = room - (hasBar ? BAR_CHARS_MIN + BAR_FRAME_CHARS : 0);
  let text = head!.slice(0, room);
  for (const detail of details) {
    if (text.length + 2 + detail.length > textRoom) break;
    text += `  ${detail}`;
  }
  if (!hasBar) return text;
  const barChars = Math.min(BAR_CHARS_MAX, room - text.length - BAR_FRAME_CHARS);
  return `${formatBar(fraction, barChars)}  ${text}`;
}

/** What there is to tell, the most important first. */
function listParts(progress: Progress, fraction: number | null): string[] {
  const { position, totalFrames, frames, elapsedMs, detections } = progress;
  const seconds = elapsedMs / 1000;
  const speed = elapsedMs >= 1 ? [`${(frames / seconds).toFixed(1)} fps`] : [];
  const found = `${detections} detection${detections === 1 ? "" : "s"}`;
  if (fraction === null) return [`${frames} frames`, ...speed, formatDuration(seconds), found];
  const left = fraction > 0 ? [`${formatDuration(seconds * (1 - fraction) / fraction)} left`] : [];
  const percent = `${Math.floor(100 * fraction)}%`.padStart(4);
  return [`${percent}  ${position}/${totalFrames}`, ...speed, ...left, found];
}

function formatBar(fraction: number, chars: number): string {
  const done = Math.floor(fraction * chars);
  const head = done > 0 && done < chars ? ">" : "=".repeat(done === chars ? 1 : 0);
  return `[${("=".repeat(Math.max(0, done - 1)) + head).padEnd(chars)}]`;
}

/** `0:07`, `12:30`, `3:05:09`: whole seconds, rounded up. */
export function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${twoDigits(m)}:${twoDigits(s)}` : `${m}:${twoDigits(s)}`;
}
