import type { ScoreMap } from "../detector/score_map.ts";

/** Most rows that are looked at. */
export const BACKGROUND_ROWS_MAX = 1024;
/** Added to a score before its logarithm is taken, so that 0 has one. */
const SCORE_FLOOR = 1e-9;

/**
 * The logarithm of the best class score of some rows, the same rows every frame, spread evenly over
 * all of them: what the detector says about places where there is nothing. `null` where a row has no
 * place of its own: queries, and models that picked their rows themselves.
 *
 * A score that is no number counts as 0.
 */
export function backgroundScores(scores: ScoreMap): Float32Array | null {
  const { data, rows, columns, offset, rowStep, columnStep, objectnessOffset } = scores;
  if (scores.picked !== null || scores.activation === "softmax") return null;
  const step = Math.max(1, Math.ceil(rows / BACKGROUND_ROWS_MAX));
  const logs = new Float32Array(Math.ceil(rows / step));
  for (let i = 0; i < logs.length; i++) {
    const start = i * step * rowStep;
    let best = scores.activation === "sigmoid" ? -Infinity : 0;
    for (let column = 0; column < columns; column++) {
      const score = data[offset + start + column * columnStep]!;
      if (score > best) best = score;
    }
    if (scores.activation === "sigmoid") best = 1 / (1 + Math.exp(-best));
    const objectness = objectnessOffset === null ? 1 : data[objectnessOffset + start]!;
    const joint = best * objectness;
    logs[i] = Math.log((joint > 0 && joint <= 1 ? joint : 0) + SCORE_FLOOR);
  }
  return logs;
}
