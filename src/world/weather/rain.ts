import { Dice, hash2, hash3, unit } from "../random.ts";
import { blendWords, type FrameCanvas } from "../raster/frame_canvas.ts";
import type { Severity } from "./weather.ts";

/** Picture height for which the figures below are meant. */
const HEIGHT_PX = 384;

interface RainLook {
  /** Streaks in a picture of 640 × 384. */
  readonly streaks: number;
  /** Longest streak in pixels. */
  readonly longPx: number;
  /** Share of 256 that a streak covers at most. */
  readonly share: number;
  /** Drops on the lens, and the radius of the biggest in pixels. */
  readonly drops: number;
  readonly dropPx: number;
}

const LOOKS: Readonly<Record<Severity, RainLook>> = {
  1: { streaks: 130, longPx: 14, share: 50, drops: 0, dropPx: 0 },
  2: { streaks: 380, longPx: 20, share: 70, drops: 5, dropPx: 9 },
  3: { streaks: 900, longPx: 26, share: 92, drops: 30, dropPx: 18 },
  4: { streaks: 1900, longPx: 34, share: 120, drops: 95, dropPx: 30 },
};
/** How long a drop stays on the lens, in frames. */
const DROP_FRAMES = 96;
const DROP_DARK = 0x241f1c;
const DROP_BRIGHT = 0xe6e2de;

/** Falling rain: streaks that differ from frame to frame, and drops on the lens that stay a while. */
export class Rain {
  readonly #seed: number;
  readonly #slant: number;
  #copy: Uint32Array | null = null;

  /** Rain of a street; the wind, and so its slant, depends on the seed. */
  constructor(seed: number) {
    this.#seed = hash2(seed, 0x2a19);
    this.#slant = (unit(hash2(this.#seed, 1)) - 0.5) * 0.5;
  }

  /** Draws rain over a frame; `light` is the word of the colour of the streaks. */
  draw(canvas: FrameCanvas, frame: number, severity: Severity, light: number): void {
    const look = LOOKS[severity];
    const scale = canvas.height / HEIGHT_PX;
    const count = look.streaks * canvas.width / (640 * scale) | 0;
    for (let i = 0; i < count; i++) this.#streak(canvas, frame, i, look, light);
    if (look.drops > 0) this.#drops(canvas, frame, look, scale);
  }

  #streak(
    { colors, width, height }: FrameCanvas,
    frame: number,
    index: number,
    look: RainLook,
    light: number,
  ): void {
    const hash = hash3(this.#seed, frame, index);
    const more = hash2(hash, 7);
    // Near drops leave long and clear streaks, far ones short and faint ones.
    const near = unit(more);
    const scale = height / HEIGHT_PX;
    const length = (0.25 + 0.75 * near) * look.longPx * scale;
    const share = (0.35 + 0.65 * near) * look.share | 0;
    const top = unit(hash) * (height + length) - length;
    let column = unit(hash2(hash, 9)) * (width + 40) - 20;
    const first = Math.max(0, Math.ceil(top));
    const last = Math.min(height - 1, Math.floor(top + length));
    const thick = near > 0.8 ? Math.max(1, scale | 0) + 1 : Math.max(1, scale | 0);
    for (let row = first; row <= last; row++) {
      const x = column | 0;
      column += this.#slant;
      for (let i = x; i < x + thick; i++) {
        if (i < 0 || i >= width) continue;
        const pixel = row * width + i;
        colors[pixel] = blendWords(colors[pixel]!, light, share);
      }
    }
  }

  /** Drops bend light: each shows the picture around it, small and upside down. */
  #drops(canvas: FrameCanvas, frame: number, look: RainLook, scale: number): void {
    const { colors } = canvas;
    const copy = this.#copy?.length === colors.length
      ? this.#copy
      : this.#copy = new Uint32Array(colors.length);
    copy.set(colors);
    for (let slot = 0; slot < look.drops; slot++) {
      // Each place gets a new drop now and then, not all at once.
      const shift = hash2(this.#seed, slot + 100) % DROP_FRAMES;
      const life = Math.floor((frame + shift) / DROP_FRAMES);
      const dice = new Dice(hash3(this.#seed, slot, life));
      const x = dice.unit() * canvas.width;
      const y = dice.unit() * canvas.height;
      const size = dice.unit();
      const radius = (0.35 + 0.65 * size * size) * look.dropPx * scale;
      this.#drop(canvas, copy, { x, y, radius });
    }
  }

  #drop(
    { colors, width, height }: FrameCanvas,
    copy: Uint32Array,
    drop: { readonly x: number; readonly y: number; readonly radius: number },
  ): void {
    const { x, y, radius } = drop;
    const x0 = Math.max(0, Math.floor(x - radius));
    const x1 = Math.min(width - 1, Math.ceil(x + radius));
    const y0 = Math.max(0, Math.floor(y - radius));
    const y1 = Math.min(height - 1, Math.ceil(y + radius));
    const inverse = 1 / (radius * radius);
    for (let row = y0; row <= y1; row++) {
      for (let column = x0; column <= x1; column++) {
        const dx = column + 0.5 - x;
        const dy = row + 0.5 - y;
        const r2 = (dx * dx + dy * dy * 0.8) * inverse;
        if (r2 >= 1) continue;
        const bend = 3.4 - 1.6 * r2;
        const seen = mean(copy, width, height, x - dx * bend, y - dy * bend, radius * 0.3);
        // Darker above, where the drop bends light away, brighter below, where it gathers it.
        const tilt = dy / radius;
        const body = tilt < 0
          ? blendWords(seen, DROP_DARK, -tilt * r2 * 120 | 0)
          : blendWords(seen, DROP_BRIGHT, tilt * r2 * 110 | 0);
        const pixel = row * width + column;
        colors[pixel] = blendWords(colors[pixel]!, body, (1 - r2 * r2 * r2) * 235 | 0);
      }
    }
  }
}

/** The mean of four points around a place: what a drop shows is never sharp. */
function mean(
  copy: Uint32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  apart: number,
): number {
  let redBlue = 0;
  let green = 0;
  for (let i = 0; i < 4; i++) {
    const px = Math.max(0, Math.min(width - 1, Math.floor(x + ((i & 1) - 0.5) * apart)));
    const py = Math.max(0, Math.min(height - 1, Math.floor(y + ((i >> 1) - 0.5) * apart)));
    const word = copy[py * width + px]!;
    redBlue += word & 0xff00ff;
    green += word & 0x00ff00;
  }
  return redBlue >>> 2 & 0xff00ff | green >>> 2 & 0x00ff00;
}
