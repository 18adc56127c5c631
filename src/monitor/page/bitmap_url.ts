import type { RgbCrop } from "../crop.ts";

const FILE_HEADER_BYTES = 14;
const INFO_HEADER_BYTES = 40;
const HEADER_BYTES = FILE_HEADER_BYTES + INFO_HEADER_BYTES;
const BITS_PER_PIXEL = 24;

/**
 * A small picture as a `data:` URL that every browser shows: an uncompressed bitmap, rows from the
 * bottom, blue first, each row filled up to four bytes. Source: Microsoft, "Bitmap Storage".
 */
export function bitmapUrl({ width, height, rgb }: RgbCrop): string {
  const rowBytes = Math.ceil(3 * width / 4) * 4;
  const bytes = new Uint8Array(HEADER_BYTES + rowBytes * height);
  const header = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]); // "BM"
  header.setUint32(2, bytes.length, true);
  header.setUint32(10, HEADER_BYTES, true);
  header.setUint32(14, INFO_HEADER_BYTES, true);
  header.setInt32(18, width, true);
  header.setInt32(22, height, true);
  header.setUint16(26, 1, true);
  header.setUint16(28, BITS_PER_PIXEL, true);
  for (let row = 0; row < height; row++) {
    const start = HEADER_BYTES + (height - 1 - row) * rowBytes;
    for (let column = 0; column < width; column++) {
      const from = 3 * (row * width + column);
      const [red, green, blue] = rgb.subarray(from, from + 3);
      bytes.set([blue!, green!, red!], start + 3 * column);
    }
  }
  return `data:image/bmp;base64,${bytes.toBase64()}`;
}
