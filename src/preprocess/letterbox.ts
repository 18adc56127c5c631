import type { Letterbox, LetterboxRule } from "../core/input_spec.ts";

/**
 * Fits a picture into a network input.
 *
 * `letterbox` keeps the aspect ratio: `ratio = min(netWidth / sourceWidth, netHeight /
 * sourceHeight)`, and the picture covers `source * ratio` pixels, rounded to whole ones as the rule
 * says, at least 1. `center` puts an odd pixel of padding to the right or below, `topleft` all of it,
 * as the programs do that trained the models (Ultralytics `LetterBox`, YOLOX `preproc`). `stretch`
 * fills the input on both axes.
 *
 * @param sourceWidth Width of the picture in pixels, a whole number from 1.
 * @param sourceHeight Height of the picture in pixels, a whole number from 1.
 * @param netWidth Width of the network input in pixels, a whole number from 1.
 * @param netHeight Height of the network input in pixels, a whole number from 1.
 * @param rule How to fit; its `padValue` does not matter here.
 * @throws {RangeError} If a size is not a whole number from 1.
 */
export function fitLetterbox(
  sourceWidth: number,
  sourceHeight: number,
  netWidth: number,
  netHeight: number,
  rule: LetterboxRule,
): Letterbox {
  for (const side of [sourceWidth, sourceHeight, netWidth, netHeight]) {
    if (!Number.isSafeInteger(side) || side < 1) {
      throw new RangeError(
        `Cannot fit ${sourceWidth}x${sourceHeight} into ${netWidth}x${netHeight} pixels: ` +
          "sizes must be whole numbers from 1",
      );
    }
  }
  const stretched = rule.mode === "stretch";
  const ratio = Math.min(netWidth / sourceWidth, netHeight / sourceHeight);
  const round = rule.rounding === "down" ? Math.floor : roundHalfToEven;
  const contentWidth = stretched ? netWidth : within(round(sourceWidth * ratio), netWidth);
  const contentHeight = stretched ? netHeight : within(round(sourceHeight * ratio), netHeight);
  const centred = rule.anchor === "center";
  return {
    sourceWidth,
    sourceHeight,
    netWidth,
    netHeight,
    contentWidth,
    contentHeight,
    padX: centred ? Math.floor((netWidth - contentWidth) / 2) : 0,
    padY: centred ? Math.floor((netHeight - contentHeight) / 2) : 0,
    scaleX: contentWidth / sourceWidth,
    scaleY: contentHeight / sourceHeight,
  };
}

/**
 * Maps boxes from network pixels to source pixels in place and clips them to the picture:
 * `src = (net - pad) / scale`.
 *
 * @param letterbox How the picture was fitted in.
 * @param xyxy Corners, `[count, 4]` float32, `x1 y1 x2 y2`.
 * @param count How many rows to map, from the first.
 * @throws {RangeError} If `xyxy` holds fewer than `count` rows.
 */
export function toSourceInto(letterbox: Letterbox, xyxy: Float32Array, count: number): void {
  checkRows(xyxy, count);
  const { sourceWidth, sourceHeight, padX, padY, scaleX, scaleY } = letterbox;
  for (let i = 0; i < 4 * count; i += 2) {
    xyxy[i] = clamp((xyxy[i]! - padX) / scaleX, sourceWidth);
    xyxy[i + 1] = clamp((xyxy[i + 1]! - padY) / scaleY, sourceHeight);
  }
}

/**
 * Maps boxes from source pixels to network pixels in place, without clipping:
 * `net = src * scale + pad`.
 *
 * @param letterbox How the picture was fitted in.
 * @param xyxy Corners, `[count, 4]` float32, `x1 y1 x2 y2`.
 * @param count How many rows to map, from the first.
 * @throws {RangeError} If `xyxy` holds fewer than `count` rows.
 */
export function toNetInto(letterbox: Letterbox, xyxy: Float32Array, count: number): void {
  checkRows(xyxy, count);
  const { padX, padY, scaleX, scaleY } = letterbox;
  for (let i = 0; i < 4 * count; i += 2) {
    xyxy[i] = xyxy[i]! * scaleX + padX;
    xyxy[i + 1] = xyxy[i + 1]! * scaleY + padY;
  }
}

function checkRows(xyxy: Float32Array, count: number): void {
  if (!Number.isInteger(count) || count < 0 || xyxy.length < 4 * count) {
    throw new RangeError(`Cannot map ${count} boxes: there is room for ${xyxy.length / 4}`);
  }
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}

/** Like Python's `round`, with which Ultralytics prepares pictures. */
function roundHalfToEven(exact: number): number {
  const floor = Math.floor(exact);
  const fraction = exact - floor;
  return fraction > 0.5 || (fraction === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** From 1 to the side of the network input. */
function within(pixels: number, netSide: number): number {
  return Math.min(Math.max(pixels, 1), netSide);
}
