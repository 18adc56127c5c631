import { cos, PI, sin } from "../exact_math.ts";

/** A place on a path. */
export interface PathPoint {
  x: number;
  y: number;
  /** Direction of travel, of length 1. */
  headingX: number;
  headingY: number;
}

interface Piece {
  /** Way to its beginning, and its length, in metres. */
  readonly start: number;
  readonly length: number;
  readonly x: number;
  readonly y: number;
  readonly headingX: number;
  readonly headingY: number;
  /** Radius of a turn: positive to the left, negative to the right, 0 for none. */
  readonly radius: number;
}

/** A way over the ground: straight pieces with rounded corners. */
export class Path {
  /** Length in metres. */
  readonly lengthM: number;
  readonly #pieces: Piece[] = [];

  /**
   * A path through points; corners are right angles, rounded with `cornerM` where there is room.
   */
  constructor(points: readonly (readonly [x: number, y: number])[], cornerM = 0) {
    let start = 0;
    let [x, y] = points[0]!;
    for (let i = 1; i < points.length; i++) {
      const [px, py] = points[i]!;
      const next = points[i + 1];
      const way = Math.sqrt((px - x) * (px - x) + (py - y) * (py - y));
      const headingX = (px - x) / way;
      const headingY = (py - y) / way;
      const cut = next === undefined ? 0 : Math.min(cornerM, way / 2);
      const length = way - cut;
      this.#pieces.push({ start, length, x, y, headingX, headingY, radius: 0 });
      start += length;
      x += headingX * length;
      y += headingY * length;
      if (next === undefined || cut === 0) continue;
      const turn = headingX * (next[1] - py) - headingY * (next[0] - px) > 0 ? 1 : -1;
      const arc = cut * PI / 2;
      this.#pieces.push({ start, length: arc, x, y, headingX, headingY, radius: turn * cut });
      start += arc;
      x = px - turn * headingY * cut;
      y = py + turn * headingX * cut;
    }
    this.lengthM = start;
  }

  /** Writes the place after `wayM` metres into `out`; beyond the ends it goes straight on. */
  placeInto(out: PathPoint, wayM: number): void {
    let piece = this.#pieces[0]!;
    for (const next of this.#pieces) {
      if (next.start > wayM) break;
      piece = next;
    }
    const along = wayM - piece.start;
    const { x, y, headingX, headingY, radius } = piece;
    if (radius === 0) {
      out.x = x + headingX * along;
      out.y = y + headingY * along;
      out.headingX = headingX;
      out.headingY = headingY;
      return;
    }
    const angle = along / radius;
    const [s, c] = [sin(angle), cos(angle)];
    out.x = x + radius * (headingX * s - headingY * (1 - c));
    out.y = y + radius * (headingY * s + headingX * (1 - c));
    out.headingX = headingX * c - headingY * s;
    out.headingY = headingY * c + headingX * s;
  }
}
