import { clamp, smoothstep } from "../exact_math.ts";
import { cloudNoise, noise2 } from "../noise.ts";
import { Dice, hash2 } from "../random.ts";
import { blendWords, type FrameCanvas } from "../raster/frame_canvas.ts";
import type { Severity } from "./weather.ts";

/** Share of the picture that dirt covers. */
const COVERED: Readonly<Record<Severity, number>> = { 1: 0.12, 2: 0.26, 3: 0.47, 4: 0.72 };
/** Share of light that dirt holds back where it is thickest, of 256. */
const THICK = 238;
const HISTOGRAM = 1024;

/** Dirt on the lens: blotches out of focus, splashes and a film around them. */
export class Dirt {
  readonly #seed: number;
  #mask: Uint8Array | null = null;
  #tint: Uint32Array | null = null;
  #madeFor = "";

  /** Dirt of a street's camera. */
  constructor(seed: number) {
    this.#seed = hash2(seed, 0xd127);
  }

  /** Puts dirt over a frame; `light` from 0 to 1 is how bright the day is. */
  draw(canvas: FrameCanvas, severity: Severity, light: number): void {
    const { width, height, colors } = canvas;
    const key = `${width}×${height} ${severity} ${light}`;
    if (key !== this.#madeFor) {
      this.#make(width, height, severity, light);
      this.#madeFor = key;
    }
    const mask = this.#mask!;
    const tint = this.#tint!;
    for (let pixel = 0; pixel < mask.length; pixel++) {
      const share = mask[pixel]!;
      if (share > 0) colors[pixel] = blendWords(colors[pixel]!, tint[pixel]!, share);
    }
  }

  #make(width: number, height: number, severity: Severity, light: number): void {
    const pixels = width * height;
    const field = new Float32Array(pixels);
    const size = 16 / width;
    const histogram = new Uint32Array(HISTOGRAM);
    for (let row = 0, pixel = 0; row < height; row++) {
      for (let column = 0; column < width; column++, pixel++) {
        // Turned and warped, so that no row or column of the noise shows.
        const u = (0.83 * column + 0.56 * row) * size;
        const v = (0.83 * row - 0.56 * column) * size;
        const warp = noise2(u * 0.9 + 7, v * 0.9, (this.#seed + 5) & 0xffff) * 1.1;
        const value = cloudNoise(u + warp, v - warp, this.#seed & 0xffff, 4);
        field[pixel] = value;
        histogram[Math.min(HISTOGRAM - 1, value * HISTOGRAM | 0)]!++;
      }
    }
    const edge = quantile(histogram, pixels, 1 - COVERED[severity]);
    this.#addSplashes(field, width, height, severity, edge);
    this.#mask = new Uint8Array(pixels);
    this.#tint = new Uint32Array(pixels);
    for (let row = 0, pixel = 0; row < height; row++) {
      for (let column = 0; column < width; column++, pixel++) {
        const value = field[pixel]!;
        const thick = smoothstep(edge - 0.03, edge + 0.02, value) *
          (0.8 + 0.2 * smoothstep(edge, edge + 0.12, value));
        const film = 0.06 * severity * (1 - thick);
        this.#mask[pixel] = clamp(thick * THICK + film * 90, 0, 255);
        // Thin dirt lets light through and looks lighter than thick.
        const grain = 1.25 - 3.2 * clamp(value - edge, 0, 0.16);
        const bright = (0.12 + 0.88 * light) * grain;
        this.#tint[pixel] = clamp(66 * bright, 0, 255) | clamp(58 * bright, 0, 255) << 8 |
          clamp(46 * bright, 0, 255) << 16;
      }
    }
  }

  /** Round splashes: thick in the middle, soft at the rim. */
  #addSplashes(
    field: Float32Array,
    width: number,
    height: number,
    severity: Severity,
    edge: number,
  ): void {
    const dice = new Dice(this.#seed);
    for (let i = 0; i < 14 * severity; i++) {
      const x = dice.unit() * width;
      const y = dice.unit() * height;
      const radius = dice.between(0.004, 0.016) * width;
      for (
        let row = Math.max(0, Math.floor(y - radius));
        row < Math.min(height, y + radius);
        row++
      ) {
        for (let c = Math.max(0, Math.floor(x - radius)); c < Math.min(width, x + radius); c++) {
          const r2 = ((c - x) * (c - x) + (row - y) * (row - y)) / (radius * radius);
          if (r2 >= 1) continue;
          const pixel = row * width + c;
          field[pixel] = Math.max(field[pixel]!, edge - 0.05 + 0.1 * (1 - r2));
        }
      }
    }
  }
}

function quantile(histogram: Uint32Array, total: number, share: number): number {
  let seen = 0;
  for (let bin = 0; bin < HISTOGRAM; bin++) {
    seen += histogram[bin]!;
    if (seen >= total * share) return bin / HISTOGRAM;
  }
  return 1;
}
