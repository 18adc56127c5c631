import { BLOCK_LENGTH, BLOCK_SIDE, forwardDct, inverseDct } from "./dct.ts";

/** Samples are coded as differences from this. */
const CENTRE = 128;

/** One component of a picture in whole blocks, and what coding it does to it. */
export class JpegPlane {
  /** Samples of a row that belong to the picture. */
  readonly width: number;
  /** Rows that belong to the picture. */
  readonly height: number;
  /** Samples of a row, a multiple of 8. */
  readonly stride: number;
  /** `[rows, stride]` uint8; rows are a multiple of 8 too. */
  readonly samples: Uint8Array;
  readonly #rows: number;
  readonly #steps: Int32Array;
  readonly #block = new Int32Array(BLOCK_LENGTH);

  /**
   * Reserves memory.
   *
   * @param steps Quantisation steps, `[8, 8]`.
   */
  constructor(width: number, height: number, steps: Int32Array) {
    this.width = width;
    this.height = height;
    this.stride = wholeBlocks(width);
    this.#rows = wholeBlocks(height);
    this.samples = new Uint8Array(this.stride * this.#rows);
    this.#steps = steps;
  }

  /** Fills the columns right of the picture with its last one. */
  extendColumns(): void {
    const { samples, stride, width, height } = this;
    for (let y = 0; y < height; y++) {
      const end = y * stride + width;
      samples.fill(samples[end - 1]!, end, (y + 1) * stride);
    }
  }

  /** Fills the rows below the picture with its last one. */
  extendRows(): void {
    const { samples, stride, height } = this;
    for (let y = height; y < this.#rows; y++) {
      samples.copyWithin(y * stride, (height - 1) * stride, height * stride);
    }
  }

  /** Codes and decodes all blocks in place: only quantisation loses anything. */
  roundTrip(): void {
    for (let y = 0; y < this.#rows; y += BLOCK_SIDE) {
      for (let x = 0; x < this.stride; x += BLOCK_SIDE) this.#codeBlock(y * this.stride + x);
    }
  }

  #codeBlock(at: number): void {
    const block = this.#block;
    const { samples, stride } = this;
    for (let y = 0, i = 0; y < BLOCK_SIDE; y++) {
      const row = at + y * stride;
      for (let x = 0; x < BLOCK_SIDE; x++, i++) block[i] = samples[row + x]! - CENTRE;
    }
    forwardDct(block);
    if (quantise(block, this.#steps)) inverseDct(block);
    else block.fill((block[0]! + 4) >> 3);
    for (let y = 0, i = 0; y < BLOCK_SIDE; y++) {
      const row = at + y * stride;
      for (let x = 0; x < BLOCK_SIDE; x++, i++) samples[row + x] = clampByte(block[i]! + CENTRE);
    }
  }
}

/**
 * Replaces each coefficient by the nearest multiple of its step; coefficients come in 8 times too
 * big. Returns whether any but the first is not 0.
 */
function quantise(block: Int32Array, steps: Int32Array): boolean {
  let rest = 0;
  for (let i = 0; i < BLOCK_LENGTH; i++) {
    const coefficient = block[i]!;
    const step = steps[i]!;
    const size = coefficient < 0 ? -coefficient : coefficient;
    // Most are small and become 0, which needs no division.
    const multiple = size < 4 * step ? 0 : ((size + 4 * step) / (8 * step) | 0) * step;
    block[i] = coefficient < 0 ? -multiple : multiple;
    if (i > 0) rest |= multiple;
  }
  return rest !== 0;
}

function wholeBlocks(samples: number): number {
  return Math.ceil(samples / BLOCK_SIDE) * BLOCK_SIDE;
}

function clampByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
