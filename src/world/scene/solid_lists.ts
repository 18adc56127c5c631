import type { CameraView } from "../camera_view.ts";
import type { Bounds, Solid } from "./solids.ts";

/** Side of a tile of the picture in pixels. */
const TILE_PX = 16;
/** Side of a cell of the shadow plane in metres. */
const SHADOW_CELL_M = 2;
/** Nearest depth at which a solid's corners are projected, in metres. */
const NEAR_M = 0.1;

/** A solid with the smallest depth it can have, for a list that goes from near to far. */
interface Entry {
  readonly solid: Solid;
  readonly near: number;
}

const NONE: readonly Entry[] = [];

/** Which solids a look through a part of the picture can meet, from near to far. */
export class PictureLists {
  readonly #columns: number;
  readonly #rows: number;
  readonly #lists: Entry[][] = [];

  /** Sorts solids into the tiles of a view's picture. */
  constructor(view: CameraView, solids: readonly Solid[]) {
    this.#columns = Math.ceil(view.width / TILE_PX);
    this.#rows = Math.ceil(view.height / TILE_PX);
    for (let i = 0; i < this.#columns * this.#rows; i++) this.#lists.push([]);
    for (const solid of solids) this.#add(view, solid);
    for (const list of this.#lists) list.sort((a, b) => a.near - b.near);
  }

  /** The solids behind a point of the picture. */
  at(columnPx: number, rowPx: number): readonly Entry[] {
    const column = Math.min(this.#columns - 1, columnPx / TILE_PX | 0);
    const row = Math.min(this.#rows - 1, rowPx / TILE_PX | 0);
    return this.#lists[row * this.#columns + column]!;
  }

  #add(view: CameraView, solid: Solid): void {
    const box = projectBounds(view, solid.bounds);
    if (box === null) return;
    const x0 = Math.max(0, Math.floor(box.x0 / TILE_PX));
    const x1 = Math.min(this.#columns - 1, Math.floor(box.x1 / TILE_PX));
    const y0 = Math.max(0, Math.floor(box.y0 / TILE_PX));
    const y1 = Math.min(this.#rows - 1, Math.floor(box.y1 / TILE_PX));
    const entry = { solid, near: box.near };
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) this.#lists[y * this.#columns + x]!.push(entry);
    }
  }
}

/** Which solids can throw a shadow on a point: lists over the ground, along the sun's rays. */
export class ShadowLists {
  readonly #slopeX: number;
  readonly #slopeY: number;
  readonly #x0: number;
  readonly #y0: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #lists: Entry[][] = [];

  /** Sorts solids by their shadows on the ground within `area`, in metres. */
  constructor(
    sun: { readonly sunX: number; readonly sunY: number; readonly sunZ: number },
    solids: readonly Solid[],
    area: {
      readonly x0: number;
      readonly y0: number;
      readonly x1: number;
      readonly y1: number;
    },
  ) {
    this.#slopeX = sun.sunX / sun.sunZ;
    this.#slopeY = sun.sunY / sun.sunZ;
    this.#x0 = area.x0;
    this.#y0 = area.y0;
    this.#columns = Math.ceil((area.x1 - area.x0) / SHADOW_CELL_M);
    this.#rows = Math.ceil((area.y1 - area.y0) / SHADOW_CELL_M);
    for (let i = 0; i < this.#columns * this.#rows; i++) this.#lists.push([]);
    for (const solid of solids) this.#add(solid);
  }

  /** The solids whose shadows may fall on a point. */
  at(x: number, y: number, z: number): readonly Entry[] {
    const column = Math.floor((x - z * this.#slopeX - this.#x0) / SHADOW_CELL_M);
    const row = Math.floor((y - z * this.#slopeY - this.#y0) / SHADOW_CELL_M);
    if (column < 0 || row < 0 || column >= this.#columns || row >= this.#rows) return NONE;
    return this.#lists[row * this.#columns + column]!;
  }

  #add(solid: Solid): void {
    const { x0, y0, z0, x1, y1, z1 } = solid.bounds;
    const shiftX = [z0 * this.#slopeX, z1 * this.#slopeX];
    const shiftY = [z0 * this.#slopeY, z1 * this.#slopeY];
    const left = Math.floor((x0 - Math.max(...shiftX) - this.#x0) / SHADOW_CELL_M);
    const right = Math.floor((x1 - Math.min(...shiftX) - this.#x0) / SHADOW_CELL_M);
    const low = Math.floor((y0 - Math.max(...shiftY) - this.#y0) / SHADOW_CELL_M);
    const high = Math.floor((y1 - Math.min(...shiftY) - this.#y0) / SHADOW_CELL_M);
    const entry = { solid, near: 0 };
    for (let row = Math.max(0, low); row <= Math.min(this.#rows - 1, high); row++) {
      for (let column = Math.max(0, left); column <= Math.min(this.#columns - 1, right); column++) {
        this.#lists[row * this.#columns + column]!.push(entry);
      }
    }
  }
}

/** Where a block of space lies in the picture, in pixels; `null` if it is all behind the camera. */
function projectBounds(
  view: CameraView,
  bounds: Bounds,
): { x0: number; y0: number; x1: number; y1: number; near: number } | null {
  let near = Infinity;
  let far = -Infinity;
  const box = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  for (let corner = 0; corner < 8; corner++) {
    const x = (corner & 1) === 0 ? bounds.x0 : bounds.x1;
    const y = (corner & 2) === 0 ? bounds.y0 : bounds.y1;
    const z = (corner & 4) === 0 ? bounds.z0 : bounds.z1;
    const depth = view.depthOf(x, y, z);
    near = Math.min(near, depth);
    far = Math.max(far, depth);
    const column = view.columnOf(x, y, z);
    const row = view.rowOf(x, y, z);
    box.x0 = Math.min(box.x0, column);
    box.x1 = Math.max(box.x1, column);
    box.y0 = Math.min(box.y0, row);
    box.y1 = Math.max(box.y1, row);
  }
  if (far < NEAR_M) return null;
  // What reaches behind the camera may lie anywhere.
  if (near < NEAR_M) return { x0: 0, y0: 0, x1: view.width, y1: view.height, near: 0 };
  return { ...box, near };
}
