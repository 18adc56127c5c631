/**
 * Replaces every value of a picture in place by its entry in the table of its channel.
 *
 * @param bgr `[height, width, 3]` uint8, blue first.
 * @param blue What each blue value becomes, `[256]`.
 * @param green What each green value becomes, `[256]`.
 * @param red What each red value becomes, `[256]`.
 */
export function mapChannels(
  bgr: Uint8Array,
  blue: Uint8Array,
  green: Uint8Array,
  red: Uint8Array,
): void {
  for (let i = 0; i < bgr.length; i += 3) {
    bgr[i] = blue[bgr[i]!]!;
    bgr[i + 1] = green[bgr[i + 1]!]!;
    bgr[i + 2] = red[bgr[i + 2]!]!;
  }
}

/** A table of `[256]` from a function of the value; what it gives is cut down to whole numbers. */
export function makeTable(map: (value: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => Math.floor(map(value)));
}
