/** Numbers of one corner: column and row in pixels, and one over the depth. */
const CORNER_SIZE = 3;

/** Most triangles of one object; more are a program's mistake. */
export const TRIANGLES_MAX = 8192;

/** The visible triangles of one object in the picture, with what surrounds them. Used again and again. */
export class ScreenTriangles {
  /** How many there are. */
  count = 0;
  /** Three corners a triangle: column, row, 1 / depth. */
  readonly corners = new Float64Array(TRIANGLES_MAX * 3 * CORNER_SIZE);
  /** Colours of the corners as RGBA words. */
  readonly colors = new Uint32Array(TRIANGLES_MAX * 3);
  /** The part of the picture they cover, in pixels. */
  x0 = Infinity;
  y0 = Infinity;
  x1 = -Infinity;
  y1 = -Infinity;

  /** Forgets all triangles. */
  clear(): void {
    this.count = 0;
    this.x0 = Infinity;
    this.y0 = Infinity;
    this.x1 = -Infinity;
    this.y1 = -Infinity;
  }

  /** Adds a corner; every third one completes a triangle. */
  setCorner(corner: 0 | 1 | 2, column: number, row: number, w: number, color: number): void {
    if (this.count >= TRIANGLES_MAX) {
      throw new RangeError(`Cannot draw over ${TRIANGLES_MAX} triangles`);
    }
    const at = this.count * 3 + corner;
    this.corners[at * 3] = column;
    this.corners[at * 3 + 1] = row;
    this.corners[at * 3 + 2] = w;
    this.colors[at] = color;
    if (column < this.x0) this.x0 = column;
    if (column > this.x1) this.x1 = column;
    if (row < this.y0) this.y0 = row;
    if (row > this.y1) this.y1 = row;
    if (corner === 2) this.count++;
  }
}
