import * as v from "valibot";
import type { DetectorFamily } from "../core/detector_spec.ts";
import { FoveaError } from "../core/errors.ts";
import {
  checkStatement,
  type FamilyOptions,
  familySchema,
  inputEntries,
  type InputStatement,
  namesSchema,
  objectOf,
  optionsSchema,
} from "./overrides.ts";

/**
 * What a manifest beside a model states. Every key is optional; unknown keys are refused.
 */
export interface Manifest {
  /** Name of the model. */
  readonly name?: string;
  /** Version of the model. */
  readonly version?: string;
  /** What the model is, in words. */
  readonly description?: string;
  /** Where the model comes from, usually a URL. */
  readonly source?: string;
  /** Terms under which the model may be used. */
  readonly licence?: string;
  /** SHA-256 of the model file, hexadecimal; a file with another one is refused. */
  readonly sha256?: string;
  /** Output layout. */
  readonly family?: DetectorFamily;
  /** The picture input. */
  readonly input?: InputStatement;
  /** Class names in the model's order. */
  readonly classes?: readonly string[];
  /** Facts of the family. */
  readonly options?: FamilyOptions;
  /**
   * Lowest score that is worth reporting, 0–1: where the model's makers found right and wrong
   * detections to part best. Taken unless a program or a flag says another one.
   */
  readonly confidence?: number;
}

/** Longest manifest in characters. */
const LENGTH_MAX = 4_000_000;

const text = v.exactOptional(v.string());

const manifestSchema = objectOf({
  name: text,
  version: text,
  description: text,
  source: text,
  licence: text,
  sha256: v.exactOptional(
    v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/i, "Expected 64 hexadecimal digits")),
  ),
  family: v.exactOptional(familySchema),
  input: v.exactOptional(objectOf(inputEntries)),
  classes: v.exactOptional(namesSchema),
  options: v.exactOptional(optionsSchema),
  confidence: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});

/**
 * Reads a manifest: JSON with the keys of {@linkcode Manifest}; `license` is understood as
 * `licence`.
 *
 * @param text The file's text.
 * @param path Its path, for messages.
 * @throws {FoveaError} `MANIFEST_INVALID` naming the key that is unknown or has a bad value.
 */
export function parseManifest(text: string, path = "manifest.json"): Manifest {
  const what = `Cannot read manifest ${path}`;
  if (text.length > LENGTH_MAX) {
    throw new FoveaError("MANIFEST_INVALID", `${what}: ${text.length} characters are too many`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("MANIFEST_INVALID", `${what}: it is not JSON: ${reason}`, { cause });
  }
  return checkStatement(manifestSchema, withLicence(value), "MANIFEST_INVALID", what);
}

function withLicence(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (!("license" in value) || "licence" in value) return value;
  const { license, ...rest } = value;
  return { ...rest, licence: license };
}
