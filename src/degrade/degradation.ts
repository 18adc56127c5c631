import { FoveaError } from "../core/errors.ts";

/**
 * What can be done to a picture.
 *
 * | kind | what it looks like |
 * |---|---|
 * | `dark` | night: a steep tone curve, less light, sensor noise |
 * | `fog` | everything fades to light gray |
 * | `noise` | sensor noise |
 * | `blur` | motion blur along a slanted line |
 * | `cast` | blue and less light, as at dusk |
 * | `dirt` | soft brown patches on the lens, always in the same places |
 * | `geom` | the camera was turned about its axis and zoomed |
 * | `jpeg` | a smaller picture, coded badly and scaled up again |
 */
export type DegradationKind =
  | "dark"
  | "fog"
  | "noise"
  | "blur"
  | "cast"
  | "dirt"
  | "geom"
  | "jpeg";

/** All kinds, in the order of their documentation. */
export const DEGRADATION_KINDS: readonly DegradationKind[] = [
  "dark",
  "fog",
  "noise",
  "blur",
  "cast",
  "dirt",
  "geom",
  "jpeg",
];

/** How bad it is: 1 is mild, 4 leaves little to see. */
export type DegradationSeverity = 1 | 2 | 3 | 4;

/** All severities, the mildest first. */
export const DEGRADATION_SEVERITIES: readonly DegradationSeverity[] = [1, 2, 3, 4];

/** Last frame at which a degradation may begin. */
export const FROM_FRAME_MAX = 1_000_000_000;

/** One way in which pictures get worse, and since when. */
export interface Degradation {
  /** What is done to the pictures. */
  readonly kind: DegradationKind;
  /** How bad it is. */
  readonly severity: DegradationSeverity;
  /** The first frame it acts on, counted from 0 in what is delivered; 0 by default. */
  readonly fromFrame?: number;
}

const FORM = "Use KIND:SEVERITY or KIND:SEVERITY@FRAME, for example fog:3@150";

/**
 * Reads one degradation: `fog:3`, or `fog:3@150` for one that begins at delivered frame 150.
 *
 * @throws {FoveaError} `USAGE` if the form, the kind, the severity or the frame is not known.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDegradation } from "@fovea/fovea/degrade";
 *
 * assertEquals(parseDegradation("fog:3@150"), { kind: "fog", severity: 3, fromFrame: 150 });
 * assertEquals(parseDegradation("blur:1"), { kind: "blur", severity: 1, fromFrame: 0 });
 * ```
 */
export function parseDegradation(text: string): Degradation {
  const [, kind, severity, frame = "0"] = /^([^:@]*):([^:@]*)(?:@([^:@]*))?$/.exec(text.trim()) ??
    [];
  if (kind === undefined || severity === undefined) {
    throw new FoveaError("USAGE", `Cannot degrade as ${JSON.stringify(text)}: no KIND:SEVERITY`, {
      hint: FORM,
    });
  }
  return checkDegradation({
    kind: kind as DegradationKind,
    severity: readWhole(severity) as DegradationSeverity,
    fromFrame: readWhole(frame),
  }, text);
}

/**
 * Reads degradations separated by commas; they act on a picture in the order given.
 *
 * @throws {FoveaError} `USAGE` as {@linkcode parseDegradation} does, also for an empty item.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDegradations } from "@fovea/fovea/degrade";
 *
 * const kinds = parseDegradations("fog:2, dirt:1@30").map(({ kind }) => kind);
 * assertEquals(kinds, ["fog", "dirt"]);
 * ```
 */
export function parseDegradations(text: string): Degradation[] {
  return text.split(",").map(parseDegradation);
}

/**
 * Writes a degradation as {@linkcode parseDegradation} reads it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatDegradation } from "@fovea/fovea/degrade";
 *
 * assertEquals(formatDegradation({ kind: "fog", severity: 3, fromFrame: 150 }), "fog:3@150");
 * assertEquals(formatDegradation({ kind: "fog", severity: 3 }), "fog:3");
 * ```
 */
export function formatDegradation({ kind, severity, fromFrame = 0 }: Degradation): string {
  return `${kind}:${severity}${fromFrame === 0 ? "" : `@${fromFrame}`}`;
}

/**
 * Returns a degradation as it is if it can be applied.
 *
 * @param text How it was written, for the message.
 * @throws {FoveaError} `USAGE` if its kind, its severity or its frame is not known.
 */
export function checkDegradation(
  degradation: Degradation,
  text: string = formatDegradation(degradation),
): Degradation {
  const { kind, severity, fromFrame = 0 } = degradation;
  function refuse(found: string, hint: string): FoveaError {
    return new FoveaError("USAGE", `Cannot degrade as ${JSON.stringify(text)}: ${found}`, { hint });
  }
  if (!DEGRADATION_KINDS.includes(kind)) {
    throw refuse("unknown kind", `Use one of ${DEGRADATION_KINDS.join(", ")}`);
  }
  if (!DEGRADATION_SEVERITIES.includes(severity)) {
    throw refuse("unknown severity", "Use a severity from 1 (mild) to 4");
  }
  if (!Number.isInteger(fromFrame) || fromFrame < 0 || fromFrame > FROM_FRAME_MAX) {
    throw refuse(
      "no frame to begin at",
      `Use a whole number from 0 to ${FROM_FRAME_MAX} after the @`,
    );
  }
  return degradation;
}

/** A whole number in plain digits, or `NaN`. */
function readWhole(text: string): number {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text) : NaN;
}
