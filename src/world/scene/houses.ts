import { fromHex, type Rgb, scaled } from "../color.ts";
import { Dice, hash2 } from "../random.ts";
import { FacadePaint, type Fronts } from "./facade_paint.ts";
import { drawFacade, type FacadeStyle } from "./facade_style.ts";
import { PlainPaint, StripePaint, TilePaint } from "./plain_paint.ts";
import { BlockSolid, type Bounds, ConvexSolid, type Solid } from "./solids.ts";
import { STREET_BEHIND_M, STREET_END_M, type StreetPlan } from "./street_plan.ts";

/** How deep houses are, away from the street. */
const DEPTH_M = 12;
/** How far houses go on along the side street. */
const SIDE_STREET_END_M = 70;
const ROOFS = [0x8a4f3c, 0x6f4a3f, 0x55585c, 0x4a4440, 0x93614a];

/** A shop whose light falls onto the pavement at night. */
export interface ShopLight {
  readonly x: number;
  readonly y: number;
}

/** The houses of a street. */
export interface Houses {
  readonly solids: readonly Solid[];
  readonly shops: readonly ShopLight[];
}

/** Builds the rows of houses on both sides, around the side street, and across the far end. */
export function buildHouses(plan: StreetPlan): Houses {
  const dice = new Dice(hash2(plan.seed, 0x40e5e5));
  const builder = new HouseBuilder(dice);
  const { junction } = plan;
  const gapM = junction.halfM + dice.between(2.8, 4);
  const mean = dice.between(8.5, 14);
  for (const side of [-1, 1] as const) {
    const x = side < 0 ? -plan.houseXM[0] : plan.houseXM[1];
    builder.row(x, side, { from: -STREET_BEHIND_M, to: junction.yM - gapM }, mean);
    builder.row(x, side, { from: junction.yM + gapM, to: STREET_END_M - 12 }, mean);
    builder.sideStreet(x, side, [junction.yM - gapM, junction.yM + gapM], mean);
  }
  builder.closeEnd(mean);
  return { solids: builder.solids, shops: builder.shops };
}

class HouseBuilder {
  readonly solids: Solid[] = [];
  readonly shops: ShopLight[] = [];
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** A row of houses along the street, without gaps. */
  row(x: number, side: -1 | 1, span: { readonly from: number; readonly to: number }, mean: number) {
    const dice = this.#dice;
    let y = span.from;
    while (y < span.to - 1) {
      const rest = span.to - y;
      const width = rest < 19 ? rest : dice.between(7.5, 15);
      const height = this.#height(mean);
      const far = x + side * DEPTH_M;
      const bounds = {
        x0: Math.min(x, far),
        x1: Math.max(x, far),
        y0: y,
        y1: y + width,
        z0: 0,
        z1: height,
      };
      const style = drawFacade(dice);
      this.#house(bounds, style, {
        x: true,
        yLow: y === span.from,
        yHigh: y + width >= span.to - 1e-6,
      }, "y");
      if (style.ground === "shop") this.#shopFront(x, side, y, width, style);
      y += width;
    }
  }

  /** Houses along both sides of the side street, and one across its end. */
  sideStreet(x: number, side: -1 | 1, yM: readonly [number, number], mean: number): void {
    const dice = this.#dice;
    const fronts: Fronts = { x: false, yLow: true, yHigh: true };
    for (const low of [true, false]) {
      let out = DEPTH_M;
      while (out < SIDE_STREET_END_M) {
        const width = dice.between(9, 15);
        const [a, b] = [x + side * out, x + side * (out + width)];
        const y0 = low ? yM[0] - DEPTH_M : yM[1];
        const bounds = {
          x0: Math.min(a, b),
          x1: Math.max(a, b),
          y0,
          y1: y0 + DEPTH_M,
          z0: 0,
          z1: this.#height(mean),
        };
        this.#house(bounds, drawFacade(dice), fronts, "x");
        out += width;
      }
    }
    const end = x + side * (SIDE_STREET_END_M + 14);
    const bounds = {
      x0: Math.min(end, end + side * DEPTH_M),
      x1: Math.max(end, end + side * DEPTH_M),
      y0: yM[0] - 16,
      y1: yM[1] + 16,
      z0: 0,
      z1: this.#height(mean),
    };
    this.#house(bounds, drawFacade(dice), { x: true, yLow: false, yHigh: false }, "y");
  }

  /** Houses across the far end of the street. */
  closeEnd(mean: number): void {
    for (let x = -70; x < 70;) {
      const width = this.#dice.between(9, 16);
      const bounds = {
        x0: x,
        x1: x + width,
        y0: STREET_END_M,
        y1: STREET_END_M + DEPTH_M,
        z0: 0,
        z1: this.#height(mean) + 2,
      };
      const fronts: Fronts = { x: false, yLow: true, yHigh: false };
      this.#house(bounds, drawFacade(this.#dice), fronts, "x");
      x += width;
    }
  }

  #height(mean: number): number {
    return Math.max(6.2, mean * this.#dice.between(0.72, 1.35));
  }

  #house(bounds: Bounds, style: FacadeStyle, fronts: Fronts, ridge: "x" | "y"): void {
    const dice = this.#dice;
    // A whole number of floors, and room for the cornice.
    const floors = Math.max(1, Math.floor((bounds.z1 - style.groundM - 0.9) / style.floorM + 0.5));
    const body = { ...bounds, z1: style.groundM + floors * style.floorM + 0.9 };
    this.solids.push(new BlockSolid(body, new FacadePaint(style, body, fronts)));
    this.#cornice(body, style, fronts);
    if (style.wall !== "panel" && dice.chance(0.7)) {
      this.#roof(body, ridge, fromHex(dice.pick(ROOFS)));
    }
    if (dice.chance(0.6)) this.#chimney(body, scaled(style.wallColor, 0.7));
  }

  /** A ledge under the roof, on the sides that are fronts. */
  #cornice(body: Bounds, style: FacadeStyle, fronts: Fronts): void {
    const out = 0.28;
    const paint = new PlainPaint(style.trimColor);
    const along = fronts.x;
    this.solids.push(
      new BlockSolid({
        x0: body.x0 - (along ? out : 0),
        x1: body.x1 + (along ? out : 0),
        y0: body.y0 - (fronts.yLow ? out : 0),
        y1: body.y1 + (fronts.yHigh ? out : 0),
        z0: body.z1 - 0.22,
        z1: body.z1 + 0.02,
      }, paint),
    );
  }

  #roof(body: Bounds, ridge: "x" | "y", color: Rgb): void {
    const out = 0.35;
    const along = ridge === "y";
    const half = (along ? body.x1 - body.x0 : body.y1 - body.y0) / 2 + out;
    const rise = half * this.#dice.between(0.45, 0.85);
    const length = Math.sqrt(half * half + rise * rise);
    const [n, up] = [rise / length, half / length];
    const middle = along ? (body.x0 + body.x1) / 2 : (body.y0 + body.y1) / 2;
    const top = body.z1 + rise;
    const bounds = {
      x0: body.x0 - (along ? out : 0),
      x1: body.x1 + (along ? out : 0),
      y0: body.y0 - (along ? 0 : out),
      y1: body.y1 + (along ? 0 : out),
      z0: body.z1,
      z1: top,
    };
    const slopes = [-1, 1].map((s) => ({
      nx: along ? s * n : 0,
      ny: along ? 0 : s * n,
      nz: up,
      d: s * n * middle + up * top,
    }));
    const ends = along
      ? [{ nx: 0, ny: -1, nz: 0, d: -bounds.y0 }, { nx: 0, ny: 1, nz: 0, d: bounds.y1 }]
      : [{ nx: -1, ny: 0, nz: 0, d: -bounds.x0 }, { nx: 1, ny: 0, nz: 0, d: bounds.x1 }];
    const floor = { nx: 0, ny: 0, nz: -1, d: -body.z1 };
    this.solids.push(new ConvexSolid(bounds, [...slopes, ...ends, floor], new TilePaint(color)));
  }

  #chimney(body: Bounds, color: Rgb): void {
    const x = this.#dice.between(body.x0 + 2, body.x1 - 2);
    const y = this.#dice.between(body.y0 + 1, body.y1 - 1);
    this.solids.push(
      new BlockSolid({
        x0: x - 0.4,
        x1: x + 0.4,
        y0: y - 0.3,
        y1: y + 0.3,
        z0: body.z1,
        z1: body.z1 + this.#dice.between(2, 4),
      }, new PlainPaint(color)),
    );
  }

  /** An awning over some shops, and the light of the shop on the pavement. */
  #shopFront(x: number, side: -1 | 1, y: number, width: number, style: FacadeStyle): void {
    const dice = this.#dice;
    this.shops.push({ x: x - side * 1.1, y: y + width / 2 });
    if (!dice.chance(0.55)) return;
    const reach = dice.between(1, 1.6);
    const [high, low] = [2.92, 2.45];
    const outX = x - side * reach;
    const length = Math.sqrt(reach * reach + (high - low) * (high - low));
    // The cloth slopes down away from the wall.
    const n = { nx: -side * (high - low) / length, ny: 0, nz: reach / length };
    const bounds = {
      x0: Math.min(x, outX),
      x1: Math.max(x, outX),
      y0: y + 0.4,
      y1: y + width - 0.4,
      z0: low - 0.2,
      z1: high,
    };
    const under = { nx: -n.nx, ny: 0, nz: -n.nz, d: -(n.nx * x + n.nz * (high - 0.2)) };
    const sides = [
      { ...n, d: n.nx * x + n.nz * high },
      under,
      { nx: 0, ny: -1, nz: 0, d: -bounds.y0 },
      { nx: 0, ny: 1, nz: 0, d: bounds.y1 },
      { nx: -side, ny: 0, nz: 0, d: -side * outX },
      { nx: side, ny: 0, nz: 0, d: side * x },
    ];
    const white = fromHex(0xeae6da);
    const cloth = dice.chance(0.5)
      ? new StripePaint(style.shopColor, white, 0.3)
      : new PlainPaint(style.signColor);
    this.solids.push(new ConvexSolid(bounds, sides, cloth));
  }
}
