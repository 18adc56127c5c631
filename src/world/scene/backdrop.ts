import type { ToneCurve } from "../color.ts";
import { exp } from "../exact_math.ts";
import type { LightMix } from "../weather/light_mix.ts";
import { LIGHT_SCALE, type SceneryImage } from "./scenery_image.ts";

/** A scenery in the light of one weather, ready to be put behind everything. RGBA words. */
export interface Backdrop {
  /** The light it was made for. */
  readonly mix: LightMix;
  /** As it is. */
  readonly colors: Uint32Array;
  /** Without the sun: what shadows show. The same memory as `colors` where there is no sun. */
  readonly shade: Uint32Array;
  /** Fully in the light of headlamps; `null` where there are none. */
  readonly beam: Uint32Array | null;
  /** Of each whole metre, the share that fog hides there; the last entry stands for all beyond. */
  readonly fogAt: Float32Array;
}

/** How many metres {@linkcode Backdrop.fogAt} knows. */
const FOG_METRES = 601;
/** Sky is seen through as much fog as lies in this distance. */
const SKY_FOG_M = 260;

/** Puts a scenery into the light of a weather. */
export function lightScenery(scenery: SceneryImage, mix: LightMix, tone: ToneCurve): Backdrop {
  const fogAt = new Float32Array(FOG_METRES);
  for (let m = 0; m < FOG_METRES; m++) {
    fogAt[m] = 1 - exp(-mix.fogPerM * Math.min(m, SKY_FOG_M));
  }
  const hasSun = mix.sun.g > 0;
  const colors = paint(scenery, mix, tone, fogAt, { sun: 1, beam: 0 });
  return {
    mix,
    colors,
    shade: hasSun ? paint(scenery, mix, tone, fogAt, { sun: 0, beam: 0 }) : colors,
    beam: mix.beam > 0 ? paint(scenery, mix, tone, fogAt, { sun: 1, beam: mix.beam }) : null,
    fogAt,
  };
}

/** The share of a thing at some depth that fog hides. */
export function fogShare(backdrop: Backdrop, depthM: number): number {
  return backdrop.fogAt[Math.min(FOG_METRES - 1, depthM | 0)]!;
}

function paint(
  scenery: SceneryImage,
  mix: LightMix,
  tone: ToneCurve,
  fogAt: Float32Array,
  share: { readonly sun: number; readonly beam: number },
): Uint32Array {
  const { sun, sky, lamps, depthM } = scenery;
  const scale = 1 / LIGHT_SCALE;
  const [sunR, sunG, sunB] = [mix.sun.r, mix.sun.g, mix.sun.b].map((x) => x * share.sun * scale);
  const [skyR, skyG, skyB] = [mix.sky.r, mix.sky.g, mix.sky.b].map((x) => (x + share.beam) * scale);
  const [lampR, lampG, lampB] = [mix.lamps.r, mix.lamps.g, mix.lamps.b].map((x) => x * scale);
  const fogWord = tone.encodeRgb(mix.fog.r, mix.fog.g, mix.fog.b);
  const [fogR, fogG, fogB] = [fogWord & 255, fogWord >>> 8 & 255, fogWord >>> 16 & 255];
  const out = new Uint32Array(depthM.length);
  for (let pixel = 0, k = 0; pixel < out.length; pixel++, k += 3) {
    const word = tone.encodeRgb(
      sun[k]! * sunR! + sky[k]! * skyR! + lamps[k]! * lampR!,
      sun[k + 1]! * sunG! + sky[k + 1]! * skyG! + lamps[k + 1]! * lampG!,
      sun[k + 2]! * sunB! + sky[k + 2]! * skyB! + lamps[k + 2]! * lampB!,
    );
    const fog = fogAt[Math.min(FOG_METRES - 1, depthM[pixel]! | 0)]!;
    const r = word & 255;
    const g = word >>> 8 & 255;
    const b = word >>> 16 & 255;
    out[pixel] = (r + (fogR - r) * fog) | (g + (fogG - g) * fog) << 8 |
      (b + (fogB - b) * fog) << 16;
  }
  return out;
}
