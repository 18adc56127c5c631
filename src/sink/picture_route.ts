import type { Picture } from "../core/frame.ts";
import type { PixelFormat } from "../core/pixel_format.ts";
import type { Viewport } from "./overlay.ts";

/** How a picture of one kind gets onto a canvas of one kind. */
export interface PictureRoute {
  /** Where the picture lies on the canvas. */
  readonly viewport: Viewport;
  /**
   * Whether luma coefficients must be exchanged or undone on the way, which FFmpeg's scaler does
   * from frame to frame only.
   */
  readonly recolor: boolean;
  /**
   * What surrounds the picture: nothing, one column or row more that makes its sides even, or
   * borders because its shape differs.
   */
  readonly surround: "none" | "edge" | "borders";
}

/** What a canvas holds. */
export interface CanvasKind {
  /** Planar YUV 4:2:0 or red, green, blue. */
  readonly format: "i420" | "rgb24";
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Luma coefficients of YUV. */
  readonly colorMatrix: Picture["colorMatrix"];
}

/**
 * Plans the way of a picture onto a canvas: in place where it fits to the pixel or lacks at most
 * one column or row (the canvas is then the picture made even), else scaled to fit, centred,
 * edges at even pixels.
 */
export function planRoute(picture: Picture, canvas: CanvasKind): PictureRoute {
  const yuv = isYuv(picture.format);
  const recolor = yuv &&
    (canvas.format === "rgb24" || picture.colorMatrix !== canvas.colorMatrix);
  const missingX = canvas.width - picture.width;
  const missingY = canvas.height - picture.height;
  const { width, height } = picture;
  if ((missingX === 0 || missingX === 1) && (missingY === 0 || missingY === 1)) {
    const viewport = { scale: 1, offsetX: 0, offsetY: 0, width, height };
    return { viewport, recolor, surround: missingX + missingY === 0 ? "none" : "edge" };
  }
  const viewport = fitViewport(picture, canvas);
  const covers = viewport.width === canvas.width && viewport.height === canvas.height;
  return { viewport, recolor, surround: covers ? "none" : "borders" };
}

/** Whether a pixel format has luma and chroma. */
export function isYuv(format: PixelFormat): boolean {
  return format === "nv12" || format === "i420" || format === "yuyv";
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function fitViewport(picture: Size, canvas: Size): Viewport {
  const { width, height } = picture;
  const scale = Math.min(canvas.width / width, canvas.height / height);
  const fitted = {
    width: fitEven(width * scale, canvas.width),
    height: fitEven(height * scale, canvas.height),
  };
  return {
    scale,
    offsetX: evenDown((canvas.width - fitted.width) / 2),
    offsetY: evenDown((canvas.height - fitted.height) / 2),
    ...fitted,
  };
}

function fitEven(length: number, limit: number): number {
  return Math.min(limit, Math.max(2, 2 * Math.round(length / 2)));
}

function evenDown(length: number): number {
  return 2 * Math.floor(length / 2);
}
