import type { TrueObject } from "../core/frame_truth.ts";
import type { ActorLighting } from "./actor_lighting.ts";
import type { CameraView } from "./camera_view.ts";
import type { ToneCurve } from "./color.ts";
import type { Actor, Cast } from "./motion/cast.ts";
import { FrameCanvas, OBJECTS_MAX } from "./raster/frame_canvas.ts";
import { BEAM_M, beamShape, contactShape, GroundMarks } from "./raster/ground_marks.ts";
import { type Extent, ObjectPainter } from "./raster/object_painter.ts";
import type { ObjectLight } from "./raster/object_light.ts";
import { ObjectProjector, type PosedModel } from "./raster/object_projector.ts";
import { ScreenTriangles } from "./raster/screen_triangles.ts";
import type { Stage } from "./stage.ts";
import { drawLamps } from "./street_lamps.ts";
import type { WeatherLevels } from "./weather/weather.ts";

/** Objects that are smaller than this both ways, in pixels, are not drawn. */
const TINY_PX = 3;
/** Farthest depth at which shadows and marks on the ground are drawn, in metres. */
const SHADOW_DEPTH_M = 95;
const MARK_DEPTH_M = 55;
/** Farthest depth at which something is drawn at all. */
const DEPTH_MAX_M = 240;
/** No object reaches farther than this from its place, in metres. */
const REACH_M = 3.6;
/** Objects whose height takes up fewer pixels are drawn coarsely; so are all shadows. */
const COARSE_PX = 46;
/** Share of 256 with which a wet road mirrors objects. */
const MIRROR_SHARE = 46;
const BLACK = 0;

/** An actor that may be in the picture, with what is needed to draw it. */
interface Part {
  readonly actor: Actor;
  readonly depth: number;
  readonly light: ObjectLight;
  readonly object: PosedModel;
  /** The same, drawn coarsely: for its shadow and its mirror image. */
  readonly coarse: PosedModel;
}

/** Draws frames of one view: the scenery, and everybody in it. */
export class FrameDrawer {
  /** The frame that is being drawn. */
  readonly canvas: FrameCanvas;
  readonly #view: CameraView;
  readonly #cast: Cast;
  readonly #projector: ObjectProjector;
  readonly #triangles = new ScreenTriangles();
  readonly #painter: ObjectPainter;
  readonly #marks: GroundMarks;
  readonly #lighting: ActorLighting;
  #numbers = new Map<number, number>();

  /** A drawer for a view of a street. */
  constructor(view: CameraView, cast: Cast, tone: ToneCurve, lighting: ActorLighting) {
    this.#view = view;
    this.#cast = cast;
    this.#lighting = lighting;
    this.canvas = new FrameCanvas(view.width, view.height);
    this.#projector = new ObjectProjector(view, tone);
    this.#painter = new ObjectPainter(this.canvas);
    this.#marks = new GroundMarks(view, this.canvas);
  }

  /**
   * Draws the street at a time in seconds into the canvas; what befalls the lens comes later.
   *
   * @param inColor `false` draws only who owns which pixel.
   * @returns All objects in the picture.
   */
  draw(stage: Stage, levels: WeatherLevels, seconds: number, inColor: boolean): TrueObject[] {
    const parts = this.#partsAt(stage, levels, seconds);
    const { canvas } = this;
    this.#numbers = new Map(parts.map(({ actor }, index) => [actor.id, index + 1]));
    canvas.begin(inColor ? stage.backdrop.colors : null);
    if (inColor) {
      for (const part of parts) this.#drawGround(stage, part);
    }
    const extents = parts.map((part, index) => this.#drawObject(stage, part, index + 1, inColor));
    if (inColor) {
      const actors = parts.map(({ actor }) => actor).filter((actor) => this.#isLit(actor));
      drawLamps(canvas, this.#view, stage, this.#lighting.scenery, this.#cast.signals, {
        actors,
        seconds,
      });
    }
    return parts.flatMap((part, index) => {
      const extent = extents[index]!;
      const object = extent === null ? null : this.#truth(part, index + 1, extent);
      return object === null ? [] : [object];
    });
  }

  /** The numbers that own pixels of the canvas since the last {@linkcode draw}, by track. */
  numbers(): ReadonlyMap<number, number> {
    return this.#numbers;
  }

  /** Everybody who may be in the picture, from far to near. */
  #partsAt({ backdrop }: Stage, levels: WeatherLevels, seconds: number): Part[] {
    const parts: Part[] = [];
    const rain = levels.rain > 0;
    for (const actor of this.#cast.actorsAt(seconds)) {
      const { x, y } = actor.place;
      const depth = this.#view.depthOf(x, y, 1);
      if (depth > DEPTH_MAX_M || !this.#mayBeSeen(x, y, depth)) continue;
      const { place, motion } = actor;
      const coarse = { model: this.#cast.modelOf(actor, { rain, coarse: true }), place, motion };
      const tallPx = coarse.model.mesh.size.z * this.#view.focalPx / depth;
      const object = depth > 0 && tallPx < COARSE_PX
        ? coarse
        : { model: this.#cast.modelOf(actor, { rain, coarse: false }), place, motion };
      const light = this.#lighting.of(actor, depth, backdrop);
      parts.push({ actor, depth, light, object, coarse });
    }
    parts.sort((a, b) => b.depth - a.depth || a.actor.id - b.actor.id);
    return parts.slice(-OBJECTS_MAX);
  }

  #mayBeSeen(x: number, y: number, depth: number): boolean {
    if (depth < -REACH_M) return false;
    if (depth < REACH_M + 0.5) return true;
    const view = this.#view;
    const reachPx = REACH_M * view.focalPx / (depth - REACH_M);
    const column = view.columnOf(x, y, 1);
    const row = view.rowOf(x, y, 1);
    return column > -reachPx && column < view.width + reachPx && row > -reachPx &&
      row < view.height + reachPx;
  }

  /** What an object does to the ground: shadow, dark below it, mirror image, light of its lamps. */
  #drawGround(stage: Stage, part: Part): void {
    const { actor, depth, light, coarse } = part;
    const { image, backdrop } = stage;
    const { mix } = backdrop;
    if (depth < MARK_DEPTH_M && depth > 1) this.#drawContact(stage, part);
    const inSun = mix.sun.g > 0 && light.sun.g > 0.02;
    if (inSun && depth < SHADOW_DEPTH_M) {
      this.#projector.shadow(this.#triangles, coarse, light);
      this.#painter.paintShadow(image, this.#triangles, backdrop.shade);
    }
    if (mix.wet && depth < MARK_DEPTH_M && depth > 1) {
      this.#projector.mirrored(this.#triangles, coarse, light);
      this.#painter.paintMirrored(image, this.#triangles, MIRROR_SHARE);
    }
    if (backdrop.beam !== null && this.#isLit(actor) && depth < SHADOW_DEPTH_M) {
      const nose = coarse.model.mesh.size.halfY;
      const area = { x0: -4, x1: 4, y0: nose, y1: nose + BEAM_M };
      // As wide as three pixels where the picture is as high as most.
      const blockPx = Math.max(2, Math.floor(this.#view.height / 150));
      const mark = { shape: beamShape(nose), target: backdrop.beam, blockPx };
      this.#marks.blend(image, actor.place, area, mark);
    }
  }

  /** The dark below an object, where little light gets. */
  #drawContact({ image }: Stage, { actor, light, coarse }: Part): void {
    const { halfX, halfY } = coarse.model.mesh.size;
    const isPerson = actor.className === "pedestrian";
    const margin = isPerson ? 0.3 : 0.35;
    const strength = (isPerson ? 0.3 : 0.55) * (1 - light.fog);
    const area = {
      x0: -halfX - margin,
      x1: halfX + margin,
      y0: -halfY - margin,
      y1: halfY + margin,
    };
    const shape = contactShape(halfX * 0.85, halfY * 0.92, margin, strength);
    this.#marks.blend(image, actor.place, area, { shape, target: BLACK, blockPx: 1 });
  }

  /** Whether an actor has its lamps on in the dark. */
  #isLit(actor: Actor): boolean {
    return actor.className !== "pedestrian" && !this.#cast.isParked(actor);
  }

  #drawObject(stage: Stage, part: Part, number: number, inColor: boolean): Extent | null {
    const triangles = this.#triangles;
    if (inColor) this.#projector.solid(triangles, part.object, part.light);
    else this.#projector.outline(triangles, part.object, part.light);
    const isTiny = triangles.x1 - triangles.x0 < TINY_PX && triangles.y1 - triangles.y0 < TINY_PX;
    return isTiny ? null : this.#painter.paint(stage.image, triangles, number);
  }

  #truth({ actor, object }: Part, number: number, extent: Extent): TrueObject | null {
    const { wholePixels, ownPixels } = this.canvas;
    const whole = wholePixels[number]!;
    if (whole === 0) return null;
    const { x0, y0, x1, y1 } = extent;
    const cut = (x1 - x0) * (y1 - y0);
    const full = Math.max(cut, extent.fullAreaPx);
    return {
      trackId: actor.id,
      classIndex: this.#cast.classNames.indexOf(actor.className),
      className: actor.className,
      xyxyPx: [x0, y0, x1, y1],
      visible: ownPixels[number]! / whole,
      truncated: 1 - cut / full,
      speedMps: object.motion.speedMps,
    };
  }
}
