import { assert, assertEquals, assertThrows } from "@std/assert";
import { letterboxInto } from "../../kernels/reference/letterbox.ts";
import { makeFrame, type Rgb } from "../../tests/support/fake_frame.ts";
import type { Picture } from "../core/frame.ts";
import { PIXEL_FORMATS } from "../core/pixel_format.ts";
import { SharedArena } from "../native/arena.ts";
import { BgrConverter } from "./bgr_converter.ts";

function paint(x: number, y: number): Rgb {
  return [(40 * x) & 255, (30 * y + 90) & 255, (7 * x * y + 20) & 255];
}

/** A picture as BGR in full range by the reference of the kernels. */
function referenceBgr(picture: Picture, memory: ArrayBufferLike): Uint8Array {
  const { width, height } = picture;
  const bgr = new Uint8Array(3 * width * height);
  const letterbox = {
    ...{ sourceWidth: width, sourceHeight: height, netWidth: width, netHeight: height },
    ...{ contentWidth: width, contentHeight: height, padX: 0, padY: 0, scaleX: 1, scaleY: 1 },
  };
  letterboxInto(picture, memory, letterbox, {
    ...{ name: "", type: "uint8", layout: "nhwc", width, height, channels: "bgr" },
    ...{ scale: [1, 1, 1], bias: [0, 0, 0] },
    letterbox: { mode: "stretch", anchor: "topleft", padValue: 0 },
  }, bgr);
  return bgr;
}

for (const format of PIXEL_FORMATS) {
  Deno.test(`BgrConverter reads ${format} by its range and matrix`, async () => {
    const arena = new SharedArena();
    using converter = new BgrConverter(arena, 64);
    await converter.load();
    const isYuv = format === "nv12" || format === "i420" || format === "yuyv";
    for (const colorRange of ["limited", "full"] as const) {
      for (const colorMatrix of ["bt601", "bt709"] as const) {
        for (const [width, height] of [[21, 11], [64, 2], [1, 1]] as const) {
          const shape = { format, width, height, colorRange, colorMatrix, paddingBytes: 5 };
          using frame = makeFrame({ ...shape, paint, arena });
          const bytes = 3 * width * height;
          const out = new Uint8Array(arena.buffer, arena.allocate(bytes), bytes);
          converter.convert(frame.picture, out);
          const wanted = referenceBgr(frame.picture, arena.buffer);
          // Where nothing is computed, nothing is rounded.
          const off = isYuv ? 1 : 0;
          out.forEach((value, at) => assert(Math.abs(value - wanted[at]!) <= off, `at ${at}`));
        }
      }
    }
  });
}

Deno.test("BgrConverter tells what it takes, and gives its memory back", () => {
  const arena = new SharedArena();
  const converter = new BgrConverter(arena, 64);
  assertEquals([converter.takes(64), converter.takes(65)], [true, false]);
  using frame = makeFrame({ format: "gray8", width: 4, height: 4, arena: new SharedArena() });
  assertThrows(() => converter.convert(frame.picture, new Uint8Array(48)), TypeError, "loaded");
  converter[Symbol.dispose]();
  converter[Symbol.dispose]();
  assertEquals(arena.usedBytes, 0);
});
