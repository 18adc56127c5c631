import { doubleChromaRow, halveChroma } from "./jpeg_chroma.ts";
import { JpegPlane } from "./jpeg_plane.ts";
import { quantisationSteps } from "./jpeg_quality.ts";

/** Colour conversion counts in this part of one. */
const BITS = 16;
const HALF = 1 << (BITS - 1);

/*
 * JFIF 1.02 (1992): luma and chroma of BT.601 in full range. The factors are rounded as the
 * Independent JPEG Group's library does.
 */
const RED_LUMA = fixed(0.299);
const GREEN_LUMA = fixed(0.587);
const BLUE_LUMA = fixed(0.114);
const RED_CB = fixed(0.16874);
const GREEN_CB = fixed(0.33126);
const GREEN_CR = fixed(0.41869);
const BLUE_CR = fixed(0.08131);
const CR_RED = fixed(1.402);
const CR_GREEN = fixed(0.71414);
const CB_GREEN = fixed(0.34414);
const CB_BLUE = fixed(1.772);

function fixed(value: number): number {
  return Math.floor(value * 2 ** BITS + 0.5);
}

/**
 * What JPEG does to pictures of one size: coding and decoding without a file in between, because
 * entropy coding loses nothing.
 *
 * As the Independent JPEG Group's library does by default, and so OpenCV: chroma halved in both
 * directions, integer transforms, smoothed chroma at decoding.
 */
export class JpegCoder {
  readonly #width: number;
  readonly #height: number;
  readonly #luma: JpegPlane;
  readonly #cb: JpegPlane;
  readonly #cr: JpegPlane;
  /** Chroma before halving, `[2 * height of the chroma, stride]`. */
  readonly #fullCb: Uint8Array;
  readonly #fullCr: Uint8Array;
  readonly #fullStride: number;
  readonly #rowCb: Uint8Array;
  readonly #rowCr: Uint8Array;

  /**
   * Reserves memory.
   *
   * @param quality 1 (worst) to 100.
   */
  constructor(width: number, height: number, quality: number) {
    const [halfWidth, halfHeight] = [(width + 1) >> 1, (height + 1) >> 1];
    const chromaSteps = quantisationSteps("chroma", quality);
    this.#width = width;
    this.#height = height;
    this.#luma = new JpegPlane(width, height, quantisationSteps("luma", quality));
    this.#cb = new JpegPlane(halfWidth, halfHeight, chromaSteps);
    this.#cr = new JpegPlane(halfWidth, halfHeight, chromaSteps);
    this.#fullStride = 2 * this.#cb.stride;
    this.#fullCb = new Uint8Array(this.#fullStride * 2 * halfHeight);
    this.#fullCr = new Uint8Array(this.#fullStride * 2 * halfHeight);
    this.#rowCb = new Uint8Array(2 * halfWidth);
    this.#rowCr = new Uint8Array(2 * halfWidth);
  }

  /**
   * Codes and decodes a picture in place.
   *
   * @param bgr `[height, width, 3]` uint8, blue first.
   */
  roundTrip(bgr: Uint8Array): void {
    for (let y = 0; y < this.#height; y++) this.#splitRow(bgr, y);
    this.#extendChroma(this.#fullCb);
    this.#extendChroma(this.#fullCr);
    halveChroma(this.#fullCb, this.#fullStride, this.#cb);
    halveChroma(this.#fullCr, this.#fullStride, this.#cr);
    this.#luma.extendColumns();
    for (const plane of [this.#luma, this.#cb, this.#cr]) {
      plane.extendRows();
      plane.roundTrip();
    }
    for (let y = 0; y < this.#height; y++) this.#joinRow(bgr, y);
  }

  #splitRow(bgr: Uint8Array, y: number): void {
    const luma = this.#luma.samples;
    const cb = this.#fullCb;
    const cr = this.#fullCr;
    const lumaRow = y * this.#luma.stride;
    const chromaRow = y * this.#fullStride;
    const offset = (128 << BITS) + HALF - 1;
    for (let x = 0, i = 3 * this.#width * y; x < this.#width; x++, i += 3) {
      const blue = bgr[i]!;
      const green = bgr[i + 1]!;
      const red = bgr[i + 2]!;
      luma[lumaRow + x] = (RED_LUMA * red + GREEN_LUMA * green + BLUE_LUMA * blue + HALF) >> BITS;
      cb[chromaRow + x] = (HALF * blue - RED_CB * red - GREEN_CB * green + offset) >> BITS;
      cr[chromaRow + x] = (HALF * red - GREEN_CR * green - BLUE_CR * blue + offset) >> BITS;
    }
  }

  /** Repeats the last column and, of an odd number of rows, the last row. */
  #extendChroma(full: Uint8Array): void {
    const stride = this.#fullStride;
    for (let y = 0; y < this.#height; y++) {
      const end = y * stride + this.#width;
      full.fill(full[end - 1]!, end, (y + 1) * stride);
    }
    const last = (this.#height - 1) * stride;
    if (this.#height % 2 === 1) full.copyWithin(last + stride, last, last + stride);
  }

  #joinRow(bgr: Uint8Array, y: number): void {
    const luma = this.#luma.samples;
    const lumaRow = y * this.#luma.stride;
    const cb = this.#rowCb;
    const cr = this.#rowCr;
    doubleChromaRow(this.#cb, y, cb);
    doubleChromaRow(this.#cr, y, cr);
    for (let x = 0, i = 3 * this.#width * y; x < this.#width; x++, i += 3) {
      const value = luma[lumaRow + x]!;
      const u = cb[x]! - 128;
      const v = cr[x]! - 128;
      bgr[i] = clampByte(value + ((CB_BLUE * u + HALF) >> BITS));
      bgr[i + 1] = clampByte(value + ((HALF - CB_GREEN * u - CR_GREEN * v) >> BITS));
      bgr[i + 2] = clampByte(value + ((CR_RED * v + HALF) >> BITS));
    }
  }
}

function clampByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
