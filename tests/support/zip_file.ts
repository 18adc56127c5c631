import zlib from "node:zlib";
import { Buffer } from "node:buffer";

/** A file to be packed; `broken` gives it the checksum of other bytes. */
export interface PackedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly broken?: boolean;
}

/**
 * Packs files as a ZIP archive, compressed. Source: PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local
 * header), 4.3.12 (directory) and 4.3.16 (its end).
 */
export function packZip(files: readonly PackedFile[]): Uint8Array {
  const bodies: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes, broken = false } of files) {
    const title = new TextEncoder().encode(name);
    const packed = zlib.deflateRawSync(bytes);
    // Version 2.0, no flags, deflate, no time; checksum, both lengths, length of the name.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE((zlib.crc32(bytes) ^ (broken ? 1 : 0)) >>> 0, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, title, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([
      Buffer.from("PK\x01\x02\x14\x00", "latin1"),
      common,
      place,
      title,
    ]));
    bodies.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...bodies, listed, end]));
}
