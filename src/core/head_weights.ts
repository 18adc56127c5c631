import { createHash } from "node:crypto";
import type { HeadLayer } from "./head_layout.ts";

/** Numbers of one layer. */
export interface LayerValues {
  /** `[rows, channels]` float32, row-major. */
  readonly weight: Float32Array;
  /** `[rows]` float32. */
  readonly bias: Float32Array;
}

/** What a head is made of. */
export interface HeadParts {
  /** SHA-256 of the model file the head belongs to, lower-case hexadecimal. */
  readonly model: string;
  /** Version to be told in results, a whole number; 0, the default, is the head in the file. */
  readonly version?: number;
  /** Names of the classes in the model's order, those learnt later last. */
  readonly classNames: readonly string[];
  /** The layers, as the head's layout lists them. */
  readonly layers: readonly HeadLayer[];
  /** Their numbers, one entry a layer; copied. */
  readonly values: readonly LayerValues[];
}

/** Most layers of a head. */
export const HEAD_LAYERS_MAX = 64;
/** Most numbers of a head. */
export const HEAD_NUMBERS_MAX = 2 ** 26;

/**
 * The weights of a classification head: immutable float32 numbers that belong to one model file.
 *
 * Two heads with the same `hash` serve the same scores: it covers the model, the classes, the
 * layers and every number, and not the version, which only tells results apart.
 *
 * @example
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 * import { HeadWeights } from "@fovea/fovea";
 *
 * const head = new HeadWeights({
 *   model: "0".repeat(64),
 *   classNames: ["car", "van"],
 *   layers: [{ name: "head.cls.0", rows: 2, channels: 1, classRows: [0], objectnessRows: [] }],
 *   values: [{ weight: new Float32Array([1, 2]), bias: new Float32Array([0, 0.5]) }],
 * });
 * assertEquals([head.version, head.layer(0).weight[1], head.numbers], [0, 2, 4]);
 * assertEquals(head.withVersion(3).hash, head.hash);
 * const other = head.withValues([{ weight: new Float32Array(2), bias: new Float32Array(2) }], 4);
 * assertNotEquals(other.hash, head.hash);
 * ```
 */
export class HeadWeights {
  /** SHA-256 of the model file it belongs to, lower-case hexadecimal. */
  readonly model: string;
  /** Version, as results tell it; 0 is the head in the file. */
  readonly version: number;
  /** Names of the classes in the model's order. */
  readonly classNames: readonly string[];
  /** The layers. */
  readonly layers: readonly HeadLayer[];
  /** SHA-256 of what the head is, without its version, lower-case hexadecimal. */
  readonly hash: string;
  /** Layer after layer, weight and then bias. */
  readonly #packed: Float32Array<ArrayBuffer>;

  /**
   * Takes a copy of everything.
   *
   * @throws {TypeError} If numbers and layers do not fit each other.
   * @throws {RangeError} If a number is NaN or infinite, the version is not a whole number from 0,
   * or a stated maximum is exceeded.
   */
  constructor(parts: HeadParts) {
    const { model, version = 0, classNames, layers, values } = parts;
    checkParts(parts, version);
    this.model = model;
    this.version = version;
    this.classNames = Object.freeze([...classNames]);
    this.layers = Object.freeze(layers.map(copyLayer));
    this.#packed = new Float32Array(countNumbers(layers));
    let at = 0;
    for (const { weight, bias } of values) {
      this.#packed.set(weight, at);
      this.#packed.set(bias, at + weight.length);
      at += weight.length + bias.length;
    }
    const broken = this.#packed.findIndex((value) => !Number.isFinite(value));
    if (broken >= 0) {
      throw new RangeError(`Cannot make a head: number ${broken} is ${this.#packed[broken]}`);
    }
    this.hash = createHash("sha256").update(identityOf(this)).update("\0")
      .update(new Uint8Array(this.#packed.buffer)).digest("hex");
  }

  /** How many numbers it holds. */
  get numbers(): number {
    return this.#packed.length;
  }

  /** A copy of one layer's numbers. @throws {RangeError} If there is no such layer. */
  layer(index: number): LayerValues {
    const layer = this.layers[index];
    if (layer === undefined) {
      throw new RangeError(`Cannot read layer ${index}: the head has ${this.layers.length}`);
    }
    const from = countNumbers(this.layers.slice(0, index));
    const middle = from + layer.rows * layer.channels;
    return {
      weight: this.#packed.slice(from, middle),
      bias: this.#packed.slice(middle, middle + layer.rows),
    };
  }

  /** A copy of all numbers: layer after layer, weight `[rows, channels]` and then bias `[rows]`. */
  packed(): Float32Array<ArrayBuffer> {
    return this.#packed.slice();
  }

  /**
   * Writes all numbers into `out` as {@linkcode HeadWeights.packed} gives them.
   *
   * @throws {RangeError} If `out` has another length.
   */
  packInto(out: Float32Array): void {
    if (out.length !== this.numbers) {
      throw new RangeError(`Cannot pack ${this.numbers} numbers into ${out.length}`);
    }
    out.set(this.#packed);
  }

  /** The same numbers under another version. */
  withVersion(version: number): HeadWeights {
    return this.withValues(this.layers.map((_, index) => this.layer(index)), version);
  }

  /** Other numbers for the same layers and classes. @throws As the constructor does. */
  withValues(values: readonly LayerValues[], version: number): HeadWeights {
    const { model, classNames, layers } = this;
    return new HeadWeights({ model, version, classNames, layers, values });
  }
}

/** How many numbers layers hold together. */
export function countNumbers(layers: readonly HeadLayer[]): number {
  return layers.reduce((sum, { rows, channels }) => sum + rows * channels + rows, 0);
}

/** Everything of a head but its version and its numbers, always the same text for the same head. */
export function identityOf(head: Pick<HeadWeights, "model" | "classNames" | "layers">): string {
  const { model, classNames, layers } = head;
  return JSON.stringify({ model, classNames, layers: layers.map(copyLayer) });
}

function copyLayer({ name, rows, channels, classRows, objectnessRows }: HeadLayer): HeadLayer {
  return Object.freeze({
    name,
    rows,
    channels,
    classRows: Object.freeze([...classRows]),
    objectnessRows: Object.freeze([...objectnessRows]),
  });
}

function checkParts({ model, classNames, layers, values }: HeadParts, version: number): void {
  if (!/^[0-9a-f]{64}$/.test(model)) {
    throw new TypeError(`Cannot make a head: "${model}" is no SHA-256 of a model file`);
  }
  if (!Number.isSafeInteger(version) || version < 0) {
    throw new RangeError(`Cannot make head version ${version}: a whole number from 0 is needed`);
  }
  if (layers.length < 1 || layers.length > HEAD_LAYERS_MAX || values.length !== layers.length) {
    throw new TypeError(
      `Cannot make a head of ${layers.length} layers and numbers for ${values.length}: ` +
        `as many of both are needed, at most ${HEAD_LAYERS_MAX}`,
    );
  }
  const numbers = countNumbers(layers);
  if (!(numbers <= HEAD_NUMBERS_MAX)) {
    throw new RangeError(`Cannot make a head of ${numbers} numbers: at most ${HEAD_NUMBERS_MAX}`);
  }
  for (const [i, layer] of layers.entries()) {
    const { name, rows, channels } = layer;
    const { weight, bias } = values[i]!;
    if (weight.length !== rows * channels || bias.length !== rows) {
      throw new TypeError(
        `Cannot make a head: layer "${name}" of [${rows}, ${channels}] gets ${weight.length} ` +
          `weights and ${bias.length} biases`,
      );
    }
    checkRows(layer, classNames.length);
  }
}

function checkRows({ name, rows, classRows, objectnessRows }: HeadLayer, classes: number): void {
  const inside = classRows.every((row) => row >= 0 && row + classes <= rows) &&
    objectnessRows.every((row) => row >= 0 && row < rows);
  if (inside) return;
  throw new TypeError(
    `Cannot make a head: ${classes} classes do not fit the ${rows} rows of layer "${name}"`,
  );
}
