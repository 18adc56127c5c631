/** Most top-level parts that are looked at; a fragmented MP4 file has two per fragment. */
const PARTS_MAX = 100_000;
/** Bytes of a header that are read at once: enough for every kind. */
const HEADER_BYTES = 64;

/** What an MP4 or MOV file is made of at its top level; anything else is not of the file. */
const BOX_TYPES: ReadonlySet<string> = new Set(
  "ftyp styp moov mdat moof mfra sidx ssix prft free skip wide pnot uuid meta meco pdin emsg udta"
    .split(" "),
);
/** EBML header, segment, and space that is left out. */
const ELEMENT_IDS: ReadonlySet<number> = new Set([0x1a45dfa3, 0x18538067, 0xec]);

/** What may be missing: the byte of padding after an odd RIFF, which some programs leave out. */
const SLACK_BYTES = 1;

/** Where a top-level part of a file ends, or `null` if it does not say. */
type ReadEnd = (at: number, header: DataView) => number | null;

/**
 * Says how much of a video file is missing at its end, or `null` if it is whole or does not tell.
 *
 * A cut file decodes well up to the cut, and its demuxer then reports a normal end; the sizes that
 * MP4 and MOV (ISO/IEC 14496-12, 4.2), Matroska and WebM (RFC 8794) and AVI (RIFF) state for their
 * top-level parts tell the difference.
 *
 * @throws {Deno.errors.NotFound} If there is no such file any more.
 */
export async function findMissingEnd(path: string): Promise<string | null> {
  using file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  let readEnd: ReadEnd | null = null;
  let at = 0;
  for (let parts = 0; parts < PARTS_MAX && at + 8 <= size; parts++) {
    const header = await readHeader(file, at);
    readEnd ??= recognise(header);
    const end = readEnd?.(at, header) ?? null;
    if (end === null || end <= at) return null;
    at = end;
  }
  return at > size + SLACK_BYTES
    ? `the file is cut off, ${at - size} of ${at} bytes are missing`
    : null;
}

async function readHeader(file: Deno.FsFile, at: number): Promise<DataView> {
  const bytes = new Uint8Array(HEADER_BYTES);
  await file.seek(at, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const read = await file.read(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return new DataView(bytes.buffer);
}

function recognise(header: DataView): ReadEnd | null {
  if (["ftyp", "moov", "mdat"].includes(textAt(header, 4))) return endOfBox;
  if (textAt(header, 0) === "RIFF") return endOfRiff;
  return header.getUint32(0) === 0x1a45dfa3 ? endOfElement : null;
}

/** MP4: 32 bits of size with the header; 1 means 64 bits follow, 0 means up to the end. */
function endOfBox(at: number, header: DataView): number | null {
  // Recorders and other programs append their own: what cannot be told is not missing.
  if (!BOX_TYPES.has(textAt(header, 4))) return null;
  const short = header.getUint32(0);
  const bytes = short === 1 ? Number(header.getBigUint64(8)) : short;
  return bytes < 8 ? null : at + bytes;
}

/** RIFF: 32 bits of size without the header, little-endian; 0 while it is being written. */
function endOfRiff(at: number, header: DataView): number | null {
  const bytes = header.getUint32(4, true);
  if (textAt(header, 0) !== "RIFF" || bytes === 0 || bytes === 0xffffffff) return null;
  return at + 8 + bytes + bytes % 2;
}

/** EBML: a class of 1 to 4 bytes and a size of 1 to 8; all bits set means unknown. */
function endOfElement(at: number, header: DataView): number | null {
  const idBytes = Math.clz32(header.getUint8(0)) - 23;
  if (idBytes > 4 || !ELEMENT_IDS.has(header.getUint32(0) >>> (32 - 8 * idBytes))) return null;
  const first = header.getUint8(idBytes);
  const sizeBytes = Math.clz32(first) - 23;
  if (sizeBytes > 8) return null;
  let bytes = first & (0xff >> sizeBytes);
  let isUnknown = bytes === 0xff >> sizeBytes;
  for (let i = 1; i < sizeBytes; i++) {
    const next = header.getUint8(idBytes + i);
    bytes = 256 * bytes + next;
    isUnknown &&= next === 0xff;
  }
  return isUnknown ? null : at + idBytes + sizeBytes + bytes;
}

function textAt(header: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => header.getUint8(at + i)));
}
