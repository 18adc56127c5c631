import { fromHex, type Rgb } from "../color.ts";
import { noise2 } from "../noise.ts";
import type { SurfacePoint } from "./paint.ts";
import { type StreetPlan, ZEBRA_M } from "./street_plan.ts";
import { blend } from "./wall_paint.ts";

const WHITE: Rgb = fromHex(0xe9e7df);
const RED: Rgb = fromHex(0x9c4a3c);
const GREEN: Rgb = fromHex(0x4c7f56);
const LINE_M = 0.12;
const BAR_M = 0.5;
/** Distance of the stop line in the side street from the pavement it crosses. */
export const STOP_GAP_M = 0.5;

/** Paints what is marked on the carriageway: lines, zebras, bicycle lanes, parking bays. */
export function paintMarkings(point: SurfacePoint, plan: StreetPlan, seed: number): void {
  const { x, y } = point;
  const { junction } = plan;
  const fromJunction = Math.abs(y - junction.yM) - junction.halfM;
  if (fromJunction < 0) return paintSideStreet(point, plan, seed);
  const [near, far] = junction.zebraYM;
  const side = x < 0 ? 0 : 1;
  const kerb = plan.kerbXM[side];
  const atX = Math.abs(x);
  if (atX > kerb) return;
  const driven = plan.lanes * plan.laneM;
  const inZebra = (y > near && y < near + ZEBRA_M) || (y > far && y < far + ZEBRA_M);
  if (!inZebra && atX > driven && atX < driven + plan.bikeM) paintBikeLane(point, plan, seed);
  if (inZebra) {
    const bar = x / (2 * BAR_M);
    if (bar - Math.floor(bar) < 0.5 && atX < kerb - 0.15) draw(point, seed);
    return;
  }
  const beforeZebra = y < near ? near - y : y > far + ZEBRA_M ? y - far - ZEBRA_M : -1;
  // Stop lines lie on the half that drives towards the junction.
  const incoming = (y < junction.yM ? 1 : -1) * plan.driveSide * x > 0;
  if (incoming && beforeZebra > 0.9 && beforeZebra < 1.25 && atX < driven) {
    draw(point, seed);
    return;
  }
  if (beforeZebra < 0) return;
  paintLines(point, plan, seed, { atX, driven, kerb, beforeZebra });
}

function paintLines(
  point: SurfacePoint,
  plan: StreetPlan,
  seed: number,
  at: {
    readonly atX: number;
    readonly driven: number;
    readonly kerb: number;
    readonly beforeZebra: number;
  },
): void {
  const { atX, driven, kerb } = at;
  const near = at.beforeZebra < 16;
  // The middle: broken, and solid before the junction.
  if (atX < LINE_M / 2 && (near || dash(point.y, 3, 6))) return draw(point, seed);
  if (plan.lanes === 2 && Math.abs(atX - plan.laneM) < LINE_M / 2 && dash(point.y, 3, 6)) {
    return draw(point, seed);
  }
  if (Math.abs(atX - driven) < LINE_M / 2 && plan.bikeSurface !== "plain") {
    if (near || dash(point.y, 1, 1)) return draw(point, seed);
  }
  const parking = kerb - driven - plan.bikeM;
  if (parking <= 0 || near) return;
  if (Math.abs(atX - driven - plan.bikeM) < LINE_M / 2 && dash(point.y, 0.5, 0.5)) {
    return draw(point, seed);
  }
  const bay = point.y / 6;
  if (atX > driven + plan.bikeM && bay - Math.floor(bay) < 0.017) draw(point, seed);
}

function paintBikeLane(point: SurfacePoint, plan: StreetPlan, seed: number): void {
  if (plan.bikeSurface === "red") wash(point, RED, seed);
  if (plan.bikeSurface === "green") wash(point, GREEN, seed);
}

function paintSideStreet(point: SurfacePoint, plan: StreetPlan, seed: number): void {
  const { x, y } = point;
  const { junction, kerbXM, houseXM } = plan;
  const side = x < 0 ? 0 : 1;
  const fromMain = Math.abs(x) - kerbXM[side];
  const pavement = houseXM[side] - kerbXM[side];
  if (fromMain < 1.3) return;
  if (fromMain < pavement - 0.3) {
    // A zebra that goes on from the pavement.
    const bar = (y - junction.yM) / (2 * BAR_M);
    if (bar - Math.floor(bar) < 0.5) draw(point, seed);
    return;
  }
  const stop = fromMain > pavement + STOP_GAP_M && fromMain < pavement + STOP_GAP_M + 0.35;
  // Traffic in the side street comes in on the half that the drive side gives.
  const incoming = (x < 0 ? -1 : 1) * plan.driveSide * (y - junction.yM) > 0;
  if (stop && incoming) draw(point, seed);
  else if (Math.abs(y - junction.yM) < LINE_M / 2 && dash(x, 1.5, 2.5)) draw(point, seed);
}

function dash(along: number, on: number, off: number): boolean {
  const phase = along / (on + off);
  return (phase - Math.floor(phase)) * (on + off) < on;
}

/** White paint, worn off here and there. */
function draw(point: SurfacePoint, seed: number): void {
  const wear = noise2(point.x * 5, point.y * 5, seed + 40);
  const worn = noise2(point.x * 0.6, point.y * 0.4, seed + 41);
  blend(point, WHITE, 0.9 - 0.35 * worn - (wear > 0.72 ? 0.3 * point.sees(0.3) : 0));
}

function wash(point: SurfacePoint, color: Rgb, seed: number): void {
  blend(point, color, 0.62 - 0.2 * noise2(point.x * 0.8, point.y * 0.5, seed + 42));
}
