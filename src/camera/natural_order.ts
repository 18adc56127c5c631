/**
 * Compares two file names the way people count: digits by value, the rest by code point, so that
 * `frame_9.jpg` comes before `frame_10.jpg` on every machine. Names of equal value go by code
 * point.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareNames } from "@fovea/fovea/camera";
 *
 * assertEquals(["b10", "b9", "a"].sort(compareNames), ["a", "b9", "b10"]);
 * ```
 */
export function compareNames(a: string, b: string): number {
  const partsA = a.match(/\d+|\D+/g) ?? [];
  const partsB = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const order = compareParts(partsA[i]!, partsB[i]!);
    if (order !== 0) return order;
  }
  return partsA.length - partsB.length || compareText(a, b);
}

function compareParts(a: string, b: string): number {
  if (!/^\d/.test(a) || !/^\d/.test(b)) return compareText(a, b);
  const valueA = a.replace(/^0+/, "");
  const valueB = b.replace(/^0+/, "");
  return valueA.length - valueB.length || compareText(valueA, valueB);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
