import { hash2 } from "../random.ts";
import { buildFurniture, type Furniture } from "./furniture.ts";
import { GroundPaint } from "./ground_paint.ts";
import { buildHouses, type ShopLight } from "./houses.ts";
import { Sky } from "./sky.ts";
import { ShadowLists } from "./solid_lists.ts";
import type { Solid } from "./solids.ts";
import { STREET_END_M, type StreetPlan } from "./street_plan.ts";

/** Everything of a street that stands still. */
export interface Scenery {
  /** Where it came from. */
  readonly plan: StreetPlan;
  /** Houses, trees, posts. */
  readonly solids: readonly Solid[];
  /** Lamps, and traffic lights. */
  readonly furniture: Furniture;
  /** Shop windows that light the pavement. */
  readonly shops: readonly ShopLight[];
  /** Road and pavements. */
  readonly ground: GroundPaint;
  /** The sky. */
  readonly sky: Sky;
  /** What can stand between a point and the sun. */
  readonly shadows: ShadowLists;
}

/** Builds a street's scenery; nothing is drawn yet. */
export function buildScenery(plan: StreetPlan): Scenery {
  const houses = buildHouses(plan);
  const furniture = buildFurniture(plan);
  const solids = [...houses.solids, ...furniture.solids];
  const area = { x0: -40, y0: -20, x1: 40, y1: STREET_END_M };
  return {
    plan,
    solids,
    furniture,
    shops: houses.shops,
    ground: new GroundPaint(plan),
    sky: new Sky(plan.light, hash2(plan.seed, 0x5c9) & 0xffff),
    shadows: new ShadowLists(plan.light, solids, area),
  };
}
