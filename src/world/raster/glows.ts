import type { CameraView } from "../camera_view.ts";
import type { SceneryImage } from "../scene/scenery_image.ts";
import { blendWords, type FrameCanvas } from "./frame_canvas.ts";

/** A lamp is hidden by what stands this much before it, in metres. */
const BEFORE_M = 0.8;

/** A lamp that shines into the camera. */
export interface Glow {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Radius of its halo in metres, and at least in pixels of a picture 384 high. */
  readonly radiusM: number;
  readonly radiusPx: number;
  /** Its colour as an RGBA word. */
  readonly color: number;
  /** Share of 256 that the halo covers in the middle. */
  readonly share: number;
}

/** Draws the halo of a lamp over a frame, unless something hides the lamp. */
export function drawGlow(
  canvas: FrameCanvas,
  scenery: SceneryImage,
  view: CameraView,
  glow: Glow,
): void {
  const depth = view.depthOf(glow.x, glow.y, glow.z);
  if (depth < 1) return;
  const column = view.columnOf(glow.x, glow.y, glow.z);
  const row = view.rowOf(glow.x, glow.y, glow.z);
  const { width, height, colors, owners, ownerW } = canvas;
  if (column < 0 || row < 0 || column >= width || row >= height) return;
  const middle = (row | 0) * width + (column | 0);
  if (owners[middle]! > 0 && ownerW[middle]! * (depth - BEFORE_M) > 1) return;
  if (scenery.cover[middle]! > 127 && scenery.depthM[middle]! < depth - BEFORE_M) return;
  const radius = Math.max(
    glow.radiusPx * height / 384,
    glow.radiusM * view.focalPx / depth,
  );
  const inverse = 1 / (radius * radius);
  const y1 = Math.min(height - 1, Math.floor(row + radius));
  const x1 = Math.min(width - 1, Math.floor(column + radius));
  for (let y = Math.max(0, Math.floor(row - radius)); y <= y1; y++) {
    for (let x = Math.max(0, Math.floor(column - radius)); x <= x1; x++) {
      const dx = x + 0.5 - column;
      const dy = y + 0.5 - row;
      const inside = 1 - (dx * dx + dy * dy) * inverse;
      if (inside <= 0) continue;
      const pixel = y * width + x;
      const share = glow.share * inside * inside | 0;
      if (share > 0) colors[pixel] = brighten(colors[pixel]!, glow.color, share);
    }
  }
}

/** Moves a word towards a colour, but never makes a channel darker. */
function brighten(from: number, to: number, share: number): number {
  const blended = blendWords(from, to, share);
  const r = Math.max(from & 255, blended & 255);
  const g = Math.max(from & 0xff00, blended & 0xff00);
  const b = Math.max(from & 0xff0000, blended & 0xff0000);
  return r | g | b;
}
