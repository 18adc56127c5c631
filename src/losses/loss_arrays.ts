/** Numbers that a loss reads or writes. Arithmetic is float64; writing rounds to the array's type. */
export type LossArray = Float32Array | Float64Array;

/** Where a loss goes. Arrays belong to the caller; what is absent or `null` is not written. */
export interface LossOut {
  /** Receives the loss of each element (for boxes and overlaps: of each row), in nats or 1. */
  readonly loss?: LossArray | null;
  /** Receives the derivative of the sum of all losses by each element of the input. */
  readonly gradient?: LossArray | null;
}

/** A loss with everything that was computed for it. */
export interface LossResult {
  /** The reduced loss; with the reduction `none` the plain sum. */
  readonly value: number;
  /** The loss of each element (for boxes and overlaps: of each row), before the reduction. */
  readonly loss: Float64Array;
  /** The derivative of `value` by each element of the input. */
  readonly gradient: Float64Array;
}

/** What was computed, before it is reduced. */
export interface LossTerms {
  /** The loss of each element. */
  readonly loss: Float64Array;
  /** The derivative of the sum of `loss` by each element of the input. */
  readonly gradient: Float64Array;
}

/** @throws {RangeError} If `found` is not `expected`. */
export function checkLength(what: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new RangeError(`Cannot compute the loss: ${what} has ${found} of ${expected} elements`);
  }
}

/** @throws {RangeError} If an array of `out` does not have the right length. */
export function checkOut(out: LossOut, losses: number, gradients: number): void {
  if (out.loss) checkLength("the output for losses", out.loss.length, losses);
  if (out.gradient) checkLength("the output for gradients", out.gradient.length, gradients);
}

/** @throws {RangeError} If a value is NaN or infinite. */
export function checkFinite(what: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new RangeError(`Cannot compute the loss: ${what} ${i} is ${values[i]}, not finite`);
    }
  }
}

/** @throws {RangeError} If a value is not within 0–1. */
export function checkShares(what: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(`Cannot compute the loss: ${what} ${i} is ${value}, not within 0 and 1`);
    }
  }
}

/** @throws {RangeError} If a setting is not a finite number from `min` to `max`. */
export function checkSetting(name: string, value: number, min: number, max = Infinity): void {
  if (!(Number.isFinite(value) && value >= min && value <= max)) {
    const low = min === Number.MIN_VALUE ? "above 0" : `from ${min}`;
    const range = max === Infinity ? low : `${low} to ${max}`;
    throw new RangeError(`Cannot compute the loss: ${name} is ${value}, not a number ${range}`);
  }
}

/** @throws {RangeError} If `columns` is no whole number from 1 that divides `elements`. */
export function countRows(elements: number, columns: number): number {
  if (!Number.isSafeInteger(columns) || columns < 1 || elements % columns !== 0) {
    throw new RangeError(
      `Cannot compute the loss: ${elements} elements are no rows of ${columns} columns`,
    );
  }
  return elements / columns;
}
