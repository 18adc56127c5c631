import type { FrameTruth, TruthSource } from "../core/frame_truth.ts";
import { ActorLighting } from "./actor_lighting.ts";
import { clamp } from "./exact_math.ts";
import { ToneCurve } from "./color.ts";
import { Cast, classNamesWith } from "./motion/cast.ts";
import { noise2 } from "./noise.ts";
import { hash2 } from "./random.ts";
import { Sensor } from "./raster/sensor.ts";
import { StageCache } from "./stage_cache.ts";
import { buildScenery } from "./scene/scenery.ts";
import { planStreet, type StreetPlan } from "./scene/street_plan.ts";
import { Blur } from "./weather/blur.ts";
import { Dirt } from "./weather/dirt.ts";
import { Rain } from "./weather/rain.ts";
import { weatherAt, type WeatherLevels } from "./weather/weather.ts";
import { checkWorldOptions, type WorldOptions, type WorldSettings } from "./world_options.ts";

/**
 * A street that exists only as numbers: it draws any of its frames as a camera on a post would see
 * it, and knows exactly what is in it.
 *
 * Everything follows from the options. Frames may be asked for in any order and come out the same,
 * bit by bit, on every machine: motion is a function of time, and pixels are made of whole numbers
 * and of +, −, ×, ÷ and square roots only.
 *
 * The scenery is drawn when a frame needs it for the first time, and again where the camera moves
 * or the ground gets wet; that takes up to a second at 640 × 384. It is then kept.
 *
 * @example The first frame and its truth
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { StreetWorld } from "@fovea/fovea/world";
 *
 * const world = new StreetWorld({ seed: 7, width: 160, height: 96 });
 * const rgb = new Uint8Array(3 * 160 * 96);
 * const { objects } = world.renderRgb(0, rgb);
 * assert(rgb.some((value) => value > 0));
 * assertEquals(world.at(0).objects, objects);
 * ```
 */
export class StreetWorld implements TruthSource {
  /** The options, complete. */
  readonly settings: WorldSettings;
  /** Names of all classes that can occur, in the order of their indices. */
  readonly classNames: readonly string[];
  readonly #plan: StreetPlan;
  readonly #cast: Cast;
  readonly #stages: StageCache;
  readonly #sensor: Sensor;
  readonly #rain: Rain;
  readonly #dirt: Dirt;
  readonly #blur = new Blur();

  /**
   * Plans a street; nothing is drawn yet.
   *
   * @throws {RangeError} If an option is out of its range, see {@linkcode WorldOptions}.
   */
  constructor(options: WorldOptions = {}) {
    this.settings = checkWorldOptions(options);
    const { seed, density, fps, newClasses } = this.settings;
    this.#plan = planStreet(seed);
    const tone = new ToneCurve();
    this.#cast = new Cast(
      this.#plan,
      density,
      newClasses.map(({ className, fromFrame }) => ({ className, fromS: fromFrame / fps })),
    );
    this.classNames = this.#cast.classNames;
    this.#stages = new StageCache(
      this.settings,
      this.#cast,
      tone,
      new ActorLighting(buildScenery(this.#plan), tone),
    );
    this.#sensor = new Sensor(hash2(seed, 0x5e4505));
    this.#rain = new Rain(seed);
    this.#dirt = new Dirt(seed);
  }

  /** Names of the classes that can occur with such options, in the order of their indices. */
  static classNamesOf(options: WorldOptions): readonly string[] {
    return classNamesWith(checkWorldOptions(options).newClasses);
  }

  /**
   * Draws a frame as RGBA words, little-endian, alpha 255.
   *
   * @param seq Number of the frame, from 0.
   * @param target `[height, strideWords]`; words between the end of a row and the next stay as they
   * are.
   * @returns What is in the frame.
   * @throws {RangeError} If there is no such frame or `target` is too small.
   */
  renderRgba(seq: number, target: Uint32Array, strideWords = this.settings.width): FrameTruth {
    this.#checkTarget(target.length, strideWords, 1);
    const { colors, truth } = this.#render(seq);
    this.#sensor.readRgba(colors, this.settings.width, seq, target, strideWords);
    return truth;
  }

  /**
   * Draws a frame as RGB bytes.
   *
   * @param seq Number of the frame, from 0.
   * @param target `[height, strideBytes]`; bytes between the end of a row and the next stay as they
   * are.
   * @returns What is in the frame.
   * @throws {RangeError} If there is no such frame or `target` is too small.
   */
  renderRgb(seq: number, target: Uint8Array, strideBytes = 3 * this.settings.width): FrameTruth {
    this.#checkTarget(target.length, strideBytes, 3);
    const { colors, truth } = this.#render(seq);
    this.#sensor.readRgb(colors, this.settings.width, seq, target, strideBytes);
    return truth;
  }

  /** What is in a frame; it is found out without drawing its colours. */
  at(seq: number): FrameTruth {
    const levels = this.#levelsAt(seq);
    const { drawer, stage } = this.#stages.get(levels);
    return { seq, objects: drawer.draw(stage, levels, seq / this.settings.fps, false) };
  }

  #render(seq: number): { colors: Uint32Array; truth: FrameTruth } {
    const levels = this.#levelsAt(seq);
    const seconds = seq / this.settings.fps;
    const { drawer, stage } = this.#stages.get(levels);
    const { mix } = stage.backdrop;
    const objects = drawer.draw(stage, levels, seconds, true);
    const { canvas } = drawer;
    if (levels.rain !== 0) this.#rain.draw(canvas, seq, levels.rain, this.#stages.streakWord(mix));
    if (levels.dirt !== 0) this.#dirt.draw(canvas, levels.dirt, clamp(mix.sky.g + mix.sun.g, 0, 1));
    if (levels.blur !== 0) this.#blur.apply(canvas, levels.blur);
    // The exposure breathes a little, as automatic ones do.
    const gain = 1 + 0.035 * (noise2(seconds * 0.45, 0.5, this.#plan.seed & 0xffff) - 0.5);
    this.#sensor.expose(gain, mix.noiseCodes);
    return { colors: canvas.colors, truth: { seq, objects } };
  }

  #levelsAt(seq: number): WeatherLevels {
    const { frames, weather } = this.settings;
    if (!Number.isInteger(seq) || seq < 0 || (frames !== null && seq >= frames)) {
      const last = frames === null ? "" : ` to ${frames - 1}`;
      throw new RangeError(`Cannot draw frame ${seq}: use a whole number from 0${last}`);
    }
    return weatherAt(weather, seq);
  }

  #checkTarget(length: number, stride: number, pixelSize: number): void {
    const { width, height } = this.settings;
    const row = pixelSize * width;
    if (stride >= row && length >= stride * (height - 1) + row) return;
    throw new RangeError(
      `Cannot draw ${width}×${height} into ${length} elements with ${stride} a row: a row needs ${row}`,
    );
  }
}
