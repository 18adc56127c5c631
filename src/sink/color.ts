import type { ColorMatrix, ColorRange } from "../core/pixel_format.ts";

/** A colour as `0xRRGGBB`. */
export type Color = number;

/** Text and outlines on bright colours. */
export const INK_DARK: Color = 0x10151c;
/** Text on dark colours. */
export const INK_LIGHT: Color = 0xffffff;
/** A state that needs attention. */
export const INK_WARNING: Color = 0xffc233;

/** Neighbours differ in hue and lightness; all are bright enough for dark streets. */
const CLASS_COLORS: readonly Color[] = [
  0xff4d4d,
  0x2e9bff,
  0xffb300,
  0x1fc77d,
  0xb56bff,
  0xff7ac8,
  0x00c4d9,
  0xff7d1f,
  0xa3dd22,
  0x6474ff,
  0xf2da2f,
  0xf2529f,
  0x12a594,
  0xffa48c,
  0x7cc4ff,
  0xc98a3d,
  0x8be0b4,
  0xd69bff,
  0x3fae2a,
  0xd4d8de,
];

/**
 * The colour of a class: always the same for an index, and different for indices next to each
 * other. Twenty colours repeat.
 */
export function classColor(classIndex: number): Color {
  const count = CLASS_COLORS.length;
  return CLASS_COLORS[((classIndex % count) + count) % count]!;
}

/** Dark or light ink, whichever contrasts more with `background`. */
export function inkOn(background: Color): Color {
  return contrast(background, INK_DARK) >= contrast(background, INK_LIGHT) ? INK_DARK : INK_LIGHT;
}

/**
 * Contrast of two colours, 1 (the same) to 21 (black and white):
 * `(L1 + 0.05) / (L2 + 0.05)` of their relative luminances, the lighter one above.
 * Source: W3C, Web Content Accessibility Guidelines 2.1, "contrast ratio".
 */
export function contrast(a: Color, b: Color): number {
  const [dark, light] = [relativeLuminance(a), relativeLuminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

function relativeLuminance(color: Color): number {
  const [r, g, b] = splitColor(color).map((value) => {
    const encoded = value / 255;
    return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** Red, green and blue of a colour, 0–255. */
export function splitColor(color: Color): [red: number, green: number, blue: number] {
  return [color >> 16 & 255, color >> 8 & 255, color & 255];
}

/**
 * Luma and chroma of a colour, 0–255, rounded: `Y = kr R + kg G + kb B`,
 * `Cb = (B - Y) / (2 - 2 kb)`, `Cr = (R - Y) / (2 - 2 kr)`, scaled to 219 and 224 steps from 16
 * where the range is limited. Source: ITU-R BT.601 and BT.709.
 */
export function toYuv(
  color: Color,
  range: ColorRange,
  matrix: ColorMatrix,
): [luma: number, cb: number, cr: number] {
  const [kr, kb] = matrix === "bt709" ? [0.2126, 0.0722] : [0.299, 0.114];
  const [r, g, b] = splitColor(color);
  const luma = kr * r + (1 - kr - kb) * g + kb * b;
  const cb = (b - luma) / (2 - 2 * kb);
  const cr = (r - luma) / (2 - 2 * kr);
  const [lumaScale, chromaScale, black] = range === "full" ? [1, 1, 0] : [219 / 255, 224 / 255, 16];
  return [
    Math.round(black + luma * lumaScale),
    clampByte(128 + cb * chromaScale),
    clampByte(128 + cr * chromaScale),
  ];
}

function clampByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
