/** A box of one colour in a {@linkcode makeBitmap}. */
export interface PaintedBox {
  /** Corners `[x1, y1, x2, y2]` in pixels. */
  readonly xyxyPx: readonly [number, number, number, number];
  /** Red, green and blue, 0–255. */
  readonly rgb: readonly [number, number, number];
}

/** Writes an uncompressed BMP image: boxes on grey. */
export async function makeBitmap(
  path: string,
  width: number,
  height: number,
  boxes: readonly PaintedBox[],
): Promise<void> {
  const strideBytes = (3 * width + 3) & ~3;
  const bytes = new Uint8Array(54 + strideBytes * height).fill(90, 54);
  const header = new DataView(bytes.buffer);
  header.setUint16(0, 0x4d42, true);
  header.setUint32(2, bytes.length, true);
  header.setUint32(10, 54, true);
  header.setUint32(14, 40, true);
  header.setInt32(18, width, true);
  header.setInt32(22, height, true);
  header.setUint16(26, 1, true);
  header.setUint16(28, 24, true);
  for (const { xyxyPx: [x1, y1, x2, y2], rgb: [red, green, blue] } of boxes) {
    for (let y = y1; y < y2; y++) {
      const row = 54 + (height - 1 - y) * strideBytes;
      for (let x = x1; x < x2; x++) bytes.set([blue, green, red], row + 3 * x);
    }
  }
  await Deno.writeFile(path, bytes);
}
