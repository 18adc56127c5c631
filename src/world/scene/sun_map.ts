import { Ray } from "./ray.ts";
import type { Scenery } from "./scenery.ts";

const CELL_M = 0.5;
const X0 = -30;
const Y0 = -40;
const COLUMNS = 120;
const ROWS = 560;
const UNKNOWN = 255;
/** Height at which the sun is looked for, in metres: the middle of a body. */
const HEIGHT_M = 0.8;

/** Where the sun reaches things that move, cell by cell, found out when first asked. */
export class SunMap {
  readonly #scenery: Scenery;
  readonly #cells = new Uint8Array(COLUMNS * ROWS).fill(UNKNOWN);
  readonly #ray = new Ray();

  /** The map of a scenery. */
  constructor(scenery: Scenery) {
    this.#scenery = scenery;
  }

  /** Share of the sun at a place, 0 to 1; it changes evenly from cell to cell. */
  at(x: number, y: number): number {
    const u = (x - X0) / CELL_M - 0.5;
    const v = (y - Y0) / CELL_M - 0.5;
    const column = Math.floor(u);
    const row = Math.floor(v);
    const fu = u - column;
    const fv = v - row;
    const low = this.#cell(column, row) * (1 - fu) + this.#cell(column + 1, row) * fu;
    const high = this.#cell(column, row + 1) * (1 - fu) + this.#cell(column + 1, row + 1) * fu;
    return low * (1 - fv) + high * fv;
  }

  #cell(column: number, row: number): number {
    if (column < 0 || row < 0 || column >= COLUMNS || row >= ROWS) return 1;
    const index = row * COLUMNS + column;
    const known = this.#cells[index]!;
    if (known !== UNKNOWN) return known;
    const x = X0 + (column + 0.5) * CELL_M;
    const y = Y0 + (row + 0.5) * CELL_M;
    return this.#cells[index] = this.#sees(x, y) ? 1 : 0;
  }

  #sees(x: number, y: number): boolean {
    const { plan, shadows } = this.#scenery;
    const { sunX, sunY, sunZ } = plan.light;
    const ray = this.#ray;
    ray.aim(x, y, HEIGHT_M, sunX, sunY, sunZ);
    for (const { solid } of shadows.at(x, y, HEIGHT_M)) {
      solid.meet(ray);
      if (ray.t < Infinity) return false;
    }
    return true;
  }
}
