import type { CameraView } from "../camera_view.ts";
import { fromHex, type Rgb } from "../color.ts";
import { clamp, smoothstep } from "../exact_math.ts";
import { noise2 } from "../noise.ts";
import { lampFalloff } from "./furniture.ts";
import { isPavement } from "./ground_paint.ts";
import { SurfacePoint } from "./paint.ts";
import { Ray } from "./ray.ts";
import type { Scenery } from "./scenery.ts";
import { PictureLists } from "./solid_lists.ts";
import type { Solid } from "./solids.ts";

/** What a look through the picture ends at. */
export type LookKind = "ground" | "solid" | "sky";

/** Depth that stands for the sky, in metres. */
export const SKY_DEPTH_M = 600;
const BOUNCE: Rgb = fromHex(0xb3a894);
const LAMP: Rgb = fromHex(0xffd49a);
const SHOP: Rgb = fromHex(0xffe0b0);
/** Light of what stands opposite, where a window does not reflect the sky. */
const OPPOSITE = 0.16;

/**
 * Follows looks through a picture into the scenery. The light of a point comes in three parts that
 * are added up later: what the sun gives, what the sky gives, and what lamps give. So one drawing
 * serves any time of day.
 */
export class SceneryTracer {
  /** Light of the sun, by colour. */
  readonly sun = new Float64Array(3);
  /** Light of the sky. */
  readonly sky = new Float64Array(3);
  /** Light of lamps and lit windows. */
  readonly lamps = new Float64Array(3);
  /** Depth of the point, in metres. */
  depthM = 0;
  /** What was met. */
  kind: LookKind = "sky";

  readonly #view: CameraView;
  readonly #scenery: Scenery;
  readonly #wet: boolean;
  readonly #lists: PictureLists;
  readonly #mirrored: PictureLists | null;
  readonly #ray = new Ray();
  readonly #shadowRay = new Ray();
  readonly #point = new SurfacePoint();
  readonly #direction = new Float64Array(3);
  readonly #skyLight = new Float64Array(3);

  /** A tracer for one view; `wet` makes the ground shine after rain. */
  constructor(view: CameraView, scenery: Scenery, wet: boolean) {
    this.#view = view;
    this.#scenery = scenery;
    this.#wet = wet;
    this.#lists = new PictureLists(view, scenery.solids);
    // In a wet road the street stands upside down: the same looks, into a mirrored street.
    this.#mirrored = wet ? new PictureLists(view, scenery.solids.map(mirror)) : null;
  }

  /** Follows the look through a point of the picture. */
  look(columnPx: number, rowPx: number): void {
    const { pose } = this.#view;
    const direction = this.#direction;
    this.#view.directionInto(direction, columnPx, rowPx);
    const ray = this.#ray;
    ray.aim(pose.xM, pose.yM, pose.zM, direction[0]!, direction[1]!, direction[2]!);
    this.sun.fill(0);
    this.sky.fill(0);
    this.lamps.fill(0);
    for (const { solid, near } of this.#lists.at(columnPx, rowPx)) {
      if (near > ray.t) break;
      solid.meet(ray);
    }
    this.#meetGround(ray);
    if (ray.t === Infinity) {
      this.#addSky(direction[0]!, direction[1]!, direction[2]!, 1);
      this.depthM = SKY_DEPTH_M;
      this.kind = "sky";
      return;
    }
    this.depthM = ray.t;
    this.kind = ray.solid === null ? "ground" : "solid";
    this.#paint(ray);
    const wetness = this.#wet ? this.#wetness() : 0;
    this.#addLight(1 - wetness);
    if (wetness > 0) this.#addReflection(columnPx, rowPx, wetness);
  }

  /** Meets the pavement, the road, or the face of the kerb between them. */
  #meetGround(ray: Ray): void {
    if (ray.dz >= -1e-6) return;
    const { plan } = this.#scenery;
    const high = (plan.kerbZM - ray.oz) / ray.dz;
    if (high >= ray.t) return;
    if (isPavement(plan, ray.ox + ray.dx * high, ray.oy + ray.dy * high)) {
      ray.t = high;
      ray.solid = null;
      [ray.nx, ray.ny, ray.nz] = [0, 0, 1];
      return;
    }
    const low = -ray.oz / ray.dz;
    if (low >= ray.t) return;
    const x = ray.ox + ray.dx * low;
    const y = ray.oy + ray.dy * low;
    ray.t = low;
    ray.solid = null;
    [ray.nx, ray.ny, ray.nz] = [0, 0, 1];
    if (!isPavement(plan, x, y)) return;
    // The look goes under the pavement's edge: it ends at the kerb.
    const beside = Math.abs(y - plan.junction.yM) > plan.junction.halfM + plan.junction.cornerM;
    [ray.nx, ray.ny, ray.nz] = beside ? [x < 0 ? 1 : -1, 0, 0] : [0, ray.dy > 0 ? -1 : 1, 0];
  }

  /** Fills in what the surface looks like where the ray ended. */
  #paint(ray: Ray): void {
    const point = this.#point;
    point.clear();
    point.x = ray.ox + ray.dx * ray.t;
    point.y = ray.oy + ray.dy * ray.t;
    point.z = ray.oz + ray.dz * ray.t;
    [point.nx, point.ny, point.nz] = [ray.nx, ray.ny, ray.nz];
    [point.dx, point.dy, point.dz] = [ray.dx, ray.dy, ray.dz];
    const length = Math.sqrt(ray.dx * ray.dx + ray.dy * ray.dy + ray.dz * ray.dz);
    const facing = Math.abs(ray.dx * ray.nx + ray.dy * ray.ny + ray.dz * ray.nz) / length;
    // Seen at a slant a sample covers more; the mean of both sides keeps lines across sharp.
    point.footprintM = ray.t / this.#view.focalPx / Math.sqrt(Math.max(0.03, facing));
    if (ray.solid === null) this.#scenery.ground.apply(point);
    else ray.solid.paint.apply(point);
  }

  /** Adds the light of the painted point, times `share`. */
  #addLight(share: number): void {
    const point = this.#point;
    const { light } = this.#scenery.plan;
    const matt = share * (1 - point.mirror);
    const open = point.open * this.#openness(point);
    const towards = point.nx * light.sunX + point.ny * light.sunY + point.nz * light.sunZ;
    if (towards > 0 && light.sun.g > 0 && !this.#isShaded(point)) {
      const sun = towards * point.open * matt;
      this.sun[0]! += point.r * light.sun.r * sun;
      this.sun[1]! += point.g * light.sun.g * sun;
      this.sun[2]! += point.b * light.sun.b * sun;
    }
    const up = 0.5 + 0.5 * point.nz;
    const below = 0.3 * (1 - up) * (0.35 + light.sun.g * 0.35);
    const sky = matt * open;
    const { zenith, horizon } = light;
    this.sky[0]! += point.r * sky * (up * (zenith.r + horizon.r) * 0.5 + below * BOUNCE.r);
    this.sky[1]! += point.g * sky * (up * (zenith.g + horizon.g) * 0.5 + below * BOUNCE.g);
    this.sky[2]! += point.b * sky * (up * (zenith.b + horizon.b) * 0.5 + below * BOUNCE.b);
    this.#addLamps(matt, share);
    if (point.mirror > 0) this.#addMirror(share);
  }

  #addLamps(matt: number, share: number): void {
    const point = this.#point;
    const { furniture, shops } = this.#scenery;
    let light = 0;
    for (const lamp of furniture.lamps) {
      if (Math.abs(lamp.y - point.y) > 26) continue;
      const falloff = lampFalloff(lamp, point.x, point.y, point.z);
      if (falloff === 0) continue;
      const dx = lamp.x - point.x;
      const dy = lamp.y - point.y;
      const dz = lamp.z - point.z;
      const length = Math.sqrt(dx * dx + dy * dy + dz * dz);
      const facing = (dx * point.nx + dy * point.ny + dz * point.nz) / length;
      light += falloff * Math.max(0.06, facing);
    }
    let shop = 0;
    for (const { x, y } of shops) {
      const dx = x - point.x;
      const dy = y - point.y;
      const d2 = dx * dx + dy * dy + point.z * point.z;
      if (d2 < 60) shop += 0.55 * (1 - d2 / 60) / (1 + d2 * 0.35);
    }
    this.lamps[0]! += point.r * matt * (light * LAMP.r + shop * SHOP.r) + point.glowR * share;
    this.lamps[1]! += point.g * matt * (light * LAMP.g + shop * SHOP.g) + point.glowG * share;
    this.lamps[2]! += point.b * matt * (light * LAMP.b + shop * SHOP.b) + point.glowB * share;
  }

  /** Glass shows the sky where the look bounces upwards, else what stands opposite. */
  #addMirror(share: number): void {
    const point = this.#point;
    const dot = point.dx * point.nx + point.dy * point.ny + point.dz * point.nz;
    const x = point.dx - 2 * dot * point.nx;
    const y = point.dy - 2 * dot * point.ny;
    const z = point.dz - 2 * dot * point.nz;
    const length = Math.sqrt(x * x + y * y + z * z);
    const strength = share * point.mirror;
    const up = smoothstep(0.02, 0.3, z / length);
    if (up > 0) this.#addSky(x, y, z, strength * up);
    for (let i = 0; i < 3; i++) this.sky[i]! += strength * (1 - up) * OPPOSITE;
  }

  #addSky(x: number, y: number, z: number, share: number): void {
    const length = 1 / Math.sqrt(x * x + y * y + z * z);
    this.#scenery.sky.lightInto(this.#skyLight, x * length, y * length, z * length);
    for (let i = 0; i < 3; i++) this.sky[i]! += share * this.#skyLight[i]!;
  }

  /** How much of the sky a point sees between the houses, 0 to 1. */
  #openness(point: SurfacePoint): number {
    const { houseXM } = this.#scenery.plan;
    const low = point.z < 0.3;
    const wall = point.x < 0 ? houseXM[0] + point.x : houseXM[1] - point.x;
    if (low && point.nz > 0.5) return 0.5 + 0.42 * smoothstep(-0.2, 4, wall);
    return 0.62 + 0.38 * clamp(point.z / 9, 0, 1);
  }

  #isShaded(point: SurfacePoint): boolean {
    const { light } = this.#scenery.plan;
    const ray = this.#shadowRay;
    const lift = 0.012;
    ray.aim(
      point.x + point.nx * lift,
      point.y + point.ny * lift,
      point.z + point.nz * lift,
      light.sunX,
      light.sunY,
      light.sunZ,
    );
    for (const { solid } of this.#scenery.shadows.at(point.x, point.y, point.z)) {
      solid.meet(ray);
      if (ray.t < Infinity) return true;
    }
    return false;
  }

  /** Share of light that wet ground reflects: more at a slant (Schlick, 1994), most in puddles. */
  #wetness(): number {
    if (this.kind !== "ground") return 0;
    const point = this.#point;
    const length = Math.sqrt(point.dx * point.dx + point.dy * point.dy + point.dz * point.dz);
    const steep = clamp(1 + point.dz / length, 0, 1);
    const fresnel = 0.03 + 0.97 * steep * steep * steep * steep * steep;
    const puddle = smoothstep(0.55, 0.68, noise2(point.x * 0.45, point.y * 0.3, 91));
    point.shade(0.58 - 0.12 * puddle);
    return Math.min(0.85, fresnel * (0.45 + 0.55 * puddle) + 0.06 * puddle);
  }

  /** Adds what a wet road mirrors, times `share`; ripples shift where it is seen. */
  #addReflection(columnPx: number, rowPx: number, share: number): void {
    const { x, y } = this.#point;
    const scale = this.#view.focalPx * 0.012;
    const columns = columnPx + (noise2(x * 6, y * 6, 93) - 0.5) * scale;
    const rows = rowPx + (noise2(x * 5, y * 7, 94) - 0.5) * scale * 3;
    const [depthM, kind] = [this.depthM, this.kind];
    const { pose, width, height } = this.#view;
    const direction = this.#direction;
    const column = clamp(columns, 0, width - 1e-3);
    const row = clamp(rows, 0, height - 1e-3);
    this.#view.directionInto(direction, column, row);
    const ray = this.#ray;
    ray.aim(pose.xM, pose.yM, -pose.zM, direction[0]!, direction[1]!, -direction[2]!);
    for (const { solid, near } of this.#mirrored!.at(column, row)) {
      if (near > ray.t) break;
      (solid as MirroredSolid).original.meet(ray);
    }
    if (ray.t === Infinity) {
      this.#addSky(direction[0]!, direction[1]!, Math.max(0.02, -direction[2]!), share);
    } else {
      this.#paint(ray);
      this.#addLight(share);
    }
    this.depthM = depthM;
    this.kind = kind;
  }
}

/** A solid with the space that its mirror image below the road fills. */
interface MirroredSolid extends Solid {
  readonly original: Solid;
}

function mirror(original: Solid): MirroredSolid {
  const { bounds, paint } = original;
  return {
    original,
    bounds: { ...bounds, z0: -bounds.z1, z1: -bounds.z0 },
    paint,
    meet: (ray) => original.meet(ray),
  };
}
