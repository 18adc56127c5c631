import { FoveaError } from "../core/errors.ts";

/** Largest width or height that can be asked for, in pixels. */
const SIDE_MAX = 16_384;
/** Most frames per second that can be asked for. */
const FPS_MAX = 1000;
/** A world's URI in which nothing but its own settings stands. */
const WORLD_QUERY =
  /^synthetic:\w*\?(weather|class|seed|size|fps|frames|density)=[\w.,:@]*(&(weather|class|seed|size|fps|frames|density)=[\w.,:@]*)*$/i;

/**
 * Replaces whatever may be a password in text that should have been a URI by `***`: all from the
 * first colon after the scheme to the last `@`. It hides too much rather than too little.
 */
export function redact(text: string): string {
  const start = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0].length ?? 0;
  const colon = text.indexOf(":", start);
  const at = text.lastIndexOf("@");
  const hidden = colon < 0 || at < colon ? text : `${text.slice(0, colon + 1)}***${text.slice(at)}`;
  return redactQuery(hidden);
}

function redactQuery(text: string): string {
  return text.replace(
    /([?&][^=&#]*(?:pass|pwd|token|secret|key|auth|sig)[^=&#]*=)[^&#]*/gi,
    "$1***",
  );
}

/** What may be shown of a URI. */
export function labelOf(text: string): string {
  // An at sign in a world's query stands before a frame and not after a password.
  return WORLD_QUERY.test(text) ? text : redact(text);
}

/** The error for a URI that cannot be used; no password shows in it. */
export function refuseUri(text: string, reason: string, hint?: string): FoveaError {
  return new FoveaError(
    "CAMERA_URI",
    `Cannot use the camera URI ${JSON.stringify(labelOf(text))}: ${redact(reason)}`,
    hint === undefined ? {} : { hint },
  );
}

/**
 * Cuts a URI of one of our own schemes into path and query: everything after the last `?`.
 *
 * @throws {FoveaError} `CAMERA_URI` if a key is not among `keys` or stands twice.
 */
export function splitQuery(
  text: string,
  prefix: string,
  keys: readonly string[],
): { path: string; query: Map<string, string> } {
  const rest = text.slice(prefix.length);
  const at = rest.lastIndexOf("?");
  const query = new Map<string, string>();
  if (at < 0) return { path: rest, query };
  for (const pair of rest.slice(at + 1).split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const key = equals < 0 ? pair : pair.slice(0, equals);
    if (!keys.includes(key)) {
      throw refuseUri(text, `the key ${key} is unknown`, `Use ${keys.join(", ")}`);
    }
    if (query.has(key)) throw refuseUri(text, `the key ${key} is given twice`);
    query.set(key, equals < 0 ? "" : pair.slice(equals + 1));
  }
  return { path: rest.slice(0, at), query };
}

/** Reads `WIDTHxHEIGHT`. @throws {FoveaError} `CAMERA_URI` if it is something else. */
export function parseSize(text: string, size: string): { width: number; height: number } {
  const match = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(size);
  const width = Number(match?.[1]);
  const height = Number(match?.[2]);
  if (!(width <= SIDE_MAX && height <= SIDE_MAX)) {
    throw refuseUri(
      text,
      `the size ${size} cannot be used`,
      "Write WIDTHxHEIGHT in pixels, like size=1280x720",
    );
  }
  return { width, height };
}

/** Reads the key `fps`; `null` where it is not given. @throws {FoveaError} `CAMERA_URI`. */
export function parseFps(text: string, query: ReadonlyMap<string, string>): number | null {
  const value = query.get("fps");
  if (value === undefined) return null;
  const fps = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!(fps > 0 && fps <= FPS_MAX)) {
    throw refuseUri(text, `fps=${value} is not a number above 0 and up to ${FPS_MAX}`);
  }
  return fps;
}

/** Reads a whole number in a range; `null` where the key is not given. @throws {FoveaError} `CAMERA_URI`. */
export function parseWhole(
  text: string,
  query: ReadonlyMap<string, string>,
  key: string,
  [low, high]: readonly [number, number],
): number | null {
  const value = query.get(key);
  if (value === undefined) return null;
  const number = /^\d{1,10}$/.test(value) ? Number(value) : NaN;
  if (number >= low && number <= high) return number;
  throw refuseUri(text, `${key}=${value} is not a whole number from ${low} to ${high}`);
}
