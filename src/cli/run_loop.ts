import type { CameraOptions } from "../camera/camera_options.ts";
import { degradeCamera } from "../camera/degrade_camera.ts";
import { openCamera } from "../camera/open_camera.ts";
import type { LevelReport } from "../core/monitor_report.ts";
import type { Camera, Sink } from "../core/ports.ts";
import { systemClock } from "../native/system_clock.ts";
import type { DetectorEvent } from "../pipeline/detector_event.ts";
import { loadDetector } from "../pipeline/load_detector.ts";
import type { Detector } from "../pipeline/loaded_detector.ts";
import { perceive } from "../pipeline/perceive.ts";
import { RunStats } from "../pipeline/run_stats.ts";
import { openSink } from "../sink/open_sink.ts";
import { EngineNews } from "./engine_news.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { Interrupt } from "./interrupt.ts";
import { LivePrinter } from "./live/live_printer.ts";
import { measureModel } from "./measure_model.ts";
import { describeMonitorSummary, type MonitorSummary } from "./monitor_summary.ts";
import { Monitoring } from "./monitoring.ts";
import { ProgressPrinter } from "./progress_printer.ts";
import { openRefining, type Refining } from "./refining.ts";
import { JsonPrinter, LinePrinter, type ResultPrinter } from "./result_printer.ts";
import type { RunSettings } from "./run_settings.ts";
import { tellShippedModel } from "./shipped_model.ts";
import { describeSummary, makeStatsReport, type RunEnd, type StatsReport } from "./stats_report.ts";
import type { Terminal } from "./terminal.ts";
import { unlessAborted } from "./unless_aborted.ts";
import { WholeFile } from "../storage/whole_file.ts";

/** One run while it lasts. */
interface Run {
  readonly settings: RunSettings;
  readonly printer: ResultPrinter;
  /** Aborted by Ctrl-C, by a request to terminate, or when nobody reads the results. */
  readonly signal: AbortSignal;
  readonly stats: RunStats;
  /**
   * When the command started, on the machine's clock in milliseconds; moved on by what was only
   * measuring.
   */
  startedMs: number;
  /** The camera, passwords left out; `null` until it is open. */
  source: string | null;
  /** What the loop took so far, in milliseconds. */
  loopMs: number;
  /** From the start of the command to the first result, in milliseconds. */
  firstResultMs: number | null;
  /** What the monitor says at the end; `null` where none ran. */
  monitored: MonitorSummary | null;
  /** What the monitor wrote. */
  monitorOutputs: readonly string[];
}

/**
 * Does what `fovea run` is for and returns the exit code. However it ends, outputs are finished:
 * video files play and the statistics are written.
 *
 * @throws {FoveaError} Whatever a part throws; nothing is left open then.
 */
export async function runLoop(settings: RunSettings, terminal: Terminal): Promise<number> {
  using interrupt = new Interrupt();
  const run: Run = {
    settings,
    printer: makePrinter(settings, terminal),
    signal: AbortSignal.any([interrupt.signal, terminal.closed]),
    stats: new RunStats(),
    startedMs: systemClock.nowMs(),
    source: null,
    loopMs: 0,
    firstResultMs: null,
    monitored: null,
    monitorOutputs: [],
  };
  await tellShippedModel(settings.model, settings.uri, settings.json, terminal);
  if (!settings.json) {
    for (const note of settings.headNotes) {
      await terminal.writeErr(`${note}\n`);
    }
  }
  await using file = settings.stats === null ? null : await WholeFile.create(settings.stats);
  await using detector = await unlessAborted(run.signal, (signal) => {
    const news = new EngineNews();
    const onEvent = (event: DetectorEvent): void => {
      const text = news.describe(event);
      if (text !== null) void run.printer.note(text);
    };
    return loadDetector(settings.model.path, { ...settings.detector, signal, onEvent });
  });
  // Nothing was begun then, so there is nothing to report either.
  if (detector === null) return interrupt.exitCode ?? EXIT_CODE.ok;
  await run.printer.begin(detector);
  const samples: number[] = [];
  const begunWith = detector.provider;
  if (file !== null) {
    const beforeMs = systemClock.nowMs();
    samples.push(...await measureModel(detector, run.signal));
    run.startedMs += systemClock.nowMs() - beforeMs;
  }
  try {
    await watchCamera(run, detector);
  } catch (error) {
    // The first error is the one to tell; a disk that is full will say so again.
    await file?.commitJson(report(run, detector, samples, "failed")).catch(() => undefined);
    await tellMonitored(run, terminal);
    throw error;
  }
  const ended = endOf(interrupt, terminal);
  // What was measured before another provider took over says nothing about this one.
  if (detector.provider !== begunWith) samples.length = 0;
  if (file !== null && ended === "finished") {
    samples.push(...await measureModel(detector, run.signal));
  }
  await file?.commitJson(report(run, detector, samples, ended));
  await tellEnd(run, terminal);
  const isAlarmed = settings.reportsOnly && (run.monitored?.alarms.length ?? 0) > 0;
  return interrupt.exitCode ?? (isAlarmed ? EXIT_CODE.alarm : EXIT_CODE.ok);
}

async function tellMonitored({ settings, monitored }: Run, terminal: Terminal): Promise<void> {
  if (!settings.reportsOnly || monitored === null) return;
  const text = settings.json
    ? JSON.stringify(monitored, null, 2)
    : describeMonitorSummary(monitored).join("\n");
  await terminal.writeOut(`${text}\n`);
}

async function tellEnd(run: Run, terminal: Terminal): Promise<void> {
  const { settings, printer, stats, loopMs } = run;
  await tellMonitored(run, terminal);
  const outputs = settings.stats === null ? settings.save : [...settings.save, settings.stats];
  await printer.end(describeSummary(stats.summary(loopMs)), [...outputs, ...run.monitorOutputs]);
}

function makePrinter(settings: RunSettings, terminal: Terminal): ResultPrinter {
  const wantedProvider = settings.detector.providers?.[0] ?? "cpu";
  const lines = new LinePrinter(terminal, wantedProvider);
  if (settings.live) return new LivePrinter(lines, terminal, settings, systemClock);
  const inner = settings.json ? new JsonPrinter(terminal) : lines;
  return new ProgressPrinter(inner, terminal, settings, systemClock);
}

function report(
  run: Run,
  detector: Detector,
  modelMsSamples: readonly number[],
  ended: RunEnd,
): StatsReport {
  return makeStatsReport(run.stats.summary(run.loopMs), {
    detector,
    threads: run.settings.detector.threads ?? 1,
    source: run.source,
    modelMsSamples,
    firstResultMs: run.firstResultMs,
    ended,
  });
}

function endOf(interrupt: Interrupt, terminal: Terminal): RunEnd {
  if (interrupt.signal.aborted) return "interrupted";
  return terminal.closed.aborted ? "output closed" : "finished";
}

/** Opens camera and outputs, runs the loop, and closes what it opened. */
async function watchCamera(run: Run, detector: Detector): Promise<void> {
  if (run.signal.aborted) return;
  await using camera = await unlessAborted(run.signal, (signal) => {
    return openSource(run.settings, detector, signal);
  });
  if (camera === null) return;
  run.source = camera.info.uri;
  await using outputs = new AsyncDisposableStack();
  const sinks: Sink[] = [];
  for (const path of run.settings.save) {
    sinks.push(outputs.use(await openSink(path, { fps: camera.info.fps })));
  }
  await using monitoring = await openMonitoring(run, camera, detector);
  await using refining = await openRefining(run.settings, camera, detector, run.printer);
  await run.printer.open(camera);
  const startMs = systemClock.nowMs();
  try {
    await readResults(run, camera, detector, { sinks, monitoring, refining });
  } finally {
    run.loopMs = systemClock.nowMs() - startMs;
    run.printer.close();
  }
}

/** Opens the monitor and its teacher, where one is asked for. */
async function openMonitoring(
  { settings, signal, printer }: Run,
  camera: Camera,
  detector: Detector,
): Promise<Monitoring | null> {
  const { monitor, degrade, policy } = settings;
  if (monitor === null) return null;
  const context = { degrade, policy, say: (text: string) => printer.note(text) };
  return await unlessAborted(signal, (signal) => {
    return Monitoring.open(monitor, context, camera, detector, signal);
  });
}

/** Opens the camera, its pictures made worse where that is asked for. */
async function openSource(
  settings: RunSettings,
  detector: Detector,
  signal: AbortSignal,
): Promise<Camera> {
  const options = cameraOptions(settings, detector, signal);
  const camera = await openCamera(settings.uri, options);
  const { degrade } = settings;
  const { poolFrames } = options;
  return degrade.length === 0 ? camera : degradeCamera(camera, degrade, { poolFrames });
}

/** As many pictures as the loop, its workers and the outputs can hold at once. */
function cameraOptions(
  settings: RunSettings,
  detector: Detector,
  signal: AbortSignal,
): CameraOptions & { readonly poolFrames: number } {
  // A teacher and the monitor's examples hold some too.
  const poolFrames = Math.min(64, 3 * detector.workers + (settings.monitor === null ? 6 : 10));
  return {
    signal,
    poolFrames,
    ...(settings.policy === null ? {} : { policy: settings.policy }),
    ...(settings.cameraBackend === null ? {} : { backend: settings.cameraBackend }),
  };
}

async function readResults(
  run: Run,
  camera: Camera,
  detector: Detector,
  { sinks, monitoring, refining }: {
    readonly sinks: readonly Sink[];
    readonly monitoring: Monitoring | null;
    readonly refining: Refining | null;
  },
): Promise<void> {
  const { settings, signal } = run;
  const results = perceive(camera, detector, {
    signal,
    sinks,
    track: settings.track,
    ...(monitoring === null ? {} : monitoring.forLoop),
    ...(refining === null ? {} : { refine: refining.refiner }),
    ...(settings.maxFrames === null ? {} : { maxFrames: settings.maxFrames }),
    ...(settings.durationMs === null ? {} : { durationMs: settings.durationMs }),
  });
  let level: LevelReport | null = null;
  try {
    for await (const result of results) {
      run.firstResultMs ??= systemClock.nowMs() - run.startedMs;
      run.stats.add(result);
      await monitoring?.run.add(result);
      level = result.monitor?.level ?? level;
      if (!settings.reportsOnly) await untilAborted(run.printer.show(result), signal);
      else run.printer.pass(result);
    }
  } catch (error) {
    // What the monitor saw until then is worth keeping; the first error is the one to tell.
    if (level !== null) await finishMonitor(run, monitoring, level).catch(() => undefined);
    throw error;
  }
  await finishMonitor(run, monitoring, level);
}

async function finishMonitor(
  run: Run,
  monitoring: Monitoring | null,
  level: LevelReport | null,
): Promise<void> {
  if (monitoring === null) return;
  // First, so that alarms are told even where nothing can be written.
  run.monitored = monitoring.run.summary(level);
  await monitoring.run.finish(level);
  run.monitorOutputs = monitoring.run.outputs;
}

/** Waits for `work`, but no longer than until `signal` aborts: a stuck reader stops nobody. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  work.then(resolve, reject);
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
