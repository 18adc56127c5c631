import type { CameraView } from "../camera_view.ts";
import type { ToneCurve } from "../color.ts";
import type { Mesh } from "../models/mesh.ts";
import { type Model, type Motion, PLACEMENT_SIZE } from "../models/model.ts";
import type { ObjectLight } from "./object_light.ts";
import type { ScreenTriangles } from "./screen_triangles.ts";
import { finishVertex, lightVertex, type LocalDirections, VERTEX_LIGHT_SIZE } from "./shader.ts";

/** Depth in metres in front of which triangles are cut off. */
const NEAR_M = 0.2;
const VERTICES_MAX = 8192;
const PARTS_MAX = 16;
const NO_COLOR = 0;

/** Where an object stands: on the ground at `x`, `y`, `z`, looking along the heading of length 1. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly headingX: number;
  readonly headingY: number;
}

/** A model at a moment. */
export interface PosedModel {
  readonly model: Model;
  readonly place: Place;
  readonly motion: Motion;
}

/** How vertices are moved before the camera looks at them. */
type Move = "none" | "shadow" | "mirror";

/** Takes models into the picture: poses, places, shades and projects their triangles. */
export class ObjectProjector {
  readonly #view: CameraView;
  readonly #tone: ToneCurve;
  readonly #placements = new Float64Array(PARTS_MAX * PLACEMENT_SIZE);
  readonly #matrix = new Float64Array(PLACEMENT_SIZE);
  readonly #directions: LocalDirections = {
    sun: new Float64Array(3),
    up: new Float64Array(3),
    eye: new Float64Array(3),
  };
  /** Of every vertex: side, up and depth in metres as the camera sees it. */
  readonly #seen = new Float64Array(VERTICES_MAX * 3);
  /** Of every vertex in front of the camera: column, row and 1 / depth. */
  readonly #screen = new Float64Array(VERTICES_MAX * 3);
  readonly #lights = new Float64Array(VERTICES_MAX * VERTEX_LIGHT_SIZE);
  readonly #litFor = new Uint32Array(VERTICES_MAX);
  #stamp = 0;
  #shaded = true;
  readonly #cut = new Float64Array(4 * 3);
  readonly #cutColors = new Uint32Array(4);
  readonly #colors = new Uint32Array(3);

  /** A projector for one view; `tone` turns light into codes. */
  constructor(view: CameraView, tone: ToneCurve) {
    this.#view = view;
    this.#tone = tone;
  }

  /** The triangles that face the camera, shaded. */
  solid(out: ScreenTriangles, object: PosedModel, light: ObjectLight): void {
    this.#project(out, object, light, "none");
  }

  /** The same triangles without colours. */
  outline(out: ScreenTriangles, object: PosedModel, light: ObjectLight): void {
    this.#project(out, object, light, "none", false);
  }

  /** The triangles of the mirror image in the ground, shaded. */
  mirrored(out: ScreenTriangles, object: PosedModel, light: ObjectLight): void {
    this.#project(out, object, light, "mirror");
  }

  /** The triangles of the shadow on the ground; their colours mean nothing. */
  shadow(out: ScreenTriangles, object: PosedModel, light: ObjectLight): void {
    this.#project(out, object, light, "shadow");
  }

  #project(
    out: ScreenTriangles,
    object: PosedModel,
    light: ObjectLight,
    move: Move,
    shaded = move !== "shadow",
  ): void {
    this.#shaded = shaded;
    out.clear();
    this.#stamp++;
    const { mesh } = object.model;
    object.model.poseInto(this.#placements, object.motion);
    for (let part = 0; part < mesh.parts; part++) {
      this.#placePart(part, object.place);
      if (shaded) this.#turnDirections(light, object.place, move);
      this.#seeVertices(mesh, part, object.place.z, light, move);
      const end = mesh.triangleStarts[part + 1]!;
      for (let t = mesh.triangleStarts[part]!; t < end; t++) {
        this.#addTriangle(out, mesh, t, light, move);
      }
    }
  }

  /** Puts the frame of a part into the world. */
  #placePart(part: number, place: Place): void {
    const m = this.#matrix;
    const p = this.#placements;
    const k = part * PLACEMENT_SIZE;
    const { headingX: hx, headingY: hy } = place;
    for (let column = 0; column < 4; column++) {
      const right = p[k + column]!;
      const forward = p[k + 4 + column]!;
      m[column] = right * hy + forward * hx;
      m[4 + column] = forward * hy - right * hx;
      m[8 + column] = p[k + 8 + column]!;
    }
    m[3]! += place.x;
    m[7]! += place.y;
    m[11]! += place.z;
  }

  /** Puts sun, up and eye into the frame of the part that was placed last. */
  #turnDirections(light: ObjectLight, place: Place, move: Move): void {
    const m = this.#matrix;
    const { sun, up, eye } = this.#directions;
    const { pose } = this.#view;
    const eyeZ = move === "mirror" ? 2 * place.z - pose.zM : pose.zM;
    const dx = pose.xM - m[3]!;
    const dy = pose.yM - m[7]!;
    const dz = eyeZ - m[11]!;
    for (let axis = 0; axis < 3; axis++) {
      const a = m[axis]!;
      const b = m[4 + axis]!;
      const c = m[8 + axis]!;
      sun[axis] = a * light.sunX + b * light.sunY + c * light.sunZ;
      up[axis] = c;
      eye[axis] = a * dx + b * dy + c * dz;
    }
  }

  #seeVertices(mesh: Mesh, part: number, ground: number, light: ObjectLight, move: Move): void {
    const { axes, pose, focalPx, width, height } = this.#view;
    const { positions, partStarts } = mesh;
    const m = this.#matrix;
    const seen = this.#seen;
    const screen = this.#screen;
    const slopeX = light.sunX / light.sunZ;
    const slopeY = light.sunY / light.sunZ;
    const end = 3 * partStarts[part + 1]!;
    for (let k = 3 * partStarts[part]!; k < end; k += 3) {
      const px = positions[k]!;
      const py = positions[k + 1]!;
      const pz = positions[k + 2]!;
      let x = m[0]! * px + m[1]! * py + m[2]! * pz + m[3]!;
      let y = m[4]! * px + m[5]! * py + m[6]! * pz + m[7]!;
      let z = m[8]! * px + m[9]! * py + m[10]! * pz + m[11]!;
      if (move === "shadow") {
        x -= slopeX * (z - ground);
        y -= slopeY * (z - ground);
        z = ground;
      } else if (move === "mirror") z = 2 * ground - z;
      x -= pose.xM;
      y -= pose.yM;
      z -= pose.zM;
      const side = axes[0]! * x + axes[1]! * y + axes[2]! * z;
      const up = axes[3]! * x + axes[4]! * y + axes[5]! * z;
      const depth = axes[6]! * x + axes[7]! * y + axes[8]! * z;
      seen[k] = side;
      seen[k + 1] = up;
      seen[k + 2] = depth;
      const w = 1 / depth;
      screen[k] = width / 2 + focalPx * side * w;
      screen[k + 1] = height / 2 - focalPx * up * w;
      screen[k + 2] = w;
    }
  }

  #addTriangle(
    out: ScreenTriangles,
    mesh: Mesh,
    triangle: number,
    light: ObjectLight,
    move: Move,
  ): void {
    const a = mesh.triangles[3 * triangle]!;
    const b = mesh.triangles[3 * triangle + 1]!;
    const c = mesh.triangles[3 * triangle + 2]!;
    const seen = this.#seen;
    const near = (seen[3 * a + 2]! < NEAR_M ? 1 : 0) + (seen[3 * b + 2]! < NEAR_M ? 1 : 0) +
      (seen[3 * c + 2]! < NEAR_M ? 1 : 0);
    if (near === 3) return;
    if (near > 0) return this.#addCut(out, mesh, triangle, light, move);
    const s = this.#screen;
    const ax = s[3 * a]!;
    const ay = s[3 * a + 1]!;
    const bx = s[3 * b]!;
    const by = s[3 * b + 1]!;
    const cx = s[3 * c]!;
    const cy = s[3 * c + 1]!;
    const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    // Rows count downwards, so that what goes against the clock has a negative area.
    if (move === "mirror" ? area <= 0 : area >= 0) return;
    const colors = this.#colors;
    this.#shade(mesh, triangle, light);
    out.setCorner(0, ax, ay, s[3 * a + 2]!, colors[0]!);
    out.setCorner(1, bx, by, s[3 * b + 2]!, colors[1]!);
    out.setCorner(2, cx, cy, s[3 * c + 2]!, colors[2]!);
  }

  /** Shades the corners of a triangle into `#colors`. */
  #shade(mesh: Mesh, triangle: number, light: ObjectLight): void {
    if (!this.#shaded) {
      this.#colors.fill(NO_COLOR);
      return;
    }
    const finish = mesh.finishes[mesh.finishOf[triangle]!]!;
    for (let corner = 0; corner < 3; corner++) {
      const vertex = mesh.triangles[3 * triangle + corner]!;
      const at = vertex * VERTEX_LIGHT_SIZE;
      if (this.#litFor[vertex] !== this.#stamp) {
        this.#litFor[vertex] = this.#stamp;
        lightVertex(this.#lights, at, light, this.#directions, mesh, vertex);
      }
      this.#colors[corner] = finishVertex(this.#tone, light, finish, this.#lights, at);
    }
  }

  /** Cuts a triangle at the near plane (Sutherland and Hodgman, 1974) and adds what is left. */
  #addCut(
    out: ScreenTriangles,
    mesh: Mesh,
    triangle: number,
    light: ObjectLight,
    move: Move,
  ): void {
    this.#shade(mesh, triangle, light);
    const seen = this.#seen;
    const cut = this.#cut;
    let corners = 0;
    for (let corner = 0; corner < 3; corner++) {
      const from = 3 * mesh.triangles[3 * triangle + corner]!;
      const to = 3 * mesh.triangles[3 * triangle + (corner + 1) % 3]!;
      const fromIn = seen[from + 2]! >= NEAR_M;
      const color = this.#colors[fromIn ? corner : (corner + 1) % 3]!;
      if (fromIn) this.#keepCut(corners++, seen[from]!, seen[from + 1]!, seen[from + 2]!, color);
      if (fromIn === seen[to + 2]! >= NEAR_M) continue;
      const share = (NEAR_M - seen[from + 2]!) / (seen[to + 2]! - seen[from + 2]!);
      const side = seen[from]! + share * (seen[to]! - seen[from]!);
      const up = seen[from + 1]! + share * (seen[to + 1]! - seen[from + 1]!);
      this.#keepCut(corners++, side, up, NEAR_M, color);
    }
    const area = (cut[3]! - cut[0]!) * (cut[7]! - cut[1]!) -
      (cut[6]! - cut[0]!) * (cut[4]! - cut[1]!);
    if (move === "mirror" ? area <= 0 : area >= 0) return;
    for (let i = 2; i < corners; i++) {
      this.#addCutCorner(out, 0, 0);
      this.#addCutCorner(out, 1, i - 1);
      this.#addCutCorner(out, 2, i);
    }
  }

  #keepCut(index: number, side: number, up: number, depth: number, color: number): void {
    const { focalPx, width, height } = this.#view;
    this.#cut[3 * index] = width / 2 + focalPx * side / depth;
    this.#cut[3 * index + 1] = height / 2 - focalPx * up / depth;
    this.#cut[3 * index + 2] = 1 / depth;
    this.#cutColors[index] = color;
  }

  #addCutCorner(out: ScreenTriangles, corner: 0 | 1 | 2, index: number): void {
    const cut = this.#cut;
    const k = 3 * index;
    out.setCorner(corner, cut[k]!, cut[k + 1]!, cut[k + 2]!, this.#cutColors[index]!);
  }
}
