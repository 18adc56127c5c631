import { fromHex, mixed, type Rgb, scaled } from "../color.ts";
import { log } from "../exact_math.ts";
import type { StreetLight } from "../scene/street_light.ts";
import type { WeatherLevels } from "./weather.ts";

/** How much of each part of the light there is at a moment, exposure included. */
export interface LightMix {
  /** Factors for the light of sun, sky and lamps, by colour. */
  readonly sun: Rgb;
  readonly sky: Rgb;
  readonly lamps: Rgb;
  /** Light of headlamps on the ground right before a vehicle, as a share of the sky's by day. */
  readonly beam: number;
  /** How bright headlamps and tail lamps themselves shine; 0 while they are off. */
  readonly ownLamps: number;
  /** How fast fog hides things, for each metre. */
  readonly fogPerM: number;
  /** Light of the fog itself. */
  readonly fog: Rgb;
  /** Whether the ground is wet. */
  readonly wet: boolean;
  /** Standard deviation of the sensor's noise in codes; more light makes more of it. */
  readonly noiseCodes: number;
}

/** One row for each severity, from none to the worst. */
const NIGHT = [
  { sky: 1, lamps: 0, exposure: 1, ownLamps: 0, beam: 0, noise: 1.5 },
  { sky: 0.5, lamps: 0.8, exposure: 1.12, ownLamps: 0.35, beam: 0.25, noise: 2.6 },
  { sky: 0.09, lamps: 1.15, exposure: 1.3, ownLamps: 0.6, beam: 0.5, noise: 5 },
  { sky: 0.016, lamps: 0.42, exposure: 1.4, ownLamps: 0.8, beam: 0.42, noise: 10 },
  { sky: 0.003, lamps: 0.1, exposure: 1.5, ownLamps: 0.8, beam: 0.2, noise: 18 },
] as const;

const FOG_PER_M = [0, 0.012, 0.032, 0.075, 0.17] as const;

const RAIN = [
  { sun: 1, sky: 1, fogPerM: 0, noise: 0 },
  { sun: 0.22, sky: 0.86, fogPerM: 0.003, noise: 0.5 },
  { sun: 0.06, sky: 0.74, fogPerM: 0.009, noise: 1 },
  { sun: 0, sky: 0.6, fogPerM: 0.022, noise: 2 },
  { sun: 0, sky: 0.48, fogPerM: 0.05, noise: 3.5 },
] as const;

const NOISE_CODES = [0, 12, 26, 48, 85] as const;
/** Fog lets this share of the sun through as sun; the rest it scatters. */
const SUN_THROUGH_FOG = [1, 0.5, 0.15, 0.03, 0] as const;

/** Mixes the light of a street for a weather. */
export function mixLight(light: StreetLight, levels: WeatherLevels): LightMix {
  const night = NIGHT[levels.night];
  const rain = RAIN[levels.rain];
  const exposure = night.exposure * (light.sun.g > 0 ? 0.92 : 1.08);
  const dusk = levels.night === 0
    ? { r: 1, g: 1, b: 1 }
    : mixed({ r: 0.85, g: 0.9, b: 1.25 }, { r: 0.55, g: 0.75, b: 1.5 }, levels.night / 4);
  const sun = levels.night > 0 ? 0 : rain.sun * SUN_THROUGH_FOG[levels.fog];
  const gray = levels.rain > 0 || levels.fog > 0;
  const tint: Rgb = gray ? { r: 1.02, g: 1, b: 0.97 } : { r: 1, g: 1, b: 1 };
  const sky = night.sky * rain.sky * exposure;
  const skyRgb = { r: sky * dusk.r * tint.r, g: sky * dusk.g * tint.g, b: sky * dusk.b * tint.b };
  const white = scaled(fromHex(0xdfe2e4), 0.8);
  const glow = scaled(fromHex(0xffd9a8), 0.1 * night.lamps * exposure);
  return {
    sun: scaled({ r: 1, g: 1, b: 1 }, sun * exposure),
    sky: skyRgb,
    lamps: scaled({ r: 1, g: 1, b: 1 }, night.lamps * exposure),
    beam: night.beam,
    ownLamps: night.ownLamps === 0 && (levels.fog > 1 || levels.rain > 1) ? 0.3 : night.ownLamps,
    fogPerM: FOG_PER_M[levels.fog] + rain.fogPerM - log(1 - light.haze) / 100,
    fog: {
      r: (white.r * skyRgb.r) + glow.r,
      g: (white.g * skyRgb.g) + glow.g,
      b: (white.b * skyRgb.b) + glow.b,
    },
    wet: levels.rain > 0,
    noiseCodes: night.noise + rain.noise + NOISE_CODES[levels.noise],
  };
}
