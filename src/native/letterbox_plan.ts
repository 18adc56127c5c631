import type { Picture } from "../core/frame.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import { PIXEL_FORMATS, type PixelFormat } from "../core/pixel_format.ts";
import { yuvToRgb } from "../core/yuv.ts";

/** Words that say where tables and rows lie. */
const SCRATCH_WORDS = [
  "lumaOffsets",
  "lumaWeights",
  "chromaOffsets",
  "chromaWeights",
  "lumaRow",
  "chromaRow",
  "pixelRows",
  "padRows",
  "packedRows",
  "rowBytes",
] as const;

/** The words of `LetterboxPlan` in kernels/wasm/letterbox_plan.ts, in its order. */
const PLAN_WORDS = [
  ...["format", "sourceWidth", "sourceHeight"] as const,
  ...["plane0", "plane1", "plane2", "stride0", "stride1", "stride2"] as const,
  ...["netWidth", "netHeight", "contentWidth", "contentHeight", "padX", "padY"] as const,
  ...["out", "element", "interleaved", "reversed"] as const,
  ...SCRATCH_WORDS,
  ...["scale0", "scale1", "scale2", "bias0", "bias1", "bias2", "pad0", "pad1", "pad2"] as const,
  ...["black", "luma", "redV", "greenU", "greenV", "blueU"] as const,
];

type ScratchPlaces = Record<typeof SCRATCH_WORDS[number] | "end", number>;

/** Bytes that the plan itself takes, rounded up. */
const PLAN_BYTES = 256;

const ELEMENT_CODES: Readonly<Record<InputSpec["type"], number>> = {
  uint8: 0,
  float16: 1,
  float32: 2,
};

type PlanWord = typeof PLAN_WORDS[number];

/** Position of every word. */
const WORD = Object.fromEntries(PLAN_WORDS.map((name, i) => [name, i])) as Record<PlanWord, number>;

/** Bytes for the plan and its tables, which must last from frame to frame. */
export function planBytes(netWidth: number): number {
  return placeScratch(0, 1, netWidth).lumaRow;
}

/** Bytes for the rows that only matter during a call; they follow the tables. */
export function rowBytes(sourceWidth: number, netWidth: number): number {
  const { lumaRow, end } = placeScratch(0, sourceWidth, netWidth);
  return end - lumaRow;
}

/**
 * Tells the wasm module, in its own memory, what to do with a picture. Arguments must have been
 * checked.
 */
export class LetterboxPlan {
  /** Where the plan lies, in bytes. */
  readonly byteOffset: number;
  readonly #words: Uint32Array;
  readonly #numbers: Float32Array;
  #columnsOf: Letterbox | null = null;
  #columnsFor: PixelFormat | null = null;
  #tablesEnd: number;

  /** Lays the plan at the start of a scratch region. */
  constructor(buffer: ArrayBufferLike, byteOffset: number) {
    this.byteOffset = byteOffset;
    this.#tablesEnd = byteOffset + PLAN_BYTES;
    this.#words = new Uint32Array(buffer, byteOffset, PLAN_WORDS.length);
    this.#numbers = new Float32Array(buffer, byteOffset, PLAN_WORDS.length);
  }

  /** First byte behind plan and tables: others may use what follows between two calls. */
  get tablesEnd(): number {
    return this.#tablesEnd;
  }

  /**
   * Writes the plan for one picture.
   *
   * @param out Byte offset of the output.
   * @returns Whether the tables of network columns must be made anew.
   */
  write(picture: Picture, letterbox: Letterbox, input: InputSpec, out: number): boolean {
    this.#writePicture(picture);
    this.#writeOutput(letterbox, input, out);
    this.#writeColors(picture, input);
    const known = this.#columnsOf;
    const stale = known === null || this.#columnsFor !== picture.format ||
      known.sourceWidth !== letterbox.sourceWidth || known.netWidth !== letterbox.netWidth ||
      known.contentWidth !== letterbox.contentWidth;
    if (stale) {
      this.#columnsOf = letterbox;
      this.#columnsFor = picture.format;
      const { sourceWidth, netWidth } = letterbox;
      this.#writePlaces(placeScratch(this.byteOffset, sourceWidth, netWidth));
    }
    return stale;
  }

  #writePicture(picture: Picture): void {
    const words = this.#words;
    words[WORD.format] = PIXEL_FORMATS.indexOf(picture.format);
    words[WORD.sourceWidth] = picture.width;
    words[WORD.sourceHeight] = picture.height;
    for (let i = 0; i < picture.planes.length; i++) {
      words[WORD.plane0 + i] = picture.planes[i]!.byteOffset;
      words[WORD.stride0 + i] = picture.planes[i]!.strideBytes;
    }
  }

  #writeOutput(letterbox: Letterbox, input: InputSpec, out: number): void {
    const words = this.#words;
    words[WORD.netWidth] = letterbox.netWidth;
    words[WORD.netHeight] = letterbox.netHeight;
    words[WORD.contentWidth] = letterbox.contentWidth;
    words[WORD.contentHeight] = letterbox.contentHeight;
    words[WORD.padX] = letterbox.padX;
    words[WORD.padY] = letterbox.padY;
    words[WORD.out] = out;
    words[WORD.element] = ELEMENT_CODES[input.type];
    words[WORD.interleaved] = input.layout === "nhwc" ? 1 : 0;
  }

  #writeColors(picture: Picture, input: InputSpec): void {
    const numbers = this.#numbers;
    const blueFirst = picture.format === "bgr24" || picture.format === "bgrx";
    const reversed = blueFirst !== (input.channels === "bgr");
    this.#words[WORD.reversed] = reversed ? 1 : 0;
    for (let component = 0; component < 3; component++) {
      const channel = reversed ? 2 - component : component;
      const scale = input.scale[channel]!;
      const bias = input.bias[channel]!;
      numbers[WORD.scale0 + component] = scale;
      numbers[WORD.bias0 + component] = bias;
      numbers[WORD.pad0 + component] = input.letterbox.padValue * scale + bias;
    }
    const yuv = yuvToRgb(picture.colorRange, picture.colorMatrix);
    numbers[WORD.black] = yuv.black;
    numbers[WORD.luma] = yuv.luma;
    numbers[WORD.redV] = yuv.redV;
    numbers[WORD.greenU] = yuv.greenU;
    numbers[WORD.greenV] = yuv.greenV;
    numbers[WORD.blueU] = yuv.blueU;
  }

  #writePlaces(places: ScratchPlaces): void {
    for (const name of SCRATCH_WORDS) this.#words[WORD[name]] = places[name];
    this.#tablesEnd = places.lumaRow;
  }
}

/** Where tables and rows lie. Samplers take four pixels at a time and may read a vector too far. */
function placeScratch(start: number, sourceWidth: number, netWidth: number): ScratchPlaces {
  const columns = netWidth + 4;
  let end = start + PLAN_BYTES;
  function take(bytes: number): number {
    const at = end;
    end += align16(bytes);
    return at;
  }
  const tables = {
    lumaOffsets: take(4 * columns),
    lumaWeights: take(4 * columns),
    chromaOffsets: take(4 * columns),
    chromaWeights: take(4 * columns),
  };
  // Samples of 16 bits: four per pixel (RGBA), or luma and then two of chroma per pair of pixels.
  const lumaRow = take(8 * sourceWidth + 64);
  const rowBytes = align16(4 * columns);
  return {
    ...tables,
    lumaRow,
    chromaRow: lumaRow + align16(2 * sourceWidth + 32),
    pixelRows: take(3 * rowBytes),
    padRows: take(3 * rowBytes),
    packedRows: take(3 * rowBytes),
    rowBytes,
    end,
  };
}

function align16(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
