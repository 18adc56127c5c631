import { NEW_CLASSES } from "./motion/cast.ts";
import { type Severity, WEATHER_KINDS, type WeatherChange } from "./weather/weather.ts";

/** A class that the world does not show until a frame. */
export interface NewClass {
  /** Which class. */
  readonly className: typeof NEW_CLASSES[number];
  /** From which frame on it may come into the street. */
  readonly fromFrame: number;
}

/** What a world is to be. */
export interface WorldOptions {
  /** Whole number from 0 to 4294967295 that everything follows from; 1 by default. */
  readonly seed?: number;
  /** Width of the pictures in pixels, 64 to 3840; 640 by default. */
  readonly width?: number;
  /** Height of the pictures in pixels, 48 to 2160; 384 by default. */
  readonly height?: number;
  /** Frames a second, above 0 and up to 1000; 25 by default. */
  readonly fps?: number;
  /** How many frames there are; `null`, the default, for no end. */
  readonly frames?: number | null;
  /** Amount of traffic, 0 to 2; 1 by default. */
  readonly density?: number;
  /** Changes of the weather; none by default. */
  readonly weather?: readonly WeatherChange[];
  /** Classes that appear later; none by default. */
  readonly newClasses?: readonly NewClass[];
}

/** {@linkcode WorldOptions}, checked and complete. */
export type WorldSettings = Required<WorldOptions>;

/** Limits of {@linkcode WorldOptions}. */
export const WORLD_LIMITS = {
  seedMax: 4_294_967_295,
  widthMin: 64,
  widthMax: 3840,
  heightMin: 48,
  heightMax: 2160,
  fpsMax: 1000,
  framesMax: 1_000_000_000,
  densityMax: 2,
} as const;

/**
 * Checks options and fills in what they leave out.
 *
 * @throws {RangeError} If one is out of its range; the message says which and what is allowed.
 */
export function checkWorldOptions(options: WorldOptions): WorldSettings {
  const {
    seed = 1,
    width = 640,
    height = 384,
    fps = 25,
    frames = null,
    density = 1,
    weather = [],
    newClasses = [],
  } = options;
  const limits = WORLD_LIMITS;
  checkWhole("seed", seed, 0, limits.seedMax);
  checkWhole("width", width, limits.widthMin, limits.widthMax);
  checkWhole("height", height, limits.heightMin, limits.heightMax);
  check("fps", fps, fps > 0 && fps <= limits.fpsMax, `above 0 and up to ${limits.fpsMax}`);
  if (frames !== null) checkWhole("frames", frames, 1, limits.framesMax);
  check("density", density, density >= 0 && density <= limits.densityMax, "from 0 to 2");
  for (const { kind, severity, fromFrame } of weather) {
    check("weather", kind, WEATHER_KINDS.includes(kind), `one of ${WEATHER_KINDS.join(", ")}`);
    check("severity", severity, isSeverity(severity), "1, 2, 3 or 4, or 0 for the end of it");
    checkWhole("fromFrame", fromFrame, 0, limits.framesMax);
  }
  for (const { className, fromFrame } of newClasses) {
    check("class", className, NEW_CLASSES.includes(className), NEW_CLASSES.join(", "));
    checkWhole("fromFrame", fromFrame, 0, limits.framesMax);
  }
  return { seed, width, height, fps, frames, density, weather, newClasses };
}

function isSeverity(value: number): value is 0 | Severity {
  return value === 0 || value === 1 || value === 2 || value === 3 || value === 4;
}

function checkWhole(name: string, value: number, low: number, high: number): void {
  const fits = Number.isInteger(value) && value >= low && value <= high;
  check(name, value, fits, `a whole number from ${low} to ${high}`);
}

function check(name: string, value: unknown, fits: boolean, range: string): void {
  if (!fits) throw new RangeError(`Cannot make a world with ${name} ${value}: use ${range}`);
}
