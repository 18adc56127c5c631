import { FoveaError } from "../core/errors.ts";
import type { Health, MonitorAlarm, MonitorReport } from "../core/monitor_report.ts";
import type { StreamState } from "../core/result.ts";
import { anchorSignal } from "./anchor_facts.ts";
import { nameAlarm } from "./alarm_message.ts";
import type { Calibration, ThresholdRule } from "./calibration.ts";
import { checkSubject, type StoredCalibration } from "./calibration_file.ts";
import { Consensus } from "./consensus.ts";
import { DriftWatch, type WatchStep } from "./drift_watch.ts";
import { REPORT_GAMMA } from "./frame_log.ts";
import type { FrameObservation } from "./frame_observation.ts";
import { reportBlind, reportFrame } from "./frame_report.ts";
import type { HardExample } from "./hard_examples.ts";
import { HealthMachine, type Verdict } from "./health.ts";
import { LossJudge } from "./loss_judge.ts";
import { RunningLook } from "./look_average.ts";
import {
  checkMonitorOptions,
  type MonitorOptions,
  type MonitorSettings,
  type MonitorSource,
} from "./monitor_options.ts";
import { ALARMS_MAX, type LoggedAlarm, type MonitorState } from "./monitor_state.ts";
import { matchObjects, objectLoss } from "./object_loss.ts";
import { readScoreFacts, suspect, type Suspicion } from "./suspicion.ts";
import type { FrameTargets } from "./target_box.ts";
import { WarmUp } from "./warm_up.ts";

/** Focusing of the drift signal S1. */
const SIGNAL_GAMMA = 1.5;
/** Share of the newest frame in the look that suspicions are taken from. */
const LOOK_SHARE = 0.25;
/** Frames between two looks at what may have happened. */
const SUSPECT_EVERY = 10;
/** Frames per second where nobody says. */
const FPS_UNKNOWN = 25;
/**
 * Watches one detector at one camera: how large its loss is by whatever evidence there is, and
 * whether it became other than it was. Frames come in order; there is no clock and no randomness,
 * so the same frames give the same reports.
 *
 * @example Every loss says what it rests on
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type FrameObservation, Monitor } from "@fovea/fovea/monitor";
 *
 * const monitor = new Monitor({
 *   modelSha256: "0".repeat(64),
 *   camera: "v4l2:/dev/video0",
 *   classNames: ["car"],
 *   fps: 25,
 * });
 * const car = { classIndex: 0, score: 0.9, xyxyPx: [100, 100, 160, 140] } as const;
 * const frame: FrameObservation = {
 *   seq: 0,
 *   ptsMs: 0,
 *   epoch: 0,
 *   state: "live",
 *   width: 640,
 *   height: 384,
 *   detections: [car],
 *   anchors: null,
 *   background: null,
 *   image: {
 *     luma: 120,
 *     contrast: 50,
 *     sharpness: 8,
 *     noise: 2,
 *     cb: 0,
 *     cr: 0,
 *     blockSharpness: Array(48).fill(8),
 *     thumbnail: Array(1728).fill(120),
 *   },
 *   teacher: null,
 *   frame: null,
 * };
 * assertEquals(monitor.observe(frame).evidence, "expected");
 * for (let seq = 1; seq < 3; seq++) monitor.observe({ ...frame, seq });
 * assertEquals(monitor.observe({ ...frame, seq: 3 }).evidence, "consensus");
 * assertEquals(monitor.health, "warming");
 * ```
 */
export class Monitor {
  /** What is watched. */
  readonly source: MonitorSource;
  readonly #settings: MonitorSettings;
  readonly #consensus = new Consensus();
  readonly #judge: LossJudge;
  readonly #health = new HealthMachine();
  readonly #look = new RunningLook(LOOK_SHARE);
  readonly #warmUp: WarmUp;
  readonly #rule: ThresholdRule;
  #calibration: Calibration | null = null;
  #watch: DriftWatch | null = null;
  #lastS2 = 0;
  #lastSeq = -1;
  #epoch = 0;
  #lastHealth: Health = "warming";
  /** What was suspected last; looked at anew now and then, and at every alarm. */
  #suspicions: readonly Suspicion[] = [];
  #alarms: LoggedAlarm[] = [];

  /**
   * Begins to watch.
   *
   * @throws {FoveaError} `USAGE` for a bad option, `STATE_FOREIGN` if a calibration belongs to
   * another model or camera.
   */
  constructor(source: MonitorSource, options: MonitorOptions = {}) {
    this.source = source;
    this.#settings = checkMonitorOptions(options);
    const { warmUpFrames, calibration, state, alarmsPerDay, fps } = this.#settings;
    this.#rule = { alarmsPerDay, fps: fps ?? source.fps ?? FPS_UNKNOWN };
    this.#judge = new LossJudge({ ...this.#settings, classNames: source.classNames });
    this.#warmUp = new WarmUp(warmUpFrames);
    if (state !== null) {
      checkSubject(state, source);
      this.#restore(state);
    } else if (calibration !== null) {
      checkSubject(calibration, source);
      this.#begin(calibration.calibration);
    }
  }

  /** How the detector is doing. */
  get health(): Health {
    return this.#lastHealth;
  }

  /** Whether the monitor needs the pixels of a frame for its examples. */
  get needsFrame(): boolean {
    return this.#settings.hardExamples > 0;
  }

  /** The hardest objects so far, hardest first. */
  get hardExamples(): readonly HardExample[] {
    return this.#judge.hardExamples;
  }

  /**
   * What is usual here, for another run: by the whole warm-up, or by the frames so far where it has
   * not ended. `null` before the first frame.
   */
  get calibration(): StoredCalibration | null {
    const { modelSha256, camera } = this.source;
    const calibration = this.#calibration ?? this.#warmUp.calibrate(this.#rule);
    return calibration === null ? null : { modelSha256, camera, calibration };
  }

  /** The last hundred alarms, oldest first. */
  get alarms(): readonly LoggedAlarm[] {
    return this.#alarms;
  }

  /** All that must be kept over a restart; `null` while warming up. */
  get state(): MonitorState | null {
    if (this.#calibration === null || this.#watch === null) return null;
    const { modelSha256, camera } = this.source;
    return {
      modelSha256,
      camera,
      calibration: this.#calibration,
      watch: this.#watch.toJSON(),
      health: this.#health.toJSON(),
      frames: this.#judge.toJSON(),
      alarms: [...this.#alarms],
    };
  }

  /** Takes a change of the stream's state without a picture. */
  observeState(state: StreamState): MonitorReport {
    const verdict = this.#verdict(state, null);
    this.#tellHealth(verdict);
    return reportBlind(this.#judge.level(this.#calibration), verdict);
  }

  /**
   * Takes the next picture.
   *
   * @throws {FoveaError} `USAGE` if its `seq` is not above the last one: results come in order.
   */
  observe(observation: FrameObservation): MonitorReport {
    const { seq, epoch, state } = observation;
    if (seq <= this.#lastSeq && epoch === this.#epoch) {
      throw new FoveaError(
        "USAGE",
        `Cannot monitor frame ${seq} after frame ${this.#lastSeq}: results come in order`,
      );
    }
    this.#lastSeq = seq;
    if (epoch !== this.#epoch) this.#consensus.reset();
    this.#epoch = epoch;
    if (state !== "live") return this.observeState(state);
    return this.#judgeFrame(observation);
  }

  /** Takes what a teacher says about a frame of the past; returns whether it was still known. */
  teach(seq: number, targets: FrameTargets): boolean {
    return this.#judge.judgeLate(seq, "teacher", targets);
  }

  /**
   * Takes the labels of a frame, of the last 300 at most: an operator's answer may come late.
   *
   * @returns Whether the frame was still known; labels for other frames change nothing.
   */
  label(seq: number, targets: FrameTargets): boolean {
    return this.#judge.judgeLate(seq, "measured", targets);
  }

  #judgeFrame(observation: FrameObservation): MonitorReport {
    const { seq, detections, width, height, anchors, background, image } = observation;
    this.#consensus.observe(detections, width, height);
    const own = matchObjects(detections, this.#consensus.targets());
    const s1 = objectLoss(own, SIGNAL_GAMMA).value;
    const s2 = anchors === null ? this.#lastS2 : anchorSignal(anchors);
    this.#lastS2 = s2;
    const judged = this.#judge.judge(observation, own);
    const scores = readScoreFacts(detections);
    this.#look.add(image, scores);
    const step = this.#watch?.observe(seq, { s1, s2, background }) ?? null;
    if (step === null) {
      const focalLoss = objectLoss(own, REPORT_GAMMA).value;
      this.#warmUp.add({ s1, s2, background, targets: own.targets, focalLoss, image, scores });
    }
    const verdict = this.#verdict("live", step);
    this.#tellHealth(verdict);
    if (this.#look.count % SUSPECT_EVERY === 0 || step?.alarm != null) this.#suspect();
    const alarm = step?.alarm == null ? null : nameAlarm(step.alarm, this.#suspicions);
    if (alarm !== null) this.#tellAlarm(seq, alarm);
    if (step === null && this.#warmUp.isDone) this.#endWarmUp(seq);
    return reportFrame({
      judged,
      anchors,
      classNames: this.source.classNames,
      s1,
      s2,
      drift: step?.drift ?? null,
      level: this.#judge.level(this.#calibration),
      verdict,
      suspicion: this.#suspicions[0]?.name ?? null,
      alarm,
    });
  }

  #suspect(): void {
    const now = this.#look.look;
    if (this.#calibration === null || now === null) return;
    this.#suspicions = suspect(this.#calibration.look, now);
  }

  #verdict(state: StreamState, step: WatchStep | null): Verdict {
    return this.#health.observe({
      state,
      isCalibrated: this.#calibration !== null,
      isCrossing: step?.isCrossing ?? false,
      statisticShare: step?.statisticShare ?? 0,
      isMeasuredBad: this.#judge.isMeasuredBad(this.#calibration),
    });
  }

  #tellHealth({ health, why }: Verdict): void {
    const from = this.#lastHealth;
    this.#lastHealth = health;
    if (from === health) return;
    this.#settings.onEvent({ kind: "health", seq: this.#lastSeq, from, to: health, why });
  }

  #tellAlarm(seq: number, alarm: MonitorAlarm): void {
    this.#alarms.push({ seq, alarm });
    if (this.#alarms.length > ALARMS_MAX) this.#alarms.shift();
    this.#settings.onEvent({ kind: "alarm", seq, alarm });
  }

  #restore(state: MonitorState): void {
    this.#begin(state.calibration);
    this.#watch!.restore(state.watch);
    this.#health.restore(state.health);
    this.#lastHealth = state.health.verdict;
    this.#judge.restore(state.frames);
    this.#alarms = [...state.alarms];
  }

  #endWarmUp(seq: number): void {
    const calibration = this.#warmUp.calibrate(this.#rule)!;
    this.#begin(calibration);
    this.#settings.onEvent({
      kind: "calibrated",
      seq,
      frames: calibration.frames,
      s1Threshold: calibration.s1.threshold,
      s2Threshold: calibration.s2.threshold,
    });
  }

  #begin(calibration: Calibration): void {
    this.#calibration = calibration;
    this.#watch = new DriftWatch(calibration);
  }
}
