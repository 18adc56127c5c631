/** Printable ASCII, which the atlas covers: from the space to the tilde. */
const FIRST_CODE = 32;
const LAST_CODE = 126;
/** Bytes before a glyph's mask: advance, left, top, width, height. */
const GLYPH_HEADER_BYTES = 5;

/** One font size of the atlas as it is stored. */
export interface EncodedFont {
  /** Nominal size in pixels. */
  readonly sizePx: number;
  /** Pixels from the top of a line to its baseline. */
  readonly ascentPx: number;
  /** Pixels from the baseline to the bottom of a line. */
  readonly descentPx: number;
  /**
   * Base64 of 95 glyphs in ASCII order, each `advance, left, top, width, height` (one byte each,
   * `left` and `top` signed; `top` counts upwards from the baseline) and its mask, row by row,
   * two 4-bit alphas a byte, the high half first, each row padded to whole bytes.
   */
  readonly glyphs: string;
}

/** One character: where its ink lies and how opaque it is. */
export interface Glyph {
  /** Distance to the next character's origin in pixels. */
  readonly advancePx: number;
  /** From the origin to the left edge of the mask in pixels. */
  readonly leftPx: number;
  /** From the baseline up to the top edge of the mask in pixels. */
  readonly topPx: number;
  /** Width of the mask in pixels; 0 for the space. */
  readonly width: number;
  /** Height of the mask in pixels. */
  readonly height: number;
  /** Opacity, `[height, width]`, 0–255. */
  readonly alpha: Uint8Array;
}

/** A line of text as opacity. */
export interface TextMask {
  /** Width in pixels, even. */
  readonly width: number;
  /** Height in pixels, even. */
  readonly height: number;
  /** Opacity, `[height, width]`, 0–255; on loan until the font draws its next line. */
  readonly alpha: Uint8Array;
}

/**
 * A bitmap font of printable ASCII at one size, enlarged by a whole factor.
 *
 * Accented Latin letters lose their accents; any other character becomes a question mark.
 */
export class GlyphFont {
  /** Height of a line in pixels, even. */
  readonly linePx: number;
  /** Pixels from the top of a line to its baseline. */
  readonly ascentPx: number;
  readonly #glyphs: readonly Glyph[];
  readonly #factor: number;
  #scratch = new Uint8Array(0);

  /**
   * Reads one size of the atlas.
   *
   * @param encoded The size.
   * @param factor By how much to enlarge it, a whole number from 1.
   * @throws {RangeError} If the factor is not such a number or the atlas is damaged.
   */
  constructor(encoded: EncodedFont, factor = 1) {
    if (!Number.isInteger(factor) || factor < 1) {
      throw new RangeError(`Cannot enlarge glyphs ${factor} times: use a whole number from 1`);
    }
    this.#glyphs = decodeGlyphs(encoded.glyphs);
    this.#factor = factor;
    const inkPx = (encoded.ascentPx + encoded.descentPx) * factor;
    this.linePx = inkPx + inkPx % 2;
    this.ascentPx = encoded.ascentPx * factor + inkPx % 2;
  }

  /** Width of a line of text in pixels. */
  measurePx(text: string): number {
    let width = 0;
    for (const code of asciiCodes(text)) width += this.#glyphs[code - FIRST_CODE]!.advancePx;
    return width * this.#factor;
  }

  /**
   * Draws a line of text with `paddingPx` (even) free on both sides, where strokes that reach
   * beyond their character find room. The mask is overwritten by the next call.
   */
  render(text: string, paddingPx: number): TextMask {
    const inkPx = this.measurePx(text);
    const width = inkPx + inkPx % 2 + 2 * paddingPx;
    const height = this.linePx;
    if (this.#scratch.length < width * height) this.#scratch = new Uint8Array(2 * width * height);
    const alpha = this.#scratch.subarray(0, width * height).fill(0);
    let originPx = paddingPx;
    for (const code of asciiCodes(text)) {
      const glyph = this.#glyphs[code - FIRST_CODE]!;
      this.#stamp(glyph, originPx, { width, height, alpha });
      originPx += glyph.advancePx * this.#factor;
    }
    return { width, height, alpha };
  }

  #stamp(glyph: Glyph, originPx: number, mask: TextMask): void {
    const factor = this.#factor;
    const left = originPx + glyph.leftPx * factor;
    const top = this.ascentPx - glyph.topPx * factor;
    const x1 = Math.max(0, -left);
    const x2 = Math.min(glyph.width * factor, mask.width - left);
    const y2 = Math.min(glyph.height * factor, mask.height - top);
    for (let y = Math.max(0, -top); y < y2; y++) {
      const source = Math.floor(y / factor) * glyph.width;
      const target = (top + y) * mask.width + left;
      for (let x = x1; x < x2; x++) {
        const value = glyph.alpha[source + (factor === 1 ? x : Math.floor(x / factor))]!;
        if (value > mask.alpha[target + x]!) mask.alpha[target + x] = value;
      }
    }
  }
}

/** Character codes of the atlas that stand for `text`. */
function asciiCodes(text: string): number[] {
  const codes: number[] = [];
  for (const character of text.normalize("NFD")) {
    const code = character.codePointAt(0)!;
    if (code >= FIRST_CODE && code <= LAST_CODE) codes.push(code);
    else if (!/\p{Mark}/u.test(character)) codes.push("?".charCodeAt(0));
  }
  return codes;
}

function decodeGlyphs(base64: string): Glyph[] {
  const bytes = Uint8Array.fromBase64(base64);
  const signed = new Int8Array(bytes.buffer);
  const glyphs: Glyph[] = [];
  let at = 0;
  for (let code = FIRST_CODE; code <= LAST_CODE; code++) {
    const [advancePx, , , width, height] = bytes.subarray(at, at + GLYPH_HEADER_BYTES);
    const maskAt = at + GLYPH_HEADER_BYTES;
    const rowBytes = (width! + 1) >> 1;
    const end = maskAt + rowBytes * height!;
    if (height === undefined || end > bytes.length) {
      throw new RangeError(`Cannot read the glyph atlas: it ends in character ${code}`);
    }
    glyphs.push({
      advancePx: advancePx!,
      leftPx: signed[at + 1]!,
      topPx: signed[at + 2]!,
      width: width!,
      height,
      alpha: unpackMask(bytes.subarray(maskAt, end), width!, height),
    });
    at = end;
  }
  return glyphs;
}

/** Spreads 4-bit alphas to 0–255. */
function unpackMask(packed: Uint8Array, width: number, height: number): Uint8Array {
  const rowBytes = (width + 1) >> 1;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const x = i % width;
    const byte = packed[Math.floor(i / width) * rowBytes + (x >> 1)]!;
    return 17 * ((x & 1) === 0 ? byte >> 4 : byte & 15);
  });
}
