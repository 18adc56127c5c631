import type { SceneryImage } from "../scene/scenery_image.ts";
import { blendWords, type FrameCanvas } from "./frame_canvas.ts";
import { SampleTile } from "./sample_tile.ts";
import type { ScreenTriangles } from "./screen_triangles.ts";

/** Objects smaller than this on both sides, in pixels, get 4 × 4 samples a pixel, others 2 × 2. */
const SMALL_PX = 56;
/** An object owns pixels of which it covers one in this many samples. */
const OWNED = 4;
/** Something must be this much nearer to hide an object's pixel, as a share of its depth … */
const NEARER = 1.002;
/** … and, if it stands still, by this much in metres. */
const SCENERY_NEARER_M = 0.1;

/** The part of a picture that something covers, in pixels; `x1` and `y1` are its far edges. */
export interface Extent {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** Area of the whole box, with what lies outside the picture, in square pixels. */
  readonly fullAreaPx: number;
}

/** How many samples of a pixel are covered, and their mean colour. */
interface Covered {
  samples: number;
  color: number;
  w: number;
}

/** Puts objects, their shadows and mirror images into a frame, behind what hides them. */
export class ObjectPainter {
  readonly #canvas: FrameCanvas;
  readonly #tile = new SampleTile();
  readonly #covered: Covered = { samples: 0, color: 0, w: 0 };

  /** A painter for one frame after the other. */
  constructor(canvas: FrameCanvas) {
    this.#canvas = canvas;
  }

  /**
   * Draws an object. Objects come from far to near; each has a number from 1.
   *
   * @returns What it would cover if nothing were in front, or `null` if it lies outside.
   */
  paint(scenery: SceneryImage, triangles: ScreenTriangles, number: number): Extent | null {
    return this.#sweep(triangles, (pixel, covered, all) => {
      this.#paintPixel(scenery, pixel, covered, all, number);
    });
  }

  /** Takes the sun away from ground that a shadow covers; `shade` is the scenery without sun. */
  paintShadow(scenery: SceneryImage, triangles: ScreenTriangles, shade: Uint32Array): void {
    const { colors } = this.#canvas;
    const { ground } = scenery;
    this.#sweep(triangles, (pixel, { samples }, all) => {
      const share = samples * ground[pixel]! / all | 0;
      if (share > 0) colors[pixel] = blendWords(colors[pixel]!, shade[pixel]!, share);
    });
  }

  /** Adds a mirror image in wet ground; `strength` is its share of 256. */
  paintMirrored(scenery: SceneryImage, triangles: ScreenTriangles, strength: number): void {
    const { colors } = this.#canvas;
    const { ground } = scenery;
    this.#sweep(triangles, (pixel, { samples, color }, all) => {
      const share = samples * ground[pixel]! * strength / (all * 255) | 0;
      if (share > 0) colors[pixel] = blendWords(colors[pixel]!, color, share);
    });
  }

  #paintPixel(
    scenery: SceneryImage,
    pixel: number,
    covered: Covered,
    all: number,
    number: number,
  ): void {
    const canvas = this.#canvas;
    const { samples, color, w } = covered;
    const counts = OWNED * samples >= all;
    if (counts) canvas.wholePixels[number]!++;
    let share = 256 * samples / all;
    const { cover, depthM } = scenery;
    if (cover[pixel]! > 0 && (depthM[pixel]! + SCENERY_NEARER_M) * w < 1) {
      share *= 1 - cover[pixel]! / 255;
    }
    if (canvas.ownerW[pixel]! > w * NEARER) return;
    share |= 0;
    if (share === 0) return;
    canvas.colors[pixel] = share === 256 ? color : blendWords(canvas.colors[pixel]!, color, share);
    if (!counts || OWNED * share < 256) return;
    canvas.ownPixels[canvas.owners[pixel]!]!--;
    canvas.ownPixels[number]!++;
    canvas.owners[pixel] = number;
    canvas.ownerW[pixel] = w;
  }

  /** Draws triangles band by band and hands over every pixel they touch. */
  #sweep(
    triangles: ScreenTriangles,
    visit: (pixel: number, covered: Covered, all: number) => void,
  ): Extent | null {
    const { width, height } = this.#canvas;
    const x0 = Math.max(0, Math.floor(triangles.x0));
    const x1 = Math.min(width, Math.ceil(triangles.x1));
    const y0 = Math.max(0, Math.floor(triangles.y0));
    const y1 = Math.min(height, Math.ceil(triangles.y1));
    if (triangles.count === 0 || x0 >= x1 || y0 >= y1) return null;
    const tall = triangles.y1 - triangles.y0;
    const wide = triangles.x1 - triangles.x0;
    const samples = tall < SMALL_PX && wide < SMALL_PX ? 4 : 2;
    const tile = this.#tile;
    tile.clearExtent();
    const rows = tile.rowsFor(x1 - x0, samples);
    for (let top = y0; top < y1; top += rows) {
      const bottom = Math.min(y1, top + rows);
      tile.draw(triangles, { x0, y0: top, x1, y1: bottom }, samples);
      for (let row = top; row < bottom; row++) {
        let at = (row - top) * samples * tile.strideSamples;
        let pixel = row * width + x0;
        for (let column = x0; column < x1; column++) {
          if (this.#gather(at, samples) > 0) visit(pixel, this.#covered, samples * samples);
          at += samples;
          pixel++;
        }
      }
    }
    if (tile.x0 > tile.x1) return null;
    return {
      x0: tile.x0 / samples,
      y0: tile.y0 / samples,
      x1: (tile.x1 + 1) / samples,
      y1: (tile.y1 + 1) / samples,
      fullAreaPx: wide * tall,
    };
  }

  /** Counts the covered samples of a pixel and takes their mean colour. */
  #gather(at: number, samples: number): number {
    const { w, colors, strideSamples } = this.#tile;
    let count = 0;
    let redBlue = 0;
    let green = 0;
    let nearest = 0;
    for (let row = 0; row < samples; row++) {
      const start = at + row * strideSamples;
      for (let i = start; i < start + samples; i++) {
        const here = w[i]!;
        if (here === 0) continue;
        const color = colors[i]!;
        redBlue += color & 0xff00ff;
        green += color & 0x00ff00;
        count++;
        if (here > nearest) nearest = here;
      }
    }
    if (count === 0) return 0;
    const covered = this.#covered;
    covered.samples = count;
    covered.w = nearest;
    if (count === 4) covered.color = redBlue >>> 2 & 0xff00ff | green >>> 2 & 0x00ff00;
    else if (count === 16) covered.color = redBlue >>> 4 & 0xff00ff | green >>> 4 & 0x00ff00;
    else if (count === 1) covered.color = redBlue | green;
    else {
      const red = (redBlue & 0xffff) / count | 0;
      const blue = (redBlue >>> 16) / count | 0;
      covered.color = red | (green >>> 8) / count << 8 | blue << 16;
    }
    return count;
  }
}
