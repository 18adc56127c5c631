import type { Picture } from "../core/frame.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import { fitLetterbox } from "./letterbox.ts";

/** Fits pictures into one network input; the geometry is made anew only when their size changes. */
export class LetterboxCache {
  readonly #input: InputSpec;
  #letterbox: Letterbox | null = null;

  /** Starts without a geometry. */
  constructor(input: InputSpec) {
    this.#input = input;
  }

  /** The geometry for a picture: the same object as for the one before, if it has the same size. */
  fit({ width, height }: Picture): Letterbox {
    const known = this.#letterbox;
    if (known?.sourceWidth === width && known.sourceHeight === height) return known;
    const { width: netWidth, height: netHeight, letterbox } = this.#input;
    return this.#letterbox = fitLetterbox(width, height, netWidth, netHeight, letterbox);
  }
}
