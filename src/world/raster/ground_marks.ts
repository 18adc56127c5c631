import type { CameraView } from "../camera_view.ts";
import type { SceneryImage } from "../scene/scenery_image.ts";
import { blendWords, type FrameCanvas } from "./frame_canvas.ts";
import type { Place } from "./object_projector.ts";

/** Marks do not begin nearer to the camera than this depth, in metres. */
const NEAR_M = 0.5;

/** A rectangle on the ground around an object, in its own frame: right and forward in metres. */
export interface GroundArea {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** How strong a mark is at a place in the object's frame, 0 to 1. */
export type MarkShape = (x: number, y: number) => number;

/** Marks on the ground that move with objects: the dark below them, the light of their lamps. */
export class GroundMarks {
  readonly #view: CameraView;
  readonly #canvas: FrameCanvas;
  readonly #direction = new Float64Array(3);

  /** Marks for frames of one view. */
  constructor(view: CameraView, canvas: FrameCanvas) {
    this.#view = view;
    this.#canvas = canvas;
  }

  /**
   * Moves the ground within `area` towards another picture of it (or towards one colour) by the
   * share that `shape` says. The share is found once for each block of `blockPx` pixels a side:
   * 1 for what has edges, more for what is soft.
   */
  blend(
    scenery: SceneryImage,
    place: Place,
    area: GroundArea,
    mark: {
      readonly shape: MarkShape;
      readonly target: Uint32Array | number;
      readonly blockPx: number;
    },
  ): void {
    const box = this.#boxOf(place, area);
    if (box === null) return;
    const { shape, target, blockPx } = mark;
    const { pose, axes, focalPx } = this.#view;
    const { headingX: hx, headingY: hy } = place;
    const fall = place.z - pose.zM;
    const direction = this.#direction;
    const stepX = axes[0]! / focalPx * blockPx;
    const stepY = axes[1]! / focalPx * blockPx;
    const stepZ = axes[2]! / focalPx * blockPx;
    for (let row = box.y0; row < box.y1; row += blockPx) {
      this.#view.directionInto(direction, box.x0 + blockPx / 2, row + blockPx / 2);
      let dx = direction[0]!;
      let dy = direction[1]!;
      let dz = direction[2]!;
      const rows = Math.min(blockPx, box.y1 - row);
      for (let column = box.x0; column < box.x1; column += blockPx) {
        if (dz < -1e-3) {
          const t = fall / dz;
          const x = pose.xM + dx * t - place.x;
          const y = pose.yM + dy * t - place.y;
          const strength = shape(x * hy - y * hx, x * hx + y * hy);
          if (strength > 0) {
            const columns = Math.min(blockPx, box.x1 - column);
            this.#blendBlock(scenery, { column, row, columns, rows }, strength, target);
          }
        }
        dx += stepX;
        dy += stepY;
        dz += stepZ;
      }
    }
  }

  #blendBlock(
    { ground }: SceneryImage,
    block: {
      readonly column: number;
      readonly row: number;
      readonly columns: number;
      readonly rows: number;
    },
    strength: number,
    target: Uint32Array | number,
  ): void {
    const { colors, width } = this.#canvas;
    const scale = strength * (256 / 255);
    for (let row = block.row; row < block.row + block.rows; row++) {
      const start = row * width + block.column;
      for (let pixel = start; pixel < start + block.columns; pixel++) {
        const share = scale * ground[pixel]! | 0;
        if (share === 0) continue;
        const to = typeof target === "number" ? target : target[pixel]!;
        colors[pixel] = blendWords(colors[pixel]!, to, share);
      }
    }
  }

  /** The part of the picture that an area on the ground covers; `null` where it is not in front. */
  #boxOf(
    place: Place,
    area: GroundArea,
  ): { x0: number; y0: number; x1: number; y1: number } | null {
    const view = this.#view;
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let corner = 0; corner < 4; corner++) {
      const right = (corner & 1) === 0 ? area.x0 : area.x1;
      const forward = (corner & 2) === 0 ? area.y0 : area.y1;
      const x = place.x + right * place.headingY + forward * place.headingX;
      const y = place.y - right * place.headingX + forward * place.headingY;
      if (view.depthOf(x, y, place.z) < NEAR_M) return null;
      const column = view.columnOf(x, y, place.z);
      const row = view.rowOf(x, y, place.z);
      x0 = Math.min(x0, column);
      x1 = Math.max(x1, column);
      y0 = Math.min(y0, row);
      y1 = Math.max(y1, row);
    }
    const box = {
      x0: Math.max(0, Math.floor(x0)),
      y0: Math.max(0, Math.floor(y0)),
      x1: Math.min(view.width, Math.ceil(x1)),
      y1: Math.min(view.height, Math.ceil(y1)),
    };
    return box.x0 < box.x1 && box.y0 < box.y1 ? box : null;
  }
}

/** The dark below a body of half width `halfX` and half length `halfY`: full inside, soft outside. */
export function contactShape(
  halfX: number,
  halfY: number,
  softM: number,
  strength: number,
): MarkShape {
  return (x, y) => {
    const ox = (x < 0 ? -x : x) - halfX;
    const oy = (y < 0 ? -y : y) - halfY;
    const sx = ox <= -softM ? 1 : ox >= softM ? 0 : (softM - ox) / (2 * softM);
    const sy = oy <= -softM ? 1 : oy >= softM ? 0 : (softM - oy) / (2 * softM);
    return strength * sx * sy;
  };
}

/** How far headlamps reach before a vehicle, in metres. */
export const BEAM_M = 20;

/** The light of two headlamps at the front, `noseM` before the middle. */
export function beamShape(noseM: number): MarkShape {
  return (x, y) => {
    const ahead = y - noseM;
    if (ahead < 0.3 || ahead > BEAM_M) return 0;
    const half = 0.9 + 0.15 * ahead;
    const side = x / half;
    if (side > 1 || side < -1) return 0;
    const across = 1 - side * side;
    const along = 1 - ahead / BEAM_M;
    const start = ahead < 2.5 ? ahead / 2.5 : 1;
    return across * across * along * along * start;
  };
}
