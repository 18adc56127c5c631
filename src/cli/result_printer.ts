import type { DetectorSpec } from "../core/detector_spec.ts";
import type { Camera } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";
import type { Detector } from "../pipeline/loaded_detector.ts";
import { formatResult } from "../sink/ndjson_sink.ts";
import { correctingFlag } from "./correcting_flag.ts";
import { describeResult } from "./frame_line.ts";
import type { Terminal } from "./terminal.ts";

/** Tells a run's course: results on standard output, everything else on standard error. */
export interface ResultPrinter {
  /** The detector is loaded. */
  begin(detector: Detector): Promise<void>;
  /** The camera is open. */
  open(camera: Pick<Camera, "info" | "truth">): Promise<void>;
  /** Something to know about the run. */
  note(text: string): Promise<void>;
  /** One result came. */
  show(result: FrameResult): Promise<void>;
  /** One result came that is not to be shown. */
  pass(result: FrameResult): void;
  /** The loop has ended, well or not: takes away what was only drawn. */
  close(): void;
  /** The run is over and its outputs are finished; `summary` is one line. */
  end(summary: string, outputs: readonly string[]): Promise<void>;
}

/** One result a line as JSON; on standard error only what must be known, as JSON too. */
export class JsonPrinter implements ResultPrinter {
  readonly #terminal: Terminal;

  /** Writes to `terminal`, which stays open. */
  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async begin(): Promise<void> {}

  async open(): Promise<void> {}

  async note(text: string): Promise<void> {
    await this.#terminal.writeErr(`${JSON.stringify({ note: text })}\n`);
  }

  pass(): void {}

  async show(result: FrameResult): Promise<void> {
    await this.#terminal.writeOut(`${formatResult(result)}\n`);
  }

  close(): void {}

  async end(): Promise<void> {}
}

/** Sentences for people. */
export class LinePrinter implements ResultPrinter {
  readonly #terminal: Terminal;
  readonly #wantedProvider: string;
  #dropped = 0;

  /** Writes to `terminal`, which stays open; says where another provider serves than wanted. */
  constructor(terminal: Terminal, wantedProvider: string) {
    this.#terminal = terminal;
    this.#wantedProvider = wantedProvider;
  }

  async begin(detector: Detector): Promise<void> {
    const { spec, model, engine, provider, workers } = detector;
    const { input, family, classNames } = spec;
    const lanes = workers === 1 ? "1 worker" : `${workers} workers`;
    await this.#say(
      `${model.name}: ${family}, ${classNames.length} classes, ` +
        `${input.width}x${input.height} ${input.channels}; ${engine} ${provider}, ${lanes}`,
    );
    if (provider !== this.#wantedProvider) {
      const why = detector.tensorrt === null ? "is not available" : "is not ready";
      await this.#say(`${this.#wantedProvider} ${why}; ${provider} serves instead`);
      for (const reason of detector.missedProviders) await this.#say(`  ${reason}`);
    }
    for (const line of describeAssumptions(spec)) await this.#say(line);
  }

  async open({ info: camera }: Pick<Camera, "info">): Promise<void> {
    const rate = camera.fps === null ? "" : `, ${camera.fps.toFixed(2)} frames a second`;
    const count = camera.frameCount === null ? "" : `, ${camera.frameCount} frames`;
    await this.#say(`${camera.uri}: ${camera.width}x${camera.height}${rate}${count}`);
  }

  async note(text: string): Promise<void> {
    await this.#say(text);
  }

  pass(): void {}

  async show(result: FrameResult): Promise<void> {
    const line = describeResult(result, this.#dropped);
    this.#dropped = result.dropped;
    await this.#terminal.writeOut(`${line}\n`);
  }

  close(): void {}

  async end(summary: string, outputs: readonly string[]): Promise<void> {
    await this.#say(summary);
    for (const path of outputs) await this.#say(`wrote ${path}`);
  }

  async #say(text: string): Promise<void> {
    await this.#terminal.writeErr(`${text}\n`);
  }
}

/** What was assumed about a model for want of better knowledge, with the flag that corrects it. */
export function describeAssumptions(spec: DetectorSpec): string[] {
  return spec.findings
    .filter(({ source }) => source === "assumed")
    .map(({ about, value, why }) => {
      const flag = correctingFlag(about);
      return `assumed ${about} ${value}: ${why}${flag === null ? "" : ` [${flag}]`}`;
    });
}
