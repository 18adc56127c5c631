import { blendSourceRows } from "./blend_rows";
import { Element, LetterboxPlan } from "./letterbox_plan";
import {
  channelBytes,
  componentAt,
  copyPadding,
  packPixels,
  pixelAddress,
  preparePadding,
} from "./pack_rows";
import { sampleRow } from "./sample_rows";

/**
 * Converts, letterboxes and normalises one picture, padding included.
 *
 * Row by row: two source rows are blended into 16-bit samples, these are sampled across into three
 * rows of float32, and those are packed. Where the network wants planar float32, the samplers
 * write into the tensor and nothing is left to pack.
 */
export function letterbox(plan: LetterboxPlan): void {
  const width = plan.netWidth;
  const top = plan.padY;
  const bottom = top + plan.contentHeight;
  const left = plan.padX;
  const right = left + plan.contentWidth;
  preparePadding(plan);
  for (let y: u32 = 0; y < top; y++) copyPadding(plan, width, 0, y);
  for (let y = top; y < bottom; y++) {
    copyPadding(plan, left, 0, y);
    letterboxRow(plan, y);
    copyPadding(plan, width - right, right, y);
  }
  for (let y = bottom; y < plan.netHeight; y++) copyPadding(plan, width, 0, y);
}

function letterboxRow(plan: LetterboxPlan, y: u32): void {
  const width = plan.contentWidth;
  const to = pixelAddress(plan, plan.padX, y);
  const step = channelBytes(plan);
  blendSourceRows(plan, y - plan.padY);
  if (plan.element == Element.FLOAT32 && !plan.interleaved && width >= 4) {
    sampleRow(
      plan,
      componentAt(plan, to, step, 0),
      componentAt(plan, to, step, 1),
      componentAt(plan, to, step, 2),
    );
    return;
  }
  const rows: usize = plan.pixelRows;
  sampleRow(plan, rows, rows + plan.rowBytes, rows + 2 * plan.rowBytes);
  packPixels(plan, rows, width, to, step);
}
