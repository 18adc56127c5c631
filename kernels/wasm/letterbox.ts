import { blendSourceRows } from "./blend_rows";
import { Element, LetterboxPlan } from "./letterbox_plan";
import { packPixels, planarPixel } from "./pack_rows";
import { sampleRow } from "./sample_rows";

/**
 * Converts, letterboxes and normalises one picture, padding included.
 *
 * Row by row: two source rows are blended into 16-bit samples, these are sampled across into three
 * rows of float32, and those are packed. Where the network wants planar float32, the samplers
 * write into the tensor and nothing is left to pack.
 */
export function letterbox(plan: LetterboxPlan): void {
  fillPadRows(plan);
  const top = plan.padY;
  const bottom = top + plan.contentHeight;
  for (let y: u32 = 0; y < top; y++) packPixels(plan, plan.padRows, plan.netWidth, 0, y);
  for (let y = top; y < bottom; y++) letterboxRow(plan, y);
  for (let y = bottom; y < plan.netHeight; y++) {
    packPixels(plan, plan.padRows, plan.netWidth, 0, y);
  }
}

function letterboxRow(plan: LetterboxPlan, y: u32): void {
  const left = plan.padX;
  const width = plan.contentWidth;
  const right = left + width;
  blendSourceRows(plan, y - plan.padY);
  packPixels(plan, plan.padRows, left, 0, y);
  if (plan.element == Element.FLOAT32 && !plan.interleaved && width >= 4) {
    sampleRow(
      plan,
      planarPixel(plan, 0, left, y),
      planarPixel(plan, 1, left, y),
      planarPixel(plan, 2, left, y),
    );
  } else {
    const rows: usize = plan.pixelRows;
    sampleRow(plan, rows, rows + plan.rowBytes, rows + 2 * plan.rowBytes);
    packPixels(plan, rows, width, left, y);
  }
  packPixels(plan, plan.padRows, plan.netWidth - right, right, y);
}

/** Three rows of padding, one per component, for the packer to take from. */
function fillPadRows(plan: LetterboxPlan): void {
  const rows: usize = plan.padRows;
  for (let x: u32 = 0; x < plan.netWidth; x++) {
    store<f32>(rows + 4 * x, plan.pad0);
    store<f32>(rows + plan.rowBytes + 4 * x, plan.pad1);
    store<f32>(rows + 2 * plan.rowBytes + 4 * x, plan.pad2);
  }
}
