import { addLogitStrip, addPositiveLogit } from "./focal_logits";
import { clearSums, FocalPlan, FocalStrip } from "./focal_plan";
import {
  addPositiveProbability,
  addProbabilityStrip,
  addQuietStrip,
  QUIET_HALVES,
} from "./focal_probabilities";

/** Vectors of a strip: few enough that their sums in float32 lose nothing that matters. */
const STRIP_COUNT: u32 = 32;

function addStripOf(
  strip: FocalStrip,
  fromLogits: bool,
  isBackground: bool,
  plan: FocalPlan,
): void {
  if (fromLogits) {
    if (!addLogitStrip(strip, false, plan)) addLogitStrip(strip, true, plan);
  } else {
    const mayBeQuiet = strip.gradient == 0 && plan.halves == QUIET_HALVES;
    if (mayBeQuiet && addQuietStrip(strip, isBackground, plan)) return;
    if (!addProbabilityStrip(strip, false, plan)) addProbabilityStrip(strip, true, plan);
  }
}

/** Whether no target is among the next `count`: all are background. */
function areBackground(targets: usize, count: u32): bool {
  for (let index: u32 = 0; index < count; index++) {
    if (load<i32>(targets + 4 * index) != -1) return false;
  }
  return true;
}

/** A place some bytes after `start`; none where `start` is none. */
// @ts-ignore: decorator
@inline
function placeAfter(start: usize, bytes: usize): usize {
  return start == 0 ? 0 : start + bytes;
}

/**
 * Sums the focal loss and the cross-entropy of `[rows, rowLength]`, and writes the derivatives of
 * the focal loss by the logits where the plan asks for them.
 *
 * Strips go down 32 rows for four classes, so that the sums of classes stay in registers; the rows
 * stay in the first-level cache while the next four classes are read.
 *
 * @param objectnessOffset Element of a row that multiplies its probabilities; negative for none.
 * @param strip Scratch memory.
 */
export function focalRows(
  data: usize,
  rows: u32,
  rowLength: u32,
  classOffset: u32,
  classCount: u32,
  objectnessOffset: i32,
  fromLogits: bool,
  plan: FocalPlan,
  strip: FocalStrip,
): void {
  clearSums(plan, classCount);
  const rowBytes: usize = 4 * rowLength;
  const gradientBytes: usize = 4 * classCount;
  strip.step = rowBytes;
  strip.gradientStep = gradientBytes;
  strip.lanesAreClasses = 1;
  for (let row: u32 = 0; row < rows; row += STRIP_COUNT) {
    const start = data + rowBytes * row;
    strip.count = min(STRIP_COUNT, rows - row);
    strip.targets = placeAfter(plan.targets, 4 * row);
    strip.objectness = objectnessOffset < 0 ? 0 : start + 4 * objectnessOffset;
    const isBackground = strip.targets == 0 || areBackground(strip.targets, strip.count);
    for (let index: u32 = 0; index < classCount; index += 4) {
      strip.from = start + 4 * (classOffset + index);
      strip.lanes = min(<u32>4, classCount - index);
      strip.firstClass = index;
      strip.gradient = placeAfter(plan.gradient, gradientBytes * row + 4 * index);
      addStripOf(strip, fromLogits, isBackground, plan);
    }
  }
  if (plan.targets == 0) return;
  for (let row: u32 = 0; row < rows; row++) {
    const target = load<i32>(plan.targets + 4 * row);
    if (target < 0) continue;
    const start = data + rowBytes * row;
    const from = start + 4 * (classOffset + target);
    const gradient = placeAfter(plan.gradient, gradientBytes * row + 4 * target);
    if (fromLogits) {
      addPositiveLogit(from, gradient, plan);
    } else {
      const objectness = objectnessOffset < 0
        ? <f32>1
        : load<f32>(start + 4 * objectnessOffset);
      addPositiveProbability(objectness * load<f32>(from), gradient, plan);
    }
  }
}

/** The same for scores stored class by class, `[classCount, anchors]`. */
export function focalColumns(
  data: usize,
  anchors: u32,
  classCount: u32,
  fromLogits: bool,
  plan: FocalPlan,
  strip: FocalStrip,
): void {
  clearSums(plan, classCount);
  const classBytes: usize = 4 * anchors;
  strip.step = 16;
  strip.gradientStep = 16;
  strip.lanesAreClasses = 0;
  strip.objectness = 0;
  for (let index: u32 = 0; index < classCount; index++) {
    strip.firstClass = index;
    for (let anchor: u32 = 0; anchor < anchors;) {
      const offset: usize = classBytes * index + 4 * anchor;
      const vectors = min(STRIP_COUNT, (anchors - anchor) >> 2);
      strip.count = max(<u32>1, vectors);
      strip.lanes = vectors == 0 ? anchors - anchor : 4;
      strip.from = data + offset;
      strip.targets = placeAfter(plan.targets, 4 * anchor);
      strip.gradient = placeAfter(plan.gradient, offset);
      addStripOf(strip, fromLogits, plan.targets == 0, plan);
      anchor += strip.count * strip.lanes;
    }
  }
  if (plan.targets == 0) return;
  for (let anchor: u32 = 0; anchor < anchors; anchor++) {
    const target = load<i32>(plan.targets + 4 * anchor);
    if (target < 0) continue;
    const offset: usize = classBytes * target + 4 * anchor;
    const gradient = placeAfter(plan.gradient, offset);
    if (fromLogits) addPositiveLogit(data + offset, gradient, plan);
    else addPositiveProbability(load<f32>(data + offset), gradient, plan);
  }
}
