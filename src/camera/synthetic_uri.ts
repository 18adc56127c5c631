import {
  checkWorldOptions,
  type NewClass,
  type Severity,
  WEATHER_KINDS,
  type WeatherChange,
  WORLD_LIMITS,
  type WorldSettings,
} from "../world/mod.ts";
import { NEW_CLASSES, STREET_CLASSES } from "../world/mod.ts";
import { parseFps, parseSize, parseWhole, refuseUri, splitQuery } from "./uri_parts.ts";

const WORLDS = ["street"];
const KEYS = ["seed", "size", "fps", "frames", "density", "weather", "class"];
const SEVERITIES = "from 1 (slight) to 4 (worst), or 0 for the end of it";

/**
 * Reads what follows `synthetic:` — the world and its settings.
 *
 * @throws {FoveaError} `CAMERA_URI` for an unknown world, key, weather, class or severity, and for
 * numbers out of range; the hint tells the choices.
 */
export function parseSynthetic(text: string): WorldSettings {
  const { path, query } = splitQuery(text, "synthetic:", KEYS);
  if (!WORLDS.includes(path)) {
    throw refuseUri(text, `the world ${path} is unknown`, `Use synthetic:${WORLDS.join(", ")}`);
  }
  const limits = WORLD_LIMITS;
  const size = query.get("size");
  const { width, height } = size === undefined
    ? { width: 640, height: 384 }
    : parseSize(text, size);
  const fits = width >= limits.widthMin && width <= limits.widthMax &&
    height >= limits.heightMin && height <= limits.heightMax;
  if (!fits) {
    throw refuseUri(
      text,
      `the world cannot be drawn at ${width}x${height}`,
      `Use a size from ${limits.widthMin}x${limits.heightMin} to ${limits.widthMax}x${limits.heightMax}`,
    );
  }
  return checkWorldOptions({
    seed: parseWhole(text, query, "seed", [0, limits.seedMax]) ?? 1,
    width,
    height,
    fps: parseFps(text, query) ?? 25,
    frames: parseWhole(text, query, "frames", [1, limits.framesMax]),
    density: parseDensity(text, query),
    weather: listItems(query, "weather").map((item) => parseWeather(text, item)),
    newClasses: listItems(query, "class").map((item) => parseNewClass(text, item)),
  });
}

function listItems(query: ReadonlyMap<string, string>, key: string): string[] {
  const value = query.get(key);
  return value === undefined ? [] : value.split(",");
}

function parseDensity(text: string, query: ReadonlyMap<string, string>): number {
  const value = query.get("density");
  if (value === undefined) return 1;
  const density = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (density >= 0 && density <= WORLD_LIMITS.densityMax) return density;
  throw refuseUri(
    text,
    `density=${value} is not a number from 0 to ${WORLD_LIMITS.densityMax}`,
    "Use 1 for usual traffic, 0 for none",
  );
}

/** Reads `fog:3@150`. */
function parseWeather(text: string, item: string): WeatherChange {
  const [, kind = "", severity = "", frame = "0"] = /^([^:@]*)(?::([^@]*))?(?:@(.*))?$/
    .exec(item)!;
  const known = WEATHER_KINDS.find((name) => name === kind);
  if (known === undefined) {
    throw refuseUri(text, `the weather ${kind} is unknown`, `Use ${WEATHER_KINDS.join(", ")}`);
  }
  if (!/^[0-4]$/.test(severity)) {
    const found = severity === "" ? "has no severity" : `has the unknown severity ${severity}`;
    throw refuseUri(text, `the weather ${kind} ${found}`, `Use ${kind}:N with N ${SEVERITIES}`);
  }
  const fromFrame = parseFrame(text, frame, `${kind}:${severity}`);
  return { kind: known, severity: Number(severity) as 0 | Severity, fromFrame };
}

/** Reads `tractor@200`. */
function parseNewClass(text: string, item: string): NewClass {
  const [, name = "", frame = "0"] = /^([^@]*)(?:@(.*))?$/.exec(item)!;
  const known = NEW_CLASSES.find((className) => className === name);
  if (known === undefined) {
    const common = STREET_CLASSES.some((className) => className === name);
    const reason = common ? "is in the street anyway" : "is unknown";
    throw refuseUri(text, `the class ${name} ${reason}`, `Use ${NEW_CLASSES.join(", ")}`);
  }
  return { className: known, fromFrame: parseFrame(text, frame, name) };
}

function parseFrame(text: string, frame: string, item: string): number {
  const number = /^\d{1,10}$/.test(frame) ? Number(frame) : NaN;
  if (number <= WORLD_LIMITS.framesMax) return number;
  throw refuseUri(
    text,
    `${frame === "" ? "nothing" : frame} is no frame to begin ${item} at`,
    `Write a whole number after the at sign, like ${item}@150`,
  );
}
