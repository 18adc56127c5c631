/**
 * Where candidates go, as 32-bit words that the caller writes into scratch memory in the order of
 * `COLUMN_WORDS` in src/native/candidate_columns.ts. Pointers are byte offsets.
 */
@unmanaged
export class CandidateColumns {
  score: u32;
  classIndex: u32;
  anchorIndex: u32;
  capacity: u32;
  // Results
  count: u32;
  overflow: u32;
  nonFinite: u32;
}

/** Empties the columns. */
export function clearCandidates(out: CandidateColumns): void {
  out.count = 0;
  out.overflow = 0;
  out.nonFinite = 0;
}

/** Adds a row, or counts it where the columns are full. */
export function addCandidate(
  out: CandidateColumns,
  score: f32,
  classIndex: u32,
  anchor: u32,
): void {
  const row = out.count;
  if (row == out.capacity) {
    out.overflow += 1;
    return;
  }
  store<f32>(out.score + 4 * row, score);
  store<u32>(out.classIndex + 4 * row, classIndex);
  store<u32>(out.anchorIndex + 4 * row, anchor);
  out.count = row + 1;
}

/**
 * Adds a row if its best of `classCount` scores, `step` bytes apart, reaches the threshold. Equal
 * scores take the lower class; a NaN or infinite score spoils the row. One score after the other:
 * for edges and broken rows.
 */
export function pickBest(
  scores: usize,
  step: usize,
  classCount: u32,
  objectness: f32,
  threshold: f32,
  anchor: u32,
  out: CandidateColumns,
): void {
  let best = -f32.MAX_VALUE;
  let bestClass: u32 = 0;
  for (let index: u32 = 0; index < classCount; index++) {
    const score = objectness * load<f32>(scores + <usize>index * step);
    if (!isFinite(score)) {
      out.nonFinite += 1;
      return;
    }
    if (score > best) {
      best = score;
      bestClass = index;
    }
  }
  if (best >= threshold) addCandidate(out, best, bestClass, anchor);
}
