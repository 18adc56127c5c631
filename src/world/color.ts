import { pow } from "./exact_math.ts";

/** A colour or light in linear sRGB primaries; 1 is a white surface in full light. */
export interface Rgb {
  /** Red. */
  readonly r: number;
  /** Green. */
  readonly g: number;
  /** Blue. */
  readonly b: number;
}

/** The linear colour of an sRGB code `0xRRGGBB`. */
export function fromHex(hex: number): Rgb {
  return {
    r: toLinear((hex >> 16 & 255) / 255),
    g: toLinear((hex >> 8 & 255) / 255),
    b: toLinear((hex & 255) / 255),
  };
}

/** A colour multiplied by `factor`. */
export function scaled(color: Rgb, factor: number): Rgb {
  return { r: color.r * factor, g: color.g * factor, b: color.b * factor };
}

/** Between `a` (share 0) and `b` (share 1). */
export function mixed(a: Rgb, b: Rgb, share: number): Rgb {
  return {
    r: a.r + (b.r - a.r) * share,
    g: a.g + (b.g - a.g) * share,
    b: a.b + (b.b - a.b) * share,
  };
}

/** Entries of the tone table; it is read at the square root of the light, where eyes are even. */
const TONE_STEPS = 2048;
/** Brightest light the tone table tells apart. */
const TONE_LIGHT_MAX = 16;
const MUTING = 0.16;
const TONE_SCALE = (TONE_STEPS - 1) / Math.sqrt(TONE_LIGHT_MAX);

/**
 * Linear light to 8-bit sRGB with a film's shoulder: mid tones keep their contrast, highlights
 * roll off instead of clipping.
 *
 * The curve is Narkowicz's fit of the ACES tone scale (2016), the encoding IEC 61966-2-1.
 */
export class ToneCurve {
  readonly #codes: Uint8Array;

  /** Computes the table. */
  constructor() {
    this.#codes = new Uint8Array(TONE_STEPS);
    for (let i = 0; i < TONE_STEPS; i++) {
      const root = i / TONE_SCALE;
      this.#codes[i] = Math.floor(255 * toCode(film(root * root)) + 0.5);
    }
  }

  /** The code, 0–255, of one channel's light; anything below 0 is 0. */
  encode(light: number): number {
    const index = Math.sqrt(light > 0 ? light : 0) * TONE_SCALE + 0.5;
    return this.#codes[index < TONE_STEPS ? index | 0 : TONE_STEPS - 1]!;
  }

  /** Three channels as one little-endian RGBA word. */
  encodeRgb(r: number, g: number, b: number): number {
    // The film curve makes colours stronger, channel by channel; this takes some of it back.
    const gray = MUTING * (0.2126 * r + 0.7152 * g + 0.0722 * b);
    const rest = 1 - MUTING;
    return this.encode(r * rest + gray) | this.encode(g * rest + gray) << 8 |
      this.encode(b * rest + gray) << 16;
  }
}

function film(light: number): number {
  const x = light * 0.72;
  const y = x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14);
  return y < 1 ? y : 1;
}

function toLinear(code: number): number {
  return code <= 0.04045 ? code / 12.92 : pow((code + 0.055) / 1.055, 2.4);
}

function toCode(linear: number): number {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * pow(linear, 1 / 2.4) - 0.055;
}
