import type { Camera } from "../core/ports.ts";
import type { TeacherChoice } from "../pipeline/choose_monitor.ts";
import { loadDetector } from "../pipeline/load_detector.ts";
import type { Detector } from "../pipeline/loaded_detector.ts";
import type { Monitor } from "../monitor/monitor.ts";
import { type MonitorContext, MonitorRun } from "./monitor_run.ts";
import type { MonitorSettings } from "./monitor_settings.ts";

/** A monitor on the command line, with its teacher. */
export class Monitoring implements AsyncDisposable {
  /** The monitor with its files. */
  readonly run: MonitorRun;
  /** What the loop is to be told. */
  readonly forLoop: { readonly monitor: Monitor; readonly teacher?: TeacherChoice };
  readonly #parts: AsyncDisposableStack;

  private constructor(
    run: MonitorRun,
    teacher: TeacherChoice | null,
    parts: AsyncDisposableStack,
  ) {
    this.run = run;
    this.forLoop = { monitor: run.monitor, ...(teacher === null ? {} : { teacher }) };
    this.#parts = parts;
  }

  /**
   * Opens the monitor's files and loads its teacher.
   *
   * @param signal Ends the loading of the teacher.
   * @throws {FoveaError} Whatever a part throws; nothing is left open then.
   */
  static async open(
    settings: MonitorSettings,
    context: MonitorContext,
    camera: Camera,
    detector: Detector,
    signal: AbortSignal,
  ): Promise<Monitoring> {
    await using parts = new AsyncDisposableStack();
    const run = parts.use(await MonitorRun.open(settings, context, camera, detector));
    const teacher = settings.teacher === null
      ? null
      : parts.use(await loadDetector(settings.teacher, { signal }));
    const choice = teacher === null ? null : {
      detector: teacher,
      every: settings.teacherEvery,
      onError: ({ message }: Error) => void context.say(`the teacher failed: ${message}`),
    };
    return new Monitoring(run, choice, parts.move());
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }
}
