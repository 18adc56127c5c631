import * as v from "valibot";
import type { DetectorFamily } from "../core/detector_spec.ts";
import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import type { LetterboxRule } from "../core/input_spec.ts";

/** Families by name, as flags and manifests write them. */
export const FAMILIES: readonly DetectorFamily[] = [
  "yolo-end2end",
  "yolo-v8",
  "yolo-v5",
  "yolox",
  "detr",
  "nanodet",
];

/** One number for all channels, or one per channel in the order of `channels`. */
export type PerChannel = number | readonly [number, number, number];

/**
 * How pixels of 0–255 become the network's numbers: as they are (`0-255`), divided by 255 (`0-1`),
 * then normalised with ImageNet's mean and deviation (`imagenet`), or `pixel * scale + bias`.
 */
export type Scaling =
  | "0-255"
  | "0-1"
  | "imagenet"
  | { readonly scale: PerChannel; readonly bias: PerChannel };

/** What may be stated about the picture input; everything else is found out. */
export interface InputStatement {
  /** Width of the input in pixels. */
  readonly width?: number;
  /** Height of the input in pixels. */
  readonly height?: number;
  /** Order of the channels. */
  readonly channels?: "rgb" | "bgr";
  /** How pixels become numbers. */
  readonly scaling?: Scaling;
  /** How pictures are fitted in. */
  readonly letterbox?: Partial<LetterboxRule>;
}

/** Facts of a family that may be stated where they cannot be found out. */
export interface FamilyOptions {
  /** Cell sizes of the levels in pixels (`yolox`, `nanodet`). */
  readonly strides?: readonly number[];
  /** Largest distance in cells (`nanodet`). */
  readonly regMax?: number;
  /** Where in a cell its centre lies, 0 or 0.5 (`nanodet`). */
  readonly centreOffset?: number;
  /**
   * What boxes are in: network pixels, still relative to the grid (`yolox`), or shares of the
   * network input (`detr`).
   */
  readonly boxes?: "grid" | "pixels" | "relative";
  /** Whether scores are probabilities or logits (`yolo-v8`). */
  readonly scores?: "probability" | "logit";
  /** What turns logits into probabilities (`detr`). */
  readonly activation?: "sigmoid" | "softmax" | "none";
}

/** Corrections of what fovea finds out about a model, the strongest source there is. */
export interface SpecOverrides extends InputStatement {
  /** Output layout. */
  readonly family?: DetectorFamily;
  /** Class names in the model's order. */
  readonly classNames?: readonly string[];
  /** Facts of the family. */
  readonly options?: FamilyOptions;
}

const SIDE_MAX = 32_768;

/** Schema of an object with these keys and no others; an array is none. */
export function objectOf<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(
    v.custom<object>(
      (value) => typeof value === "object" && !Array.isArray(value),
      "Expected an object",
    ),
    v.strictObject(entries),
  );
}

const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(SIDE_MAX));
const finite = v.pipe(v.number(), v.finite());
const perChannel = v.union([finite, v.tuple([finite, finite, finite])]);

/** Schema of {@linkcode Scaling}. */
const scaling = v.union(
  [
    v.picklist(["0-255", "0-1", "imagenet"]),
    objectOf({ scale: perChannel, bias: perChannel }),
  ],
  'Expected "0-255", "0-1", "imagenet" or {"scale": …, "bias": …}',
);

/** Entries of {@linkcode InputStatement}, for schemas. */
export const inputEntries = {
  width: v.exactOptional(side),
  height: v.exactOptional(side),
  channels: v.exactOptional(v.picklist(["rgb", "bgr"])),
  scaling: v.exactOptional(scaling),
  letterbox: v.exactOptional(objectOf({
    mode: v.exactOptional(v.picklist(["letterbox", "stretch"])),
    anchor: v.exactOptional(v.picklist(["center", "topleft"])),
    padValue: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(255))),
    rounding: v.exactOptional(v.picklist(["nearest", "down"])),
  })),
};

/** Schema of a family's name. */
export const familySchema = v.picklist(FAMILIES);

/** Schema of class names: at least one, none empty. */
export const namesSchema = v.pipe(
  v.array(v.pipe(v.string(), v.nonEmpty())),
  v.minLength(1),
  v.maxLength(65_536),
);

/** Schema of {@linkcode FamilyOptions}. */
export const optionsSchema = objectOf({
  strides: v.exactOptional(v.pipe(v.array(side), v.minLength(1), v.maxLength(8))),
  regMax: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64))),
  centreOffset: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  boxes: v.exactOptional(v.picklist(["grid", "pixels", "relative"])),
  scores: v.exactOptional(v.picklist(["probability", "logit"])),
  activation: v.exactOptional(v.picklist(["sigmoid", "softmax", "none"])),
});

const overridesSchema = objectOf({
  ...inputEntries,
  family: v.exactOptional(familySchema),
  classNames: v.exactOptional(namesSchema),
  options: v.exactOptional(optionsSchema),
});

/**
 * Checks overrides that a program or a command line gave.
 *
 * @throws {FoveaError} `USAGE` naming the key and what is allowed.
 */
export function checkOverrides(overrides: unknown): SpecOverrides {
  return checkStatement(overridesSchema, overrides, "USAGE", "Cannot use the detector overrides");
}

/** Checks `value` against a schema, or throws `code` naming the first key that does not fit. */
export function checkStatement<Output>(
  schema: v.GenericSchema<unknown, Output>,
  value: unknown,
  code: FoveaErrorCode,
  what: string,
): Output {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue);
  const unknown = issue.type === "strict_object" && issue.expected === "never";
  throw new FoveaError(
    code,
    unknown
      ? `${what}: key "${path}" is unknown`
      : `${what}: ${path === null ? "" : `${path}: `}${issue.message}`,
    unknown ? { hint: "Check the spelling of the key" } : {},
  );
}
