/** How a picture is fitted into the network input. */
export interface LetterboxRule {
  /** `letterbox` keeps the aspect ratio and pads; `stretch` fills the input on both axes. */
  readonly mode: "letterbox" | "stretch";
  /** Where the picture sits when it is padded: `center` (Ultralytics) or `topleft` (YOLOX). */
  readonly anchor: "center" | "topleft";
  /** Value of the padding in every channel before scaling, 0–255. */
  readonly padValue: number;
  /**
   * How the picture's sides become whole network pixels: `nearest`, half to even (the default), or
   * `down`. It makes a difference of one pixel, where a side does not come out whole.
   */
  readonly rounding?: "nearest" | "down";
}

/**
 * What the network wants at its picture input.
 *
 * Each element is `out[c] = pixel[c] * scale[c] + bias[c]` with `pixel` in 0–255 and `c` counted
 * in the order of `channels`.
 */
export interface InputSpec {
  /** Input's name in the graph. */
  readonly name: string;
  /** Element type; `uint8` is rounded to nearest and clamped after scaling. */
  readonly type: "float32" | "float16" | "uint8";
  /** `nchw` is `[1, 3, height, width]`, `nhwc` is `[1, height, width, 3]`. */
  readonly layout: "nchw" | "nhwc";
  /** Width of the input in pixels. */
  readonly width: number;
  /** Height of the input in pixels. */
  readonly height: number;
  /** Order of the three channels. */
  readonly channels: "rgb" | "bgr";
  /** Factor per channel, in the order of `channels`. */
  readonly scale: readonly [number, number, number];
  /** Summand per channel after scaling, in the order of `channels`. */
  readonly bias: readonly [number, number, number];
  /** How pictures of other shapes are fitted in. */
  readonly letterbox: LetterboxRule;
}

/**
 * Where a source picture landed in the network input: `net = src * scale + pad` on each axis, both
 * in pixels with the origin at the outer corner of the first pixel. Plain data; holds no buffer.
 */
export interface Letterbox {
  /** Width of the source picture in pixels. */
  readonly sourceWidth: number;
  /** Height of the source picture in pixels. */
  readonly sourceHeight: number;
  /** Width of the network input in pixels. */
  readonly netWidth: number;
  /** Height of the network input in pixels. */
  readonly netHeight: number;
  /** Network pixels that the picture covers horizontally. */
  readonly contentWidth: number;
  /** Network pixels that the picture covers vertically. */
  readonly contentHeight: number;
  /** Network pixels left of the picture, whole. */
  readonly padX: number;
  /** Network pixels above the picture, whole. */
  readonly padY: number;
  /** Network pixels per source pixel, horizontally (`contentWidth / sourceWidth`). */
  readonly scaleX: number;
  /** Network pixels per source pixel, vertically (`contentHeight / sourceHeight`). */
  readonly scaleY: number;
}
