import type { Camera } from "../core/ports.ts";
import type { Health, LevelReport } from "../core/monitor_report.ts";
import type { FrameResult } from "../core/result.ts";
import type { Degradation } from "../degrade/degradation.ts";
import { parsePolicy } from "../core/frame_policy.ts";
import { formatCalibration, parseCalibration } from "../monitor/calibration_file.ts";
import { MonitorHistory } from "../monitor/history.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { MonitorEvent } from "../monitor/monitor_event.ts";
import type { MonitorOptions } from "../monitor/monitor_options.ts";
import { formatMonitorState, parseMonitorState } from "../monitor/monitor_state.ts";
import { bitmapUrl } from "../monitor/page/bitmap_url.ts";
import { renderMonitorPage } from "../monitor/page/monitor_page.ts";
import { createMonitor } from "../pipeline/create_monitor.ts";
import type { Detector } from "../pipeline/loaded_detector.ts";
import { WholeFile } from "../storage/whole_file.ts";
import { readTextIfThere, removeLeftovers, writeWholeFile } from "../storage/write_whole_file.ts";
import { EventFile } from "./event_file.ts";
import { readLabels } from "./monitor_labels.ts";
import type { MonitorSettings } from "./monitor_settings.ts";
import { makeMonitorReport, type MonitorSummary } from "./monitor_summary.ts";
import { FoveaError } from "../core/errors.ts";

/** Frames between two times that the state is written. */
const STATE_EVERY = 500;
/** Hard examples that a page shows. */
const EXAMPLES_MAX = 24;
/** Frames of a warm-up that a calibration needs, and those that it has if nobody says. */
const WARM_UP_FRAMES_MIN = 50;
const WARM_UP_FRAMES = 300;

/** What a run tells its monitor besides the settings. */
export interface MonitorContext {
  /** How pictures are made worse. */
  readonly degrade: readonly Degradation[];
  /** Which frames are taken; `null` for what suits the source. */
  readonly policy: string | null;
  /** Says something to people. */
  readonly say: (text: string) => Promise<void>;
}

/** A monitor on the command line: its files, its history, its end. */
export class MonitorRun implements AsyncDisposable {
  /** The monitor, for the loop. */
  readonly monitor: Monitor;
  readonly #settings: MonitorSettings;
  readonly #history = new MonitorHistory();
  readonly #files: AsyncDisposableStack;
  readonly #report: WholeFile | null;
  readonly #facts: readonly (readonly [string, string])[];
  readonly #say: (text: string) => Promise<void>;
  readonly #framesOf: Partial<Record<Health, number>> = {};
  #frames = 0;
  #isStateDue = false;
  /** Whether something could not be written the last time. */
  #isStuck = false;
  /** Whether the calibration of a whole warm-up is in its file. */
  #isCalibrationKept = false;

  private constructor(
    monitor: Monitor,
    settings: MonitorSettings,
    files: AsyncDisposableStack,
    report: WholeFile | null,
    facts: readonly (readonly [string, string])[],
    say: (text: string) => Promise<void>,
  ) {
    this.monitor = monitor;
    this.#settings = settings;
    this.#files = files;
    this.#report = report;
    this.#facts = facts;
    this.#say = say;
  }

  /**
   * Opens what the settings name. Outputs are tried now, so that a long run does not end at a folder
   * that cannot be written.
   *
   * @throws {FoveaError} `STATE_INVALID`, `STATE_FOREIGN`, `ANNOTATIONS_INVALID`, `SINK_OPEN`.
   */
  static async open(
    settings: MonitorSettings,
    context: MonitorContext,
    camera: Camera,
    detector: Detector,
  ): Promise<MonitorRun> {
    await using files = new AsyncDisposableStack();
    const { report: reportPath, calibrate } = settings;
    const report = reportPath === null ? null : files.use(await WholeFile.create(reportPath, true));
    // Written when the warm-up ends; the place is tried now.
    if (calibrate !== null) await (await WholeFile.create(calibrate, true))[Symbol.asyncDispose]();
    const events = settings.events === null
      ? null
      : files.use(await EventFile.open(settings.events));
    const told: ((event: MonitorEvent) => void)[] = events === null
      ? []
      : [(event) => events.write(event)];
    const options = await readOptions(settings, context, camera, detector);
    const monitor = createMonitor(camera, detector, {
      ...options,
      onEvent: (event) => told.forEach((tell) => tell(event)),
    });
    const facts = [
      ["camera", camera.info.uri],
      ["model", detector.model.name],
      ["sha256", detector.model.sha256.slice(0, 12)],
    ] as const;
    const run = new MonitorRun(monitor, settings, files.move(), report, facts, context.say);
    told.push(() => run.#isStateDue = true);
    return run;
  }

  /** Takes a result that the monitor has reported on. */
  async add({ seq, monitor: report }: FrameResult): Promise<void> {
    if (report === null) return;
    this.#history.add(seq, report);
    this.#frames++;
    this.#framesOf[report.health] = (this.#framesOf[report.health] ?? 0) + 1;
    if (this.#frames % STATE_EVERY === 0) this.#isStateDue = true;
    if (!this.#isStateDue) return;
    this.#isStateDue = false;
    await this.#tryWrite();
  }

  /** Sums up what was seen until now; `level` is that of the last frame. */
  summary(level: LevelReport | null): MonitorSummary {
    return makeMonitorReport(this.monitor, this.#framesOf, level);
  }

  /**
   * Writes what is to be left behind.
   *
   * @throws {FoveaError} `SINK_OPEN` or `SINK_WRITE` if something could not be written,
   * `STATE_INVALID` if there were too few frames to calibrate on; all else is written.
   */
  async finish(level: LevelReport | null): Promise<void> {
    const written = await Promise.allSettled([
      this.#writeState(),
      this.#writeCalibration(),
      this.#report?.commit([this.#renderPage(level)]),
    ]);
    const failed = written.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** The files that {@linkcode finish} wrote. */
  get outputs(): readonly string[] {
    const { calibrate, state, events, report } = this.#settings;
    // While a monitor warms up there is no state to keep.
    const kept = this.monitor.state === null ? null : state;
    return [calibrate, kept, events, report].filter((path) => path !== null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files[Symbol.asyncDispose]();
  }

  /** Watching is worth more than its files: where a disk is full it goes on, and says so once. */
  async #tryWrite(): Promise<void> {
    try {
      await this.#writeState();
      if (this.monitor.state !== null) await this.#writeCalibration();
      this.#isStuck = false;
    } catch (error) {
      if (!(error instanceof FoveaError)) throw error;
      if (!this.#isStuck) await this.#say(`${error.message}; watching goes on`);
      this.#isStuck = true;
    }
  }

  async #writeState(): Promise<void> {
    const { state } = this.monitor;
    if (this.#settings.state === null || state === null) return;
    await writeWholeFile(this.#settings.state, formatMonitorState(state));
  }

  async #writeCalibration(): Promise<void> {
    const { calibrate } = this.#settings;
    if (calibrate === null || this.#isCalibrationKept) return;
    const { calibration } = this.monitor;
    const frames = calibration?.calibration.frames ?? 0;
    const wanted = this.#settings.warmUpFrames ?? WARM_UP_FRAMES;
    if (calibration === null || frames < WARM_UP_FRAMES_MIN) {
      throw new FoveaError(
        "STATE_INVALID",
        `Cannot calibrate: ${frames} frames were seen, and ${WARM_UP_FRAMES_MIN} are the least`,
        { hint: "Watch for longer, at empty and busy moments" },
      );
    }
    await writeWholeFile(calibrate, formatCalibration(calibration));
    this.#isCalibrationKept = this.monitor.state !== null;
    if (frames >= wanted || this.#settings.calibration !== null) return;
    await this.#say(`the calibration rests on ${frames} frames; ${wanted} were wanted`);
  }

  #renderPage(level: LevelReport | null): string {
    const examples = this.monitor.hardExamples.slice(0, EXAMPLES_MAX);
    return renderMonitorPage(this.monitor, {
      title: `How the detector is doing at ${this.#facts[0]![1]}`,
      facts: [...this.#facts, ["frames", String(this.#frames)]],
      history: this.#history.points,
      level,
      examples: examples.map(({ crop, ...rest }) => {
        return { ...rest, image: crop === null ? null : bitmapUrl(crop) };
      }),
    });
  }
}

async function readOptions(
  settings: MonitorSettings,
  { degrade, policy, say }: MonitorContext,
  camera: Camera,
  detector: Detector,
): Promise<MonitorOptions> {
  const { labels, calibration, state } = settings;
  const { classNames } = detector.spec;
  const read = labels === null
    ? null
    : await readLabels({ labels, degrade, policy }, camera, classNames);
  for (const note of read?.notes ?? []) await say(note);
  const stateText = state === null ? null : await readTextIfThere(state);
  if (state !== null) await removeLeftovers(state);
  return {
    labels: read?.source ?? null,
    alarmsPerDay: settings.alarmsPerDay,
    fps: observedFps(camera.info.fps, policy),
    calibration: calibration === null
      ? null
      : parseCalibration(await readCalibration(calibration), calibration),
    state: stateText === null ? null : parseMonitorState(stateText, state!),
    ...(settings.warmUpFrames === null ? {} : { warmUpFrames: settings.warmUpFrames }),
    ...(settings.hardExamples === null ? {} : { hardExamples: settings.hardExamples }),
  };
}

async function readCalibration(path: string): Promise<string> {
  const text = await readTextIfThere(path);
  if (text !== null) return text;
  throw new FoveaError("STATE_INVALID", `Cannot read the calibration ${path}: there is none`, {
    hint: "Make one on a clean stream: run with --monitor --calibrate",
  });
}

/** Frames per second that reach the monitor; `null` where nobody knows. */
function observedFps(fps: number | null, policy: string | null): number | null {
  if (fps === null || policy === null) return fps;
  const parsed = parsePolicy(policy);
  return parsed.kind === "every" ? fps / parsed.stride : fps;
}
