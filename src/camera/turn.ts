/** How coded pixels have to be moved before they are looked at. */
export type Turn =
  | "none"
  | "clockwise"
  | "counterclockwise"
  | "half"
  | "mirror"
  | "flip"
  | "transpose"
  | "antitranspose";

/** Bytes of a display matrix: 3 × 3 integers of 32 bits. */
const MATRIX_BYTES = 36;

/**
 * Reads how a picture is turned from a display matrix (ISO/IEC 14496-12, 6.2.2): rows `a b u`,
 * `c d v`, `x y w`, which send the pixel `(p, q)` to `(a p + c q, b p + d q)`.
 *
 * Matrices that are no multiple of a quarter turn, mirrored or not, are `none`: cameras do not
 * write them.
 *
 * @param bytes The matrix in the byte order of this machine, or `null` for none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readTurn } from "../../src/camera/turn.ts";
 *
 * const quarter = new Int32Array([0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30]);
 * assertEquals(readTurn(new Uint8Array(quarter.buffer)), "clockwise");
 * ```
 */
export function readTurn(bytes: Uint8Array | null): Turn {
  if (bytes === null || bytes.length < MATRIX_BYTES) return "none";
  const matrix = new Int32Array(bytes.slice(0, MATRIX_BYTES).buffer);
  const [a, b, , c, d] = matrix as unknown as [number, number, number, number, number];
  if (b === 0 && c === 0) {
    if (a < 0) return d < 0 ? "half" : "mirror";
    return d < 0 ? "flip" : "none";
  }
  if (a !== 0 || d !== 0) return "none";
  if (b > 0) return c < 0 ? "clockwise" : "transpose";
  return c > 0 ? "counterclockwise" : "antitranspose";
}

/** Whether width and height change places. */
export function swapsSides(turn: Turn): boolean {
  return turn === "clockwise" || turn === "counterclockwise" || turn === "transpose" ||
    turn === "antitranspose";
}
