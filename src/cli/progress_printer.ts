import type { Clock } from "../core/clock.ts";
import { parsePolicy } from "../core/frame_policy.ts";
import type { Camera } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";
import type { Detector } from "../pipeline/loaded_detector.ts";
import { ProgressBar } from "./progress.ts";
import type { ResultPrinter } from "./result_printer.ts";
import type { RunSettings } from "./run_settings.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Adds a progress bar on standard error to another printer. The bar shows for files, where a
 * person sees standard error.
 */
export class ProgressPrinter implements ResultPrinter {
  readonly #inner: ResultPrinter;
  readonly #terminal: Terminal;
  readonly #settings: Pick<RunSettings, "policy" | "maxFrames">;
  readonly #clock: Clock;
  #bar: ProgressBar | null = null;

  /** Passes everything on to `inner`; `clock` paces the drawing. */
  constructor(
    inner: ResultPrinter,
    terminal: Terminal,
    settings: Pick<RunSettings, "policy" | "maxFrames">,
    clock: Clock,
  ) {
    this.#inner = inner;
    this.#terminal = terminal;
    this.#settings = settings;
    this.#clock = clock;
  }

  async begin(detector: Detector): Promise<void> {
    await this.#inner.begin(detector);
  }

  async open(camera: Pick<Camera, "info" | "truth">): Promise<void> {
    await this.#inner.open(camera);
    const terminal = this.#terminal;
    if (camera.info.kind !== "file" || !terminal.stderrIsTerminal) return;
    this.#bar = new ProgressBar({
      write: (text) => void terminal.writeErr(text),
      columns: () => terminal.columns,
      isTerminal: true,
      totalFrames: framesAhead(camera.info.frameCount, this.#settings),
      clock: this.#clock,
    });
  }

  async show(result: FrameResult): Promise<void> {
    if (this.#bar !== null && this.#terminal.stdoutIsTerminal) {
      // The result goes to the same screen: the bar makes room first.
      this.#bar.clear();
      await this.#terminal.writeErr("");
    }
    await this.#inner.show(result);
    this.#bar?.update(result);
  }

  async note(text: string): Promise<void> {
    await this.#inner.note(text);
  }

  pass(result: FrameResult): void {
    this.#inner.pass(result);
    this.#bar?.update(result);
  }

  close(): void {
    this.#bar?.finish();
    this.#bar = null;
    this.#inner.close();
  }

  async end(summary: string, outputs: readonly string[]): Promise<void> {
    await this.#inner.end(summary, outputs);
  }
}

/** How many frames of the source a run will pass, or `null` where nobody knows. */
export function framesAhead(
  frameCount: number | null,
  settings: Pick<RunSettings, "policy" | "maxFrames">,
): number | null {
  const { maxFrames, policy } = settings;
  if (maxFrames === null) return frameCount;
  const parsed = policy === null ? null : parsePolicy(policy);
  const passed = maxFrames * (parsed?.kind === "every" ? parsed.stride : 1);
  return frameCount === null ? passed : Math.min(frameCount, passed);
}
