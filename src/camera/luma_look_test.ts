import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Picture } from "../core/frame.ts";
import { PIXEL_FORMATS, type PixelFormat, planeSizes } from "../core/pixel_format.ts";
import { LumaLook } from "./luma_look.ts";

function pictureOf(format: PixelFormat, width: number, height: number): Picture {
  const { rowBytes } = planeSizes(format, width, height)[0]!;
  return {
    format,
    width,
    height,
    colorRange: "limited",
    colorMatrix: "bt601",
    planes: [{ byteOffset: 32, strideBytes: rowBytes + 5 }],
  };
}

function lookAt(picture: Picture, paint: (bytes: Uint8Array) => void): LumaLook {
  const bytes = new Uint8Array(32 + picture.height * picture.planes[0]!.strideBytes);
  paint(bytes.subarray(32));
  const look = new LumaLook();
  look.look(picture, bytes);
  return look;
}

Deno.test("LumaLook takes a dark even picture for black and one with light in it not", () => {
  const picture = pictureOf("i420", 320, 240);
  assert(lookAt(picture, (bytes) => bytes.fill(16)).isBlack);
  assert(lookAt(picture, (bytes) => bytes.fill(0)).isBlack);
  assert(lookAt(picture, (bytes) => bytes.forEach((_, i) => bytes[i] = 14 + i % 7)).isBlack);
  assert(!lookAt(picture, (bytes) => bytes.fill(40)).isBlack);
  assert(!lookAt(picture, (bytes) => bytes.fill(16).fill(120, 0, 4000)).isBlack);
});

Deno.test("LumaLook knows where black is: 16 in video, 0 in full range", () => {
  const limited = pictureOf("nv12", 64, 48);
  const paint = (bytes: Uint8Array) => bytes.fill(18);
  assert(lookAt(limited, paint).isBlack);
  assert(!lookAt({ ...limited, colorRange: "full" }, paint).isBlack);
  assert(!lookAt(pictureOf("gray8", 64, 48), paint).isBlack);
  assert(!lookAt(pictureOf("rgb24", 64, 48), paint).isBlack);
});

Deno.test("LumaLook sees a pure color as light in every format with colors", () => {
  for (const format of ["rgb24", "bgr24", "rgba", "bgrx"] as const) {
    const step = planeSizes(format, 1, 1)[0]!.rowBytes;
    for (const channel of [0, 1, 2]) {
      const look = lookAt(pictureOf(format, 16, 16), (bytes) => {
        for (let i = channel; i < bytes.length; i++) {
          bytes[i] = i % (16 * step + 5) % step === channel ? 200 : 0;
        }
      });
      assert(!look.isBlack, `${format} channel ${channel}`);
    }
  }
});

Deno.test("LumaLook gives equal pictures equal hashes, whatever lies in the padding", () => {
  for (const format of PIXEL_FORMATS) {
    const picture = pictureOf(format, 100, 60);
    const { strideBytes } = picture.planes[0]!;
    const paint = (bytes: Uint8Array) => bytes.forEach((_, i) => bytes[i] = i * 31);
    const padded = (bytes: Uint8Array) => {
      paint(bytes);
      for (let row = 1; row <= 60; row++) bytes.fill(9, row * strideBytes - 5, row * strideBytes);
    };
    assertEquals(lookAt(picture, paint).hash, lookAt(picture, padded).hash);
    const moved = (bytes: Uint8Array) => bytes.forEach((_, i) => bytes[i] = i * 31 + 1);
    assertNotEquals(lookAt(picture, paint).hash, lookAt(picture, moved).hash);
  }
});

Deno.test("LumaLook sees a change in any 30 × 30 pixels of a 1080p picture", () => {
  const picture = pictureOf("gray8", 1920, 1080);
  const { strideBytes } = picture.planes[0]!;
  const before = lookAt(picture, (bytes) => bytes.fill(90)).hash;
  for (const [x, y] of [[0, 0], [1890, 1050], [777, 333], [15, 1049]] as const) {
    const after = lookAt(picture, (bytes) => {
      bytes.fill(90);
      for (let row = y; row < y + 30; row++) {
        bytes.fill(91, row * strideBytes + x, row * strideBytes + x + 30);
      }
    });
    assertNotEquals(after.hash, before, `at ${x}, ${y}`);
  }
});

Deno.test("LumaLook takes a picture of one pixel", () => {
  assert(lookAt(pictureOf("gray8", 1, 1), (bytes) => bytes.fill(0)).isBlack);
  assert(!lookAt(pictureOf("yuyv", 1, 1), (bytes) => bytes.fill(99)).isBlack);
});
