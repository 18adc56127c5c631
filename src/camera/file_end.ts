/** Bytes of an MP4 box header with a long size. */
const HEADER_BYTES = 16;
/** Most top-level boxes that are looked at; fragmented files have two per fragment. */
const BOXES_MAX = 100_000;

/**
 * Says how much of an MP4 or MOV file is missing at its end, or `null` if it is whole or not a
 * file of that kind. A cut file decodes well up to the cut, and its demuxer then reports a normal
 * end; the sizes of its top-level boxes (ISO/IEC 14496-12, 4.2) tell the difference.
 *
 * @throws {Deno.errors.NotFound} If there is no such file any more.
 */
export async function findMissingEnd(path: string): Promise<string | null> {
  using file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  let at = 0;
  for (let boxes = 0; boxes < BOXES_MAX && at + 8 <= size; boxes++) {
    await file.seek(at, Deno.SeekMode.Start);
    if (!(await fill(file, header.subarray(0, Math.min(HEADER_BYTES, size - at))))) return null;
    const type = String.fromCharCode(...header.subarray(4, 8));
    if (at === 0 && type !== "ftyp" && type !== "moov" && type !== "mdat") return null;
    const short = view.getUint32(0);
    // 0 means up to the end of the file, 1 means a 64-bit size follows.
    if (short === 0) return null;
    const bytes = short === 1 ? Number(view.getBigUint64(8)) : short;
    if (bytes < 8) return null;
    at += bytes;
  }
  return at > size ? `the file is cut off, ${at - size} of ${at} bytes are missing` : null;
}

async function fill(file: Deno.FsFile, bytes: Uint8Array): Promise<boolean> {
  for (let filled = 0; filled < bytes.length;) {
    const read = await file.read(bytes.subarray(filled));
    if (read === null) return false;
    filled += read;
  }
  return true;
}
