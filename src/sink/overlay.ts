import type { Detection } from "../core/detections.ts";
import type { FrameResult } from "../core/result.ts";
import type { Canvas, Rect } from "./canvas.ts";
import { classColor, INK_LIGHT, INK_WARNING, inkOn } from "./color.ts";
import { GLYPH_ATLAS } from "./font/glyph_atlas.ts";
import { GlyphFont } from "./font/glyph_font.ts";
import { LabelPlacer } from "./label_placer.ts";
import { TrackTrails } from "./track_trails.ts";

/** Most labels drawn on one picture; the boxes of the others stay without. */
const LABELS_MAX = 200;
/** Pictures smaller than this get no status line. */
const STATUS_WIDTH_MIN = 160;
const STATUS_LINES_MIN = 8;
const STATUS_SHADE = 0.6;
/** Objects lower than this many lines of text get small labels. */
const SMALL_LINES = 3;
/** A small label stays small until its object is this many lines higher than that. */
const LINES_SLACK = 0.5;

/** Where a source picture lies on a canvas: `canvas = source * scale + offset`. */
export interface Viewport {
  /** Canvas pixels per source pixel. */
  readonly scale: number;
  /** Left border in canvas pixels. */
  readonly offsetX: number;
  /** Top border in canvas pixels. */
  readonly offsetY: number;
  /** Width of the picture on the canvas in pixels. */
  readonly width: number;
  /** Height of the picture on the canvas in pixels. */
  readonly height: number;
}

/** How the label of a track was drawn. */
interface TrackLabel {
  /** Which of the places at its box. */
  readonly side: number;
  /** Whether in the small font. */
  readonly isSmall: boolean;
}

/**
 * Draws results on pictures of one size: boxes in the colour of their class, labels
 * (class, score, track), the way that tracked objects came, and a status line. Lines and text grow
 * with the picture. Shown every result of a stream in order.
 */
export class Overlay {
  readonly #font: GlyphFont;
  /** For labels of objects that are hardly higher than a line of the other one. */
  readonly #smallFont: GlyphFont;
  readonly #linePx: number;
  readonly #paddingPx: number;
  readonly #trails: TrackTrails;
  /** The labels of tracks in the last picture and in this one, so that they do not flicker. */
  #labels = new Map<number, TrackLabel>();
  #nextLabels = new Map<number, TrackLabel>();

  /** Chooses text and line sizes for a `width` × `height` canvas. */
  constructor(width: number, height: number) {
    // Wide and tall pictures are seen whole, so their shorter side decides.
    const sidePx = Math.min(height, 0.75 * width);
    [this.#smallFont, this.#font] = chooseFonts(sidePx);
    this.#linePx = 2 * Math.max(1, Math.round(sidePx / 540));
    this.#paddingPx = 2 * Math.max(1, Math.round(this.#font.linePx / 10));
    this.#trails = new TrackTrails(2 * this.#linePx);
  }

  /** Draws one result; `viewport` says where its picture lies. */
  draw(canvas: Canvas, result: FrameResult, viewport: Viewport): void {
    const bounds = {
      x1: viewport.offsetX,
      y1: viewport.offsetY,
      x2: viewport.offsetX + viewport.width,
      y2: viewport.offsetY + viewport.height,
    };
    this.#trails.draw(canvas, result, viewport, bounds);
    const boxes = result.detections.map((detection) => boxOf(detection, viewport, bounds));
    for (let i = boxes.length - 1; i >= 0; i--) {
      this.#drawBox(canvas, boxes[i]!, classColor(result.detections[i]!.classIndex));
    }
    const placer = new LabelPlacer(bounds, boxes.slice(0, LABELS_MAX));
    const status = this.#drawStatus(canvas, result, bounds);
    if (status !== null) placer.block(status);
    for (const [i, detection] of result.detections.slice(0, LABELS_MAX).entries()) {
      this.#drawLabel(canvas, detection, boxes[i]!, placer);
    }
    [this.#labels, this.#nextLabels] = [this.#nextLabels, this.#labels];
    this.#nextLabels.clear();
  }

  #drawBox(canvas: Canvas, box: Rect, color: number): void {
    const { x1, y1, x2, y2 } = box;
    const line = this.#linePx;
    canvas.fillRect({ x1, y1, x2, y2: Math.min(y2, y1 + line) }, color);
    canvas.fillRect({ x1, y1: Math.max(y1, y2 - line), x2, y2 }, color);
    canvas.fillRect({ x1, y1, x2: Math.min(x2, x1 + line), y2 }, color);
    canvas.fillRect({ x1: Math.max(x1, x2 - line), y1, x2, y2 }, color);
  }

  #drawLabel(canvas: Canvas, detection: Detection, box: Rect, placer: LabelPlacer): void {
    const color = classColor(detection.classIndex);
    const text = formatLabel(detection);
    const { trackId } = detection;
    const before = trackId === undefined ? undefined : this.#labels.get(trackId);
    const lines = before?.isSmall === true ? SMALL_LINES + LINES_SLACK : SMALL_LINES;
    const isSmall = box.y2 - box.y1 < lines * this.#font.linePx;
    const font = isSmall ? this.#smallFont : this.#font;
    const width = evenUp(font.measurePx(text)) + 2 * this.#paddingPx;
    const place = placer.place(box, width, font.linePx, before?.side);
    if (place === null) return;
    if (trackId !== undefined) this.#nextLabels.set(trackId, { side: place.side, isSmall });
    const { rect } = place;
    canvas.fillRect(rect, color);
    canvas.blendMask(rect.x1, rect.y1, font.render(text, this.#paddingPx), inkOn(color));
  }

  #drawStatus(canvas: Canvas, result: FrameResult, bounds: Rect): Rect | null {
    const width = bounds.x2 - bounds.x1;
    const height = this.#font.linePx;
    if (width < STATUS_WIDTH_MIN || bounds.y2 - bounds.y1 < STATUS_LINES_MIN * height) return null;
    const text = this.#shorten(formatStatus(result), width - 2 * this.#paddingPx);
    const y1 = (bounds.y2 - height) & ~1;
    const x2 = bounds.x1 + evenUp(this.#font.measurePx(text)) + 2 * this.#paddingPx;
    const bar = { x1: bounds.x1, y1, x2, y2: bounds.y2 };
    canvas.shadeRect(bar, STATUS_SHADE);
    const ink = isCalm(result) ? INK_LIGHT : INK_WARNING;
    canvas.blendMask(bar.x1, y1, this.#font.render(text, this.#paddingPx), ink);
    return bar;
  }

  /** Cuts a text so that it is at most `widthPx` wide. */
  #shorten(text: string, widthPx: number): string {
    if (this.#font.measurePx(text) <= widthPx) return text;
    let kept = text.length;
    while (kept > 0 && this.#font.measurePx(`${text.slice(0, kept)}...`) > widthPx) kept--;
    return `${text.slice(0, kept)}...`;
  }
}

/**
 * The text of a label: class, score, and the track where there is one.
 */
export function formatLabel({ className, score, trackId }: Detection): string {
  const track = trackId === undefined ? "" : ` #${trackId}`;
  return `${className} ${score.toFixed(2)}${track}`;
}

/** The text of the status line: frame, state with its reason, detections, time, health. */
export function formatStatus(result: FrameResult): string {
  const { seq, state, stateReason, detections, timingsMs, monitor } = result;
  const count = detections.length;
  return [
    `frame ${seq}`,
    stateReason === null ? state : `${state}: ${stateReason}`,
    `${count} detection${count === 1 ? "" : "s"}`,
    `${timingsMs.total.toFixed(1)} ms`,
    ...monitor === null ? [] : [
      monitor.suspicion === null || monitor.health === "healthy"
        ? monitor.health
        : `${monitor.health}: ${monitor.suspicion}?`,
    ],
  ].join("  ");
}

/** Whether nothing about a result deserves attention. */
function isCalm({ state, monitor }: FrameResult): boolean {
  return state === "live" &&
    (monitor === null || monitor.health === "healthy" || monitor.health === "warming");
}

/** The font of small labels and that of everything else. */
function chooseFonts(sidePx: number): [small: GlyphFont, usual: GlyphFont] {
  const [tiny, small, medium, large] = GLYPH_ATLAS;
  if (sidePx < 300) return [new GlyphFont(tiny!), new GlyphFont(tiny!)];
  if (sidePx < 600) return [new GlyphFont(tiny!), new GlyphFont(small!)];
  if (sidePx < 900) return [new GlyphFont(small!), new GlyphFont(medium!)];
  const factor = Math.max(1, Math.floor(sidePx / 900));
  return [new GlyphFont(medium!, factor), new GlyphFont(large!, factor)];
}

/** A detection's box in canvas pixels: even corners, at least 2 × 2, inside the picture. */
function boxOf({ xyxyPx }: Detection, { scale, offsetX, offsetY }: Viewport, bounds: Rect): Rect {
  const [x1, y1, x2, y2] = xyxyPx;
  const left = clampEven(x1 * scale + offsetX, bounds.x1, bounds.x2 - 2);
  const top = clampEven(y1 * scale + offsetY, bounds.y1, bounds.y2 - 2);
  return {
    x1: left,
    y1: top,
    x2: clampEven(x2 * scale + offsetX, left + 2, bounds.x2),
    y2: clampEven(y2 * scale + offsetY, top + 2, bounds.y2),
  };
}

function clampEven(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, 2 * Math.round(value / 2)));
}

function evenUp(value: number): number {
  return (value + 1) & ~1;
}
