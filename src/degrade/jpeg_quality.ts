/** Quantisation steps for luma, row by row: ITU-T T.81 (1992), table K.1. */
const LUMA_STEPS: readonly number[] = [
  ...[16, 11, 10, 16, 24, 40, 51, 61],
  ...[12, 12, 14, 19, 26, 58, 60, 55],
  ...[14, 13, 16, 24, 40, 57, 69, 56],
  ...[14, 17, 22, 29, 51, 87, 80, 62],
  ...[18, 22, 37, 56, 68, 109, 103, 77],
  ...[24, 35, 55, 64, 81, 104, 113, 92],
  ...[49, 64, 78, 87, 103, 121, 120, 101],
  ...[72, 92, 95, 98, 112, 100, 103, 99],
];

/** Quantisation steps for chroma, its first rows: ITU-T T.81 (1992), table K.2; the rest is 99. */
const CHROMA_STEPS: readonly number[] = [
  ...[17, 18, 24, 47, 99, 99, 99, 99],
  ...[18, 21, 26, 66, 99, 99, 99, 99],
  ...[24, 26, 56, 99, 99, 99, 99, 99],
  ...[47, 66, 99, 99, 99, 99, 99, 99],
];

/**
 * Quantisation steps for a quality, as the Independent JPEG Group's library scales the tables of
 * the standard's Annex K.
 *
 * @param component What is quantised.
 * @param quality 1 (worst) to 100.
 * @returns `[8, 8]`, 1 to 255.
 */
export function quantisationSteps(component: "luma" | "chroma", quality: number): Int32Array {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  const steps = component === "luma" ? LUMA_STEPS : CHROMA_STEPS;
  return Int32Array.from({ length: 64 }, (_, i) => {
    const step = Math.floor(((steps[i] ?? 99) * percent + 50) / 100);
    return Math.min(Math.max(step, 1), 255);
  });
}
