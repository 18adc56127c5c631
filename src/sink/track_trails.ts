import type { FrameResult } from "../core/result.ts";
import type { Canvas, Rect } from "./canvas.ts";
import { classColor } from "./color.ts";
import type { TextMask } from "./font/glyph_font.ts";
import type { Viewport } from "./overlay.ts";

/** How long a point of a trail is seen, in milliseconds of the stream. */
const TRAIL_MS = 1500;
/** Most points of a trail, the newest, and most trails at a time. */
const POINTS_MAX = 48;
const TRAILS_MAX = 200;
/** Points nearer to each other than this many diameters are one. */
const SPACING = 1.5;
/** Steps from fresh to gone. */
const FADE_STEPS = 8;
/** Opacity of a fresh point, 0–255. */
const FRESH_ALPHA = 230;

/** Where one object was, as a ring of points in source pixels. */
interface Trail {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly atMs: Float64Array;
  /** Points ever added; the newest is at `count - 1` modulo the length. */
  count: number;
  classIndex: number;
}

/**
 * Shows where tracked objects came from: fading dots where they stood, in the colour of their
 * class. It remembers the results it is shown; a stream that begins anew begins without trails.
 */
export class TrackTrails {
  readonly #trails = new Map<number, Trail>();
  readonly #dots: readonly TextMask[];
  readonly #diameterPx: number;
  #lastMs = -Infinity;
  #epoch = -1;

  /** Draws dots of this many pixels, an even number. */
  constructor(diameterPx: number) {
    this.#diameterPx = diameterPx;
    this.#dots = Array.from({ length: FADE_STEPS }, (_, step) => {
      return makeDot(diameterPx, FRESH_ALPHA * (1 - step / FADE_STEPS));
    });
  }

  /** Adds a result's tracks and draws the trails; `bounds` is the picture on the canvas. */
  draw(canvas: Canvas, result: FrameResult, viewport: Viewport, bounds: Rect): void {
    this.#take(result, viewport.scale);
    const radius = this.#diameterPx / 2;
    for (const { x, y, atMs, count, classIndex } of this.#trails.values()) {
      const color = classColor(classIndex);
      for (let i = Math.max(0, count - POINTS_MAX); i < count; i++) {
        const at = i % POINTS_MAX;
        const step = Math.floor(FADE_STEPS * (result.ptsMs - atMs[at]!) / TRAIL_MS);
        if (step >= FADE_STEPS) continue;
        const left = evenNear(x[at]! * viewport.scale + viewport.offsetX - radius);
        const top = evenNear(y[at]! * viewport.scale + viewport.offsetY - radius);
        const isInside = left >= bounds.x1 && top >= bounds.y1 &&
          left + this.#diameterPx <= bounds.x2 && top + this.#diameterPx <= bounds.y2;
        if (isInside) canvas.blendMask(left, top, this.#dots[step]!, color);
      }
    }
  }

  #take({ ptsMs, epoch, tracks }: FrameResult, scale: number): void {
    if (ptsMs < this.#lastMs || epoch !== this.#epoch) this.#trails.clear();
    this.#lastMs = ptsMs;
    this.#epoch = epoch;
    for (const { trackId, classIndex, xyxyPx: [x1, , x2, y2] } of tracks) {
      const trail = this.#trails.get(trackId) ?? this.#begin(trackId);
      if (trail === null) continue;
      trail.classIndex = classIndex;
      addPoint(trail, (x1 + x2) / 2, y2, ptsMs, SPACING * this.#diameterPx / scale);
    }
    for (const [trackId, { atMs, count }] of this.#trails) {
      if (ptsMs - atMs[(count - 1) % POINTS_MAX]! > TRAIL_MS) this.#trails.delete(trackId);
    }
  }

  #begin(trackId: number): Trail | null {
    if (this.#trails.size >= TRAILS_MAX) return null;
    const [x, y, atMs] = [0, 1, 2].map(() => new Float64Array(POINTS_MAX));
    const trail: Trail = { x: x!, y: y!, atMs: atMs!, count: 0, classIndex: 0 };
    this.#trails.set(trackId, trail);
    return trail;
  }
}

/** Adds a point, or only its time where the object hardly moved. */
function addPoint(trail: Trail, x: number, y: number, atMs: number, spacingPx: number): void {
  const newest = (trail.count - 1) % POINTS_MAX;
  const moved = trail.count === 0
    ? Infinity
    : Math.hypot(x - trail.x[newest]!, y - trail.y[newest]!);
  if (moved < spacingPx) {
    trail.atMs[newest] = atMs;
    return;
  }
  const at = trail.count % POINTS_MAX;
  trail.x[at] = x;
  trail.y[at] = y;
  trail.atMs[at] = atMs;
  trail.count++;
}

/** A round dot with a soft edge. */
function makeDot(diameterPx: number, opacity: number): TextMask {
  const alpha = new Uint8Array(diameterPx * diameterPx);
  const centre = (diameterPx - 1) / 2;
  for (let i = 0; i < alpha.length; i++) {
    const distance = Math.hypot(i % diameterPx - centre, Math.floor(i / diameterPx) - centre);
    const cover = Math.max(0, Math.min(1, diameterPx / 2 - distance + 0.5));
    alpha[i] = Math.round(opacity * cover);
  }
  return { width: diameterPx, height: diameterPx, alpha };
}

function evenNear(value: number): number {
  return 2 * Math.round(value / 2);
}
