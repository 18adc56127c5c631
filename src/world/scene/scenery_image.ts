import type { CameraView } from "../camera_view.ts";
import type { Scenery } from "./scenery.ts";
import { SceneryTracer } from "./tracer.ts";

/** Codes of {@linkcode SceneryImage} light for light of 1. */
export const LIGHT_SCALE = 4096;
const LIGHT_MAX = 65_535;

/** Offsets of the further samples of a pixel with an edge in it: a rotated grid, in pixels. */
const OFFSETS: readonly (readonly [number, number])[] = [
  [-0.125, -0.375],
  [0.375, -0.125],
  [0.125, 0.375],
  [-0.375, 0.125],
];
/** Difference of brightness, of 255, that makes an edge. */
const EDGE = 7;

/**
 * A street as it stands, drawn once: its light in three parts (16 bits a channel, red first,
 * {@linkcode LIGHT_SCALE} codes for light of 1), and where things can be hidden.
 */
export interface SceneryImage {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** What the sun gives. */
  readonly sun: Uint16Array;
  /** What the sky gives. */
  readonly sky: Uint16Array;
  /** What lamps and lit windows give. */
  readonly lamps: Uint16Array;
  /** Depth of what stands in a pixel, in metres; the nearest if there are several. */
  readonly depthM: Float32Array;
  /** Share of a pixel that upright things at that depth cover, of 255. */
  readonly cover: Uint8Array;
  /** Share of a pixel that is ground, of 255. */
  readonly ground: Uint8Array;
}

/** Bytes that a {@linkcode SceneryImage} takes for each pixel. */
export const SCENERY_PIXEL_BYTES = 3 * 6 + 4 + 2;

/**
 * Draws a scenery: one look for each pixel, and four more where neighbours differ.
 *
 * The adaptive sampling follows Whitted, 1980.
 */
export function drawScenery(view: CameraView, scenery: Scenery, wet: boolean): SceneryImage {
  const drawing = new SceneryDrawing(view, new SceneryTracer(view, scenery, wet));
  drawing.drawAll();
  drawing.refineEdges();
  return drawing.image;
}

class SceneryDrawing {
  readonly image: SceneryImage;
  readonly #tracer: SceneryTracer;
  readonly #brightness: Uint8Array;
  readonly #sum = new Float64Array(9);
  #samples = 0;
  #groundSamples = 0;
  #coverSamples = 0;
  #coverDepthM = Infinity;
  #depthSumM = 0;

  constructor(view: CameraView, tracer: SceneryTracer) {
    const { width, height } = view;
    const pixels = width * height;
    this.#tracer = tracer;
    this.#brightness = new Uint8Array(pixels);
    this.image = {
      width,
      height,
      sun: new Uint16Array(3 * pixels),
      sky: new Uint16Array(3 * pixels),
      lamps: new Uint16Array(3 * pixels),
      depthM: new Float32Array(pixels),
      cover: new Uint8Array(pixels),
      ground: new Uint8Array(pixels),
    };
  }

  drawAll(): void {
    const { width, height } = this.image;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        this.#begin();
        this.#sample(column + 0.5, row + 0.5);
        this.#finish(row * width + column);
      }
    }
  }

  refineEdges(): void {
    const { width, height } = this.image;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        if (!this.#isEdge(column, row)) continue;
        this.#begin();
        this.#sample(column + 0.5, row + 0.5);
        for (const [dx, dy] of OFFSETS) this.#sample(column + 0.5 + dx, row + 0.5 + dy);
        // The brightness of the first pass stays: all pixels are judged by the same picture.
        const pixel = row * width + column;
        const brightness = this.#brightness[pixel]!;
        this.#finish(pixel);
        this.#brightness[pixel] = brightness;
      }
    }
  }

  #begin(): void {
    this.#sum.fill(0);
    this.#samples = 0;
    this.#groundSamples = 0;
    this.#coverSamples = 0;
    this.#coverDepthM = Infinity;
    this.#depthSumM = 0;
  }

  #sample(columnPx: number, rowPx: number): void {
    const tracer = this.#tracer;
    tracer.look(columnPx, rowPx);
    const { sun, sky, lamps, depthM, kind } = tracer;
    const sum = this.#sum;
    for (let i = 0; i < 3; i++) {
      // Very bright samples would make edges hard again.
      sum[i]! += Math.min(4, sun[i]!);
      sum[3 + i]! += Math.min(4, sky[i]!);
      sum[6 + i]! += Math.min(4, lamps[i]!);
    }
    this.#samples++;
    this.#depthSumM += depthM;
    if (kind === "ground") this.#groundSamples++;
    if (kind !== "solid") return;
    if (depthM < this.#coverDepthM * 0.87 - 0.5) this.#coverSamples = 0;
    if (depthM < this.#coverDepthM * 1.15 + 0.5) this.#coverSamples++;
    this.#coverDepthM = Math.min(this.#coverDepthM, depthM);
  }

  #finish(pixel: number): void {
    const { sun, sky, lamps, depthM, cover, ground } = this.image;
    const sum = this.#sum;
    const scale = LIGHT_SCALE / this.#samples;
    for (let i = 0; i < 3; i++) {
      sun[3 * pixel + i] = Math.min(LIGHT_MAX, sum[i]! * scale + 0.5);
      sky[3 * pixel + i] = Math.min(LIGHT_MAX, sum[3 + i]! * scale + 0.5);
      lamps[3 * pixel + i] = Math.min(LIGHT_MAX, sum[6 + i]! * scale + 0.5);
    }
    depthM[pixel] = this.#coverSamples > 0 ? this.#coverDepthM : this.#depthSumM / this.#samples;
    cover[pixel] = 255 * this.#coverSamples / this.#samples + 0.5;
    ground[pixel] = 255 * this.#groundSamples / this.#samples + 0.5;
    const light = (sum[1]! + sum[4]! + 0.3 * sum[7]!) / this.#samples;
    this.#brightness[pixel] = Math.min(255, 180 * Math.sqrt(light));
  }

  /** Whether a pixel differs from a neighbour in what is seen or how bright it is. */
  #isEdge(column: number, row: number): boolean {
    const { width, height } = this.image;
    const pixel = row * width + column;
    return (column > 0 && this.#differs(pixel, pixel - 1)) ||
      (column < width - 1 && this.#differs(pixel, pixel + 1)) ||
      (row > 0 && this.#differs(pixel, pixel - width)) ||
      (row < height - 1 && this.#differs(pixel, pixel + width));
  }

  #differs(a: number, b: number): boolean {
    const { cover, depthM } = this.image;
    const difference = this.#brightness[a]! - this.#brightness[b]!;
    if (difference > EDGE || difference < -EDGE) return true;
    if (cover[a] !== cover[b]) return true;
    return cover[a]! > 0 && Math.abs(depthM[a]! - depthM[b]!) > 0.12 * depthM[a]!;
  }
}
