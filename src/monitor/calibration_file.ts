import * as v from "valibot";
import { FoveaError } from "../core/errors.ts";
import { BACKGROUND_ROWS_MAX } from "./background_scores.ts";
import type { Calibration } from "./calibration.ts";
import { readKeptJson } from "./kept_json.ts";

/** What a calibration belongs to: one model at one camera. */
export interface MonitorSubject {
  /** SHA-256 of the model's file, lower-case hexadecimal. */
  readonly modelSha256: string;
  /** The camera's URI without passwords. */
  readonly camera: string;
}

/** A calibration with what it belongs to; plain data. */
export interface StoredCalibration extends MonitorSubject {
  /** What is usual. */
  readonly calibration: Calibration;
}

const FORMAT = "fovea-calibration";
const VERSION = 1;
/** A calibration is a few kilobytes; more is not one. */
const CHARS_MAX = 1_000_000;

const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.minValue(0));
const signal = v.strictObject({
  reference: v.strictObject({
    count: v.pipe(finite, v.integer(), v.minValue(2)),
    mean: finite,
    squares: positive,
  }),
  slack: positive,
  threshold: v.pipe(finite, v.gtValue(0)),
});
const backgroundRow = v.pipe(v.array(finite), v.minLength(1), v.maxLength(BACKGROUND_ROWS_MAX));
/** What a kept file says about whom it belongs to. */
export const subjectEntries = {
  modelSha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  camera: v.string(),
};

/** A {@linkcode Calibration} in a file. */
export const calibrationSchema = v.strictObject({
  frames: v.pipe(finite, v.integer(), v.minValue(1)),
  alarmsPerDay: v.nullable(positive),
  s1: signal,
  s2: signal,
  background: v.nullable(
    v.pipe(
      v.strictObject({ low: backgroundRow, high: backgroundRow }),
      v.check(({ low, high }) => low.length === high.length, "Expected as many lows as highs"),
    ),
  ),
  targetsPerFrame: positive,
  focalLoss: positive,
  look: v.strictObject({
    luma: finite,
    contrast: positive,
    sharpness: positive,
    noise: positive,
    cb: finite,
    cr: finite,
    blockSharpness: v.pipe(v.array(positive), v.length(48)),
    thumbnail: v.pipe(v.array(finite), v.length(1728)),
    meanScore: positive,
    classRates: v.record(v.string(), positive),
  }),
});

const schema = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  ...subjectEntries,
  calibration: calibrationSchema,
});

/** Writes a calibration as JSON text. */
export function formatCalibration(stored: StoredCalibration): string {
  const { modelSha256, camera, calibration } = stored;
  return `${
    JSON.stringify({ format: FORMAT, version: VERSION, modelSha256, camera, calibration })
  }\n`;
}

/**
 * Reads what {@linkcode formatCalibration} wrote.
 *
 * @param from Where the text comes from, for messages.
 * @throws {FoveaError} `STATE_INVALID` if the text is cut, changed or something else.
 *
 * @example A file that was cut
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { parseCalibration } from "@fovea/fovea/monitor";
 *
 * assertThrows(() => parseCalibration('{"format":"fovea-cal', "cal.json"), Error, "not whole JSON");
 * ```
 */
export function parseCalibration(text: string, from: string): StoredCalibration {
  const kept = readKeptJson(
    text,
    schema,
    CHARS_MAX,
    (reason, cause) => refuse(from, reason, cause),
  );
  const { modelSha256, camera, calibration } = kept;
  return { modelSha256, camera, calibration };
}

/**
 * Refuses a calibration of another model or camera.
 *
 * @throws {FoveaError} `STATE_FOREIGN`.
 */
export function checkSubject(stored: MonitorSubject, subject: MonitorSubject): void {
  const hint = "Calibrate this model at this camera: run with --monitor --calibrate";
  if (stored.modelSha256 !== subject.modelSha256) {
    const message = `Cannot use the calibration: it belongs to model ${
      stored.modelSha256.slice(0, 12)
    }…, this is ${subject.modelSha256.slice(0, 12)}…`;
    throw new FoveaError("STATE_FOREIGN", message, { hint });
  }
  if (stored.camera !== subject.camera) {
    throw new FoveaError(
      "STATE_FOREIGN",
      `Cannot use the calibration: it belongs to ${stored.camera}, this is ${subject.camera}`,
      { hint },
    );
  }
}

function refuse(from: string, reason: string, cause?: unknown): FoveaError {
  return new FoveaError("STATE_INVALID", `Cannot read the calibration ${from}: ${reason}`, {
    cause,
    hint: "Calibrate anew: run with --monitor --calibrate",
  });
}
