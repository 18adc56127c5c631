import { addCandidate, CandidateColumns, clearCandidates, pickBest } from "./candidate_columns";

/** Zero in every lane whose score is finite, something else (NaN) where it is not. */
// @ts-ignore: decorator
@inline
function spoiled(score: v128): v128 {
  return f32x4.sub(score, score);
}

/** The larger score in every lane; scores are known to be finite later on. */
// @ts-ignore: decorator
@inline
function larger(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

/**
 * Picks the rows of `[rows, rowLength]` whose best score reaches the threshold.
 *
 * The best score of a row is found four classes at a time; which class it was is asked only where
 * it is good enough.
 *
 * @param objectnessOffset Element of a row that multiplies its scores; negative for none.
 */
export function compactRows(
  data: usize,
  rows: u32,
  rowLength: u32,
  classOffset: u32,
  classCount: u32,
  objectnessOffset: i32,
  threshold: f32,
  out: CandidateColumns,
): void {
  clearCandidates(out);
  for (let row: u32 = 0; row < rows; row++) {
    const start = data + 4 * <usize>row * rowLength;
    const scores = start + 4 * classOffset;
    const objectness = objectnessOffset < 0
      ? <f32>1
      : load<f32>(start + 4 * <usize>objectnessOffset);
    if (classCount < 4) {
      pickBest(scores, 4, classCount, objectness, threshold, row, out);
    } else {
      compactRow(scores, classCount, objectness, threshold, row, out);
    }
  }
}

function compactRow(
  scores: usize,
  classCount: u32,
  objectness: f32,
  threshold: f32,
  row: u32,
  out: CandidateColumns,
): void {
  const factor = f32x4.splat(objectness);
  // The last four classes first: they overlap the others where the count is no multiple of four.
  let best = f32x4.mul(v128.load(scores + 4 * (classCount - 4)), factor);
  let broken = spoiled(best);
  for (let index: u32 = 0; index + 4 <= classCount; index += 4) {
    const score = f32x4.mul(v128.load(scores + 4 * index), factor);
    best = larger(best, score);
    broken = v128.or(broken, spoiled(score));
  }
  if (v128.any_true(broken)) {
    out.nonFinite += 1;
    return;
  }
  if (!v128.any_true(f32x4.ge(best, f32x4.splat(threshold)))) return;
  best = larger(best, i32x4.shuffle(best, best, 2, 3, 0, 1));
  best = larger(best, i32x4.shuffle(best, best, 1, 0, 3, 2));
  const classIndex = findScore(scores, classCount, factor, best);
  addCandidate(out, load<f32>(scores + 4 * classIndex) * objectness, classIndex, row);
}

/** The first class that has this score; there is one. */
function findScore(scores: usize, classCount: u32, factor: v128, wanted: v128): u32 {
  let index: u32 = 0;
  for (; index + 4 <= classCount; index += 4) {
    const score = f32x4.mul(v128.load(scores + 4 * index), factor);
    const found = i32x4.bitmask(f32x4.eq(score, wanted));
    if (found != 0) return index + ctz(found);
  }
  const tail = classCount - 4;
  const score = f32x4.mul(v128.load(scores + 4 * tail), factor);
  return tail + ctz(i32x4.bitmask(f32x4.eq(score, wanted)));
}

/**
 * The same for scores stored class by class, `[classCount, anchors]`.
 *
 * Sixteen anchors at a time, best score and class in registers, so that every byte is read once.
 */
export function compactColumns(
  data: usize,
  anchors: u32,
  classCount: u32,
  threshold: f32,
  out: CandidateColumns,
): void {
  clearCandidates(out);
  const step: usize = 4 * anchors;
  let anchor: u32 = 0;
  for (; anchor + 16 <= anchors; anchor += 16) {
    compactSixteen(data + 4 * anchor, step, classCount, threshold, anchor, out);
  }
  for (; anchor < anchors; anchor++) {
    pickBest(data + 4 * anchor, step, classCount, 1, threshold, anchor, out);
  }
}

function compactSixteen(
  scores: usize,
  step: usize,
  classCount: u32,
  threshold: f32,
  anchor: u32,
  out: CandidateColumns,
): void {
  let best0 = v128.load(scores);
  let best1 = v128.load(scores, 16);
  let best2 = v128.load(scores, 32);
  let best3 = v128.load(scores, 48);
  let class0 = i32x4.splat(0);
  let class1 = i32x4.splat(0);
  let class2 = i32x4.splat(0);
  let class3 = i32x4.splat(0);
  let broken = v128.or(
    v128.or(spoiled(best0), spoiled(best1)),
    v128.or(spoiled(best2), spoiled(best3)),
  );
  let from = scores + step;
  for (let index: u32 = 1; index < classCount; index++, from += step) {
    const score0 = v128.load(from);
    const score1 = v128.load(from, 16);
    const score2 = v128.load(from, 32);
    const score3 = v128.load(from, 48);
    const classes = i32x4.splat(index);
    class0 = laterClass(class0, classes, score0, best0);
    class1 = laterClass(class1, classes, score1, best1);
    class2 = laterClass(class2, classes, score2, best2);
    class3 = laterClass(class3, classes, score3, best3);
    best0 = larger(best0, score0);
    best1 = larger(best1, score1);
    best2 = larger(best2, score2);
    best3 = larger(best3, score3);
    broken = v128.or(broken, v128.or(spoiled(score0), spoiled(score1)));
    broken = v128.or(broken, v128.or(spoiled(score2), spoiled(score3)));
  }
  if (v128.any_true(broken)) {
    for (let lane: u32 = 0; lane < 16; lane++) {
      pickBest(scores + 4 * lane, step, classCount, 1, threshold, anchor + lane, out);
    }
    return;
  }
  addReached(best0, class0, threshold, anchor, out);
  addReached(best1, class1, threshold, anchor + 4, out);
  addReached(best2, class2, threshold, anchor + 8, out);
  addReached(best3, class3, threshold, anchor + 12, out);
}

/** `classes` where the score beats the best so far. Classes rise, so the larger one is the later. */
// @ts-ignore: decorator
@inline
function laterClass(soFar: v128, classes: v128, score: v128, best: v128): v128 {
  return i32x4.max_s(soFar, v128.and(classes, f32x4.gt(score, best)));
}

/** Adds those of four anchors that reach the threshold, in order. */
function addReached(
  best: v128,
  classes: v128,
  threshold: f32,
  anchor: u32,
  out: CandidateColumns,
): void {
  const reached = i32x4.bitmask(f32x4.ge(best, f32x4.splat(threshold)));
  if (reached & 1) {
    addCandidate(out, f32x4.extract_lane(best, 0), i32x4.extract_lane(classes, 0), anchor);
  }
  if (reached & 2) {
    addCandidate(out, f32x4.extract_lane(best, 1), i32x4.extract_lane(classes, 1), anchor + 1);
  }
  if (reached & 4) {
    addCandidate(out, f32x4.extract_lane(best, 2), i32x4.extract_lane(classes, 2), anchor + 2);
  }
  if (reached & 8) {
    addCandidate(out, f32x4.extract_lane(best, 3), i32x4.extract_lane(classes, 3), anchor + 3);
  }
}
