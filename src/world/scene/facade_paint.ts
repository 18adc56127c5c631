import { fromHex } from "../color.ts";
import { hash2, hash3 } from "../random.ts";
import type { FacadeStyle } from "./facade_style.ts";
import type { Paint, SurfacePoint } from "./paint.ts";
import { paintShop } from "./shop_paint.ts";
import type { Bounds } from "./solids.ts";
import { blend, paintWall } from "./wall_paint.ts";
import { paintWindow, type WallLook } from "./window_paint.ts";

/** Which sides of a house are fronts; the others are bare. */
export interface Fronts {
  /** The sides that look along x, up and down. */
  readonly x: boolean;
  /** The side that looks back along the street, towards the camera. */
  readonly yLow: boolean;
  /** The side that looks along the street, away from the camera. */
  readonly yHigh: boolean;
}

/** Wished width of one shop. */
const SHOP_M = 5.2;
const DOOR_HALF_M = 0.55;
const ROOF = fromHex(0x6a665f);

/** A house: fronts with windows, a ground floor with shops or doors, bare sides. */
export class FacadePaint implements Paint {
  readonly #style: FacadeStyle;
  readonly #bounds: Bounds;
  readonly #fronts: Fronts;
  readonly #look: WallLook = { u: 0, v: 0, slopeU: 0, slopeV: 0 };

  /** The paint of the house that fills `bounds`. */
  constructor(style: FacadeStyle, bounds: Bounds, fronts: Fronts) {
    this.#style = style;
    this.#bounds = bounds;
    this.#fronts = fronts;
  }

  apply(point: SurfacePoint): void {
    const bounds = this.#bounds;
    const look = this.#look;
    if (point.nz > 0.5) {
      point.tint(ROOF);
      return;
    }
    const alongY = point.nx !== 0;
    const inward = alongY ? -point.dx * point.nx : -point.dy * point.ny;
    look.u = alongY ? point.y - bounds.y0 : point.x - bounds.x0;
    look.v = point.z;
    look.slopeU = (alongY ? point.dy : point.dx) / inward;
    look.slopeV = point.dz / inward;
    const { fronts, width, height } = alongY
      ? { fronts: this.#fronts.x, width: bounds.y1 - bounds.y0, height: bounds.z1 }
      : {
        fronts: point.ny < 0 ? this.#fronts.yLow : this.#fronts.yHigh,
        width: bounds.x1 - bounds.x0,
        height: bounds.z1,
      };
    if (!fronts) paintWall(point, this.#style, look.u, look.v);
    else if (point.z < this.#style.groundM) this.#paintGround(point, width);
    else this.#paintFloors(point, width, height);
  }

  #paintFloors(point: SurfacePoint, width: number, height: number): void {
    const style = this.#style;
    const look = this.#look;
    const { u, v } = look;
    const top = height - v;
    if (top < 0.55) {
      // The cornice, with its shadow below.
      point.tint(style.trimColor, top < 0.36 ? 1 : 0.7);
      return;
    }
    const over = v - style.groundM;
    const floor = Math.floor(over / style.floorM);
    look.v = over - floor * style.floorM;
    if (look.v < 0.16 && (style.bands || floor === 0)) {
      point.tint(style.trimColor, 0.98);
      return;
    }
    const bays = Math.max(1, Math.floor(width / style.bayM + 0.5));
    const bayM = width / bays;
    const column = Math.min(bays - 1, Math.floor(u / bayM));
    look.u = u - (column + 0.5) * bayM;
    // No window that would reach into the cornice.
    const fits = style.groundM + floor * style.floorM + style.sillM + style.windowHeightM <
      height - 0.7;
    if (fits && paintWindow(point, style, look, { column, floor })) return;
    paintWall(point, style, u, v);
    // Below sills rain leaves a darker patch.
    if (Math.abs(look.u) < style.windowWidthM / 2 && look.v < style.sillM && floor >= 0) {
      point.shade(1 - 0.08 * point.sees(0.6));
    }
  }

  #paintGround(point: SurfacePoint, width: number): void {
    const style = this.#style;
    const look = this.#look;
    if (style.ground === "shop") {
      const shops = Math.max(1, Math.floor(width / SHOP_M + 0.5));
      const shopM = width / shops;
      const index = Math.min(shops - 1, Math.floor(look.u / shopM));
      look.u -= index * shopM;
      paintShop(point, style, look, index, shopM);
      return;
    }
    const bays = Math.max(1, Math.floor(width / style.bayM + 0.5));
    const bayM = width / bays;
    const column = Math.min(bays - 1, Math.floor(look.u / bayM));
    const { u, v } = look;
    look.u = u - (column + 0.5) * bayM;
    const door = hash2(style.seed, 77) % bays;
    if (column === door && this.#paintDoor(point)) return;
    if (column !== door) {
      look.v = v - 0.35;
      if (paintWindow(point, style, look, { column, floor: -1 })) return;
    }
    paintWall(point, style, u, v);
    if (v < 0.55) blend(point, style.trimColor, 0.55);
    if (v < 0.55) point.shade(0.75);
  }

  #paintDoor(point: SurfacePoint): boolean {
    const { u, v } = this.#look;
    const style = this.#style;
    const side = Math.abs(u);
    if (v > 2.75 || side > DOOR_HALF_M + 0.16) return false;
    if (side > DOOR_HALF_M || v > 2.6) {
      point.tint(style.trimColor);
      return true;
    }
    point.tint(style.doorColor);
    point.open = 0.8;
    const window = v > 2.15 && v < 2.5;
    if (window) {
      point.tint(ROOF, 0.3);
      point.mirror = 0.3;
    }
    // Two panels, and light over the door in some houses.
    const panel = side < 0.38 && ((v > 0.3 && v < 1) || (v > 1.2 && v < 2));
    if (panel) point.shade(0.8);
    if (window && hash3(style.seed, 5, 9) % 2 === 0) point.glow(style.signColor, 0.5);
    return true;
  }
}
