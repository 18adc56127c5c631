import { FoveaError } from "../core/errors.ts";

/** Settings of a {@linkcode ByteTracker}. Unknown keys are refused. */
export interface TrackerOptions {
  /** Detections from this score on, 0–1, are matched first and with all tracks; 0.5 by default. */
  readonly highScore?: number;
  /**
   * Detections below this score, 0–1, are not used; 0.1 by default, or the least of the two other
   * scores where that is lower.
   */
  readonly lowScore?: number;
  /**
   * Lowest score that begins a track, 0–1; 0.25 by default. In the loop it is the lowest reported
   * score where that is higher, so that everything that is reported for long gets an id.
   */
  readonly newTrackScore?: number;
  /** Pictures in a row that an object must be found in before it gets an id, 1–100; 2 by default. */
  readonly confirmHits?: number;
  /**
   * A track is given up when it was not found for longer than this, in milliseconds of the stream,
   * 0–3600000, **and** in more than {@linkcode TrackerOptions.bufferFrames} pictures; 1000 by
   * default.
   */
  readonly bufferMs?: number;
  /** Pictures that a track may be missing from, 0–10000; 10 by default. */
  readonly bufferFrames?: number;
  /** What a detection of another class than the track's counts; `prefer` by default. */
  readonly classes?: ClassRule;
}

/**
 * How classes bear on which detection continues a track: `prefer` takes the same class where there
 * is a choice, `require` never takes another one and follows every class for itself, `ignore` looks
 * at boxes only.
 */
export type ClassRule = "prefer" | "require" | "ignore";

/** {@linkcode TrackerOptions} with every default filled in. */
export type CheckedTrackerOptions = Required<TrackerOptions>;

const DEFAULTS = {
  highScore: 0.5,
  lowScore: 0.1,
  newTrackScore: 0.25,
  confirmHits: 2,
  bufferMs: 1000,
  bufferFrames: 10,
  classes: "prefer",
} as const;

const CLASS_RULES: readonly string[] = ["prefer", "require", "ignore"];
const KEYS: readonly string[] = Object.keys(DEFAULTS);

/**
 * Checks tracker options and fills in the defaults.
 *
 * @throws {FoveaError} `USAGE` naming the option and what is allowed.
 */
export function checkTrackerOptions(options: TrackerOptions): CheckedTrackerOptions {
  const unknown = Object.keys(options).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new FoveaError("USAGE", `Cannot use tracker option "${unknown}": it is unknown`, {
      hint: `Use one of ${KEYS.join(", ")}`,
    });
  }
  const { highScore, newTrackScore, confirmHits, bufferMs, bufferFrames } = {
    ...DEFAULTS,
    ...options,
  };
  checkNumber("highScore", highScore, 0, 1);
  checkNumber("newTrackScore", newTrackScore, 0, 1);
  const lowScoreMax = Math.min(highScore, newTrackScore);
  const lowScore = options.lowScore ?? Math.min(DEFAULTS.lowScore, lowScoreMax);
  const classes = options.classes ?? DEFAULTS.classes;
  if (!CLASS_RULES.includes(classes)) {
    throw new FoveaError("USAGE", `Cannot track with classes "${classes}": it is unknown`, {
      hint: `Use one of ${CLASS_RULES.join(", ")}`,
    });
  }
  return {
    highScore,
    newTrackScore,
    lowScore: checkNumber("lowScore", lowScore, 0, lowScoreMax),
    confirmHits: checkWhole("confirmHits", confirmHits, 1, 100),
    bufferMs: checkNumber("bufferMs", bufferMs, 0, 3_600_000),
    bufferFrames: checkWhole("bufferFrames", bufferFrames, 0, 10_000),
    classes,
  };
}

function checkNumber(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new FoveaError(
    "USAGE",
    `Cannot track with ${name} ${value}: a number from ${min} to ${max} is needed`,
  );
}

function checkWhole(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new FoveaError(
    "USAGE",
    `Cannot track with ${name} ${value}: a whole number from ${min} to ${max} is needed`,
  );
}
