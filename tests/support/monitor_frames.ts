// Frames as a monitor sees them, made up: cars that drive along, and what goes wrong with them.
import type { AnchorFacts } from "../../src/monitor/anchor_facts.ts";
import type { FrameObservation } from "../../src/monitor/frame_observation.ts";
import type { ImageFacts } from "../../src/monitor/image_look.ts";
import type { MonitorSource } from "../../src/monitor/monitor_options.ts";
import type { ScoredBox } from "../../src/monitor/target_box.ts";

const [WIDTH, HEIGHT] = [640, 360];
/** A car comes every so many frames, and goes on by so many pixels a frame. */
const CAR_EVERY_FRAMES = 150;
const CAR_SPEED = 6;
/** Length of a car in pixels; less than a third of it is not seen. */
const CAR_LENGTH = 60;

/** What is watched. */
export const STREET: MonitorSource = {
  modelSha256: "a".repeat(64),
  camera: "v4l2:/dev/video0",
  classNames: ["car", "person"],
  fps: 25,
};

/** What every picture looks like. */
export const CALM_LOOK: ImageFacts = {
  luma: 120,
  contrast: 40,
  sharpness: 10,
  noise: 2,
  cb: 0,
  cr: 0,
  blockSharpness: Array(48).fill(10),
  thumbnail: Array.from({ length: 1728 }, (_, i) => 100 + i * 7919 % 50),
};

/** A wobble that is the same every time, 0 to 1. */
export function wobble(seq: number): number {
  return (Math.imul(seq + 1, 2654435761) >>> 16 & 255) / 255;
}

/** The car that drives along, if one is there: it comes in on the left and leaves on the right. */
export function carsAt(seq: number, score = 0.8 + 0.1 * wobble(seq)): ScoredBox[] {
  const x = CAR_SPEED * (seq % CAR_EVERY_FRAMES) - CAR_LENGTH;
  const [left, right] = [Math.max(0, x), Math.min(WIDTH, x + CAR_LENGTH)];
  if (right - left < CAR_LENGTH / 3) return [];
  return [{ classIndex: 0, score, xyxyPx: [left, 100, right, 140] }];
}

/** The car in a frame that has one whole. */
export function carAt(seq: number, score?: number): ScoredBox {
  const [car] = carsAt(seq, score);
  if (car === undefined) throw new Error(`no car is in frame ${seq}`);
  return car;
}

/** The loss of all anchors. */
export function anchorsOf(crossEntropy: number): AnchorFacts {
  return {
    positives: 5,
    crossEntropy,
    easyCrossEntropy: 0.6 * crossEntropy,
    focalLoss: 0.1 * crossEntropy,
    easyFocalLoss: 0.01 * crossEntropy,
    nonFinite: 0,
  };
}

/** A frame in which all is well, except for what is chosen. */
export function frameAt(seq: number, choice: Partial<FrameObservation> = {}): FrameObservation {
  return {
    seq,
    ptsMs: 40 * seq,
    epoch: 0,
    state: "live",
    width: WIDTH,
    height: HEIGHT,
    detections: carsAt(seq),
    anchors: anchorsOf(3 + wobble(seq)),
    background: null,
    image: CALM_LOOK,
    teacher: null,
    frame: null,
    ...choice,
  };
}

/** A frame after a drift: weak scores, undecided anchors. */
export function driftedAt(seq: number, choice: Partial<FrameObservation> = {}): FrameObservation {
  return frameAt(seq, {
    detections: carsAt(seq, 0.2 + 0.1 * wobble(seq)),
    anchors: anchorsOf(9 + wobble(seq)),
    ...choice,
  });
}
