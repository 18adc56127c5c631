import { styleText } from "node:util";
import type { Clock } from "../../core/clock.ts";
import type { Health } from "../../core/monitor_report.ts";
import type { Camera } from "../../core/ports.ts";
import type { FrameResult } from "../../core/result.ts";
import type { Detector } from "../../pipeline/loaded_detector.ts";
import { framesAhead } from "../progress_printer.ts";
import type { ResultPrinter } from "../result_printer.ts";
import type { RunSettings } from "../run_settings.ts";
import type { Terminal } from "../terminal.ts";
import { describeMoment, describeMonitorNews } from "./live_line.ts";
import { describeScene, formatLive, type LineStyle, type TableLine } from "./live_table.ts";
import { LiveTally } from "./live_tally.ts";
import { type Scene, ScenePlan } from "./scene_plan.ts";

/** Shortest time between two drawings on a terminal, in milliseconds. */
const DRAW_EVERY_MS = 100;
/** Time between two lines where nobody can draw, in milliseconds. */
const LINE_EVERY_MS = 2_000;
/** Lines of a table that nothing limits. */
const ROWS_UNLIMITED = 200;
/** Erase to the end of the line; erase everything below. */
const ERASE_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

const STYLES: Readonly<Record<LineStyle, Parameters<typeof styleText>[0] | null>> = {
  plain: null,
  title: "bold",
  good: "green",
  bad: ["bold", "red"],
  notice: ["bold", "yellow"],
};

/**
 * Shows a run as a table: on a terminal it is drawn anew in place, elsewhere a line tells now and
 * then how it stands, and the table comes at the end. Everything before and after the loop is said
 * by another printer.
 */
export class LivePrinter implements ResultPrinter {
  readonly #inner: ResultPrinter;
  readonly #terminal: Terminal;
  readonly #settings: Pick<RunSettings, "uri" | "degrade" | "policy" | "maxFrames">;
  readonly #clock: Clock;
  readonly #plan: ScenePlan;
  #tally: LiveTally | null = null;
  #totalFrames: number | null = null;
  /** What the monitor said last. */
  #health: Health | null = null;
  #shownMs = -Infinity;
  /** What was drawn last: how many lines, and in how many columns. */
  #drawn = { lines: 0, columns: 0 };

  /** Says through `inner` what is not about frames; `clock` paces the drawing. */
  constructor(
    inner: ResultPrinter,
    terminal: Terminal,
    settings: Pick<RunSettings, "uri" | "degrade" | "policy" | "maxFrames">,
    clock: Clock,
  ) {
    this.#inner = inner;
    this.#terminal = terminal;
    this.#settings = settings;
    this.#clock = clock;
    this.#plan = new ScenePlan(settings.uri, settings.degrade);
  }

  async begin(detector: Detector): Promise<void> {
    await this.#inner.begin(detector);
  }

  async open(camera: Pick<Camera, "info" | "truth">): Promise<void> {
    await this.#inner.open(camera);
    this.#totalFrames = framesAhead(camera.info.frameCount, this.#settings);
    this.#tally = new LiveTally(this.#plan, camera.truth ?? null, this.#clock.nowMs());
  }

  async show(result: FrameResult): Promise<void> {
    const tally = this.#tally!;
    const nowMs = this.#clock.nowMs();
    const scene = tally.add(result, nowMs);
    const sinceMs = nowMs - this.#shownMs;
    if (this.#terminal.movesCursor) {
      if (sinceMs >= DRAW_EVERY_MS) await this.#draw(nowMs);
      return;
    }
    const news = this.#listNews(result, scene);
    const isNews = result.kind === "state" || news.length > 0;
    if (isNews || sinceMs >= LINE_EVERY_MS) await this.#tell(news, nowMs);
  }

  async note(text: string): Promise<void> {
    await this.#inner.note(text);
  }

  pass(result: FrameResult): void {
    this.#inner.pass(result);
  }

  close(): void {
    this.#inner.close();
  }

  async end(summary: string, outputs: readonly string[]): Promise<void> {
    if (this.#tally !== null) await this.#draw(this.#clock.nowMs());
    await this.#inner.end(summary, outputs);
  }

  /** Draws the table over the one before; its last line is ended, so that anything may follow. */
  async #draw(nowMs: number): Promise<void> {
    const { columns, rows, movesCursor } = this.#terminal;
    const lines = formatLive(this.#tally!.snapshot(nowMs), {
      // A line as wide as the screen would wrap on some terminals.
      columns: Math.max(1, columns - 1),
      rows: movesCursor ? rows - 1 : ROWS_UNLIMITED,
      totalFrames: this.#totalFrames,
      hasScenes: this.#plan.isKnown,
    });
    const before = this.#drawn;
    // After a change of width nobody knows how many lines the old table takes: it stays above.
    const up = before.columns === columns && before.lines > 0 ? `\x1b[${before.lines}A\r` : "";
    const erase = movesCursor ? ERASE_LINE : "";
    const text = lines.map((line) => `${this.#paint(line)}${erase}\n`).join("");
    this.#drawn = { lines: lines.length, columns };
    this.#shownMs = nowMs;
    await this.#terminal.writeOut(movesCursor ? `${up}${text}${ERASE_BELOW}` : text);
  }

  #paint({ text, style }: TableLine): string {
    const format = STYLES[style];
    if (!this.#terminal.colors || format === null || text === "") return text;
    return styleText(format, text, { validateStream: false });
  }

  /** What a result brings that is worth a line of its own. */
  #listNews(result: FrameResult, scene: Scene | null): string[] {
    const change = scene === null ? null : describeScene({ scene, fromSeq: result.seq });
    const monitorNews = describeMonitorNews(result, this.#health);
    this.#health = result.monitor?.health ?? this.#health;
    return change === null ? monitorNews : [change, ...monitorNews];
  }

  /** The news and how it stands, where the table cannot be drawn over. */
  async #tell(news: readonly string[], nowMs: number): Promise<void> {
    const lines = [...news, describeMoment(this.#tally!.snapshot(nowMs))];
    this.#shownMs = nowMs;
    await this.#terminal.writeOut(lines.map((line) => `${line}\n`).join(""));
  }
}
