import { assertEquals, assertStringIncludes } from "@std/assert";
import { findMissingEnd } from "./file_end.ts";

async function withFile(bytes: Uint8Array, check: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    await check(path);
  } finally {
    await Deno.remove(path);
  }
}

/** An MP4 box of `size` bytes, with a 64-bit size if `long`. */
function box(type: string, size: number, long = false): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, long ? 1 : size);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  if (long) view.setBigUint64(8, BigInt(size));
  return bytes;
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("findMissingEnd() finds nothing missing in a whole file", async () => {
  const whole = join(box("ftyp", 24), box("moov", 100), box("mdat", 1000, true));
  await withFile(whole, async (path) => assertEquals(await findMissingEnd(path), null));
});

Deno.test("findMissingEnd() says how much of the last box is missing", async () => {
  for (const long of [false, true]) {
    const whole = join(box("ftyp", 24), box("moov", 100), box("mdat", 1000, long));
    await withFile(whole.subarray(0, 700), async (path) => {
      assertStringIncludes(await findMissingEnd(path) ?? "", "424 of 1124 bytes are missing");
    });
  }
});

Deno.test("findMissingEnd() knows the sizes of Matroska and AVI files", async () => {
  // An EBML header without content, and a segment of 100 bytes.
  const matroska = new Uint8Array(5 + 4 + 8 + 100);
  matroska.set([0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 0x01, 0, 0, 0, 0, 0, 0, 100]);
  const avi = new Uint8Array(8 + 109 + 1);
  avi.set([0x52, 0x49, 0x46, 0x46, 109]);
  for (const whole of [matroska, avi]) {
    await withFile(whole, async (path) => assertEquals(await findMissingEnd(path), null));
    await withFile(whole.subarray(0, 60), async (path) => {
      const missing = `${whole.length - 60} of ${whole.length} bytes are missing`;
      assertStringIncludes(await findMissingEnd(path) ?? "", missing);
    });
  }
  // A segment of unknown size, as live recordings have.
  matroska.fill(0xff, 10, 17);
  await withFile(
    matroska.subarray(0, 60),
    async (path) => assertEquals(await findMissingEnd(path), null),
  );
});

Deno.test("findMissingEnd() has no opinion on other files and on boxes without a size", async () => {
  const endless = box("mdat", 50);
  new DataView(endless.buffer).setUint32(0, 0);
  const broken = box("free", 50);
  new DataView(broken.buffer).setUint32(0, 3);
  for (
    const bytes of [
      new Uint8Array(0),
      new Uint8Array(5),
      new Uint8Array(100).fill(0x1a),
      join(box("ftyp", 16), endless),
      join(box("ftyp", 16), broken),
    ]
  ) {
    await withFile(bytes, async (path) => assertEquals(await findMissingEnd(path), null));
  }
});

Deno.test("findMissingEnd() does not take what was appended for a part that is cut off", async () => {
  const mp4 = join(box("ftyp", 24), box("moov", 100), box("mdat", 1000));
  const matroska = new Uint8Array(5 + 4 + 8 + 100);
  matroska.set([0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 0x01, 0, 0, 0, 0, 0, 0, 100]);
  const note = new TextEncoder().encode("recorded by a camera that signs its files");
  for (const whole of [mp4, matroska]) {
    await withFile(join(whole, note), async (path) => {
      assertEquals(await findMissingEnd(path), null);
    });
  }
  // An odd RIFF without its byte of padding.
  const avi = new Uint8Array(8 + 109);
  avi.set([0x52, 0x49, 0x46, 0x46, 109]);
  await withFile(avi, async (path) => assertEquals(await findMissingEnd(path), null));
});
