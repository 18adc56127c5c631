import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { planeSizes } from "../core/pixel_format.ts";
import { readCaps } from "./gst_caps.ts";

function capsOf(format: string, width: number, height: number, more = ""): string {
  return `video/x-raw, format=(string)${format}, width=(int)${width}, height=(int)${height}${more}`;
}

/**
 * Bytes of one picture as GStreamer 1.22.0 writes them:
 * `gst-launch-1.0 -q videotestsrc num-buffers=1 ! video/x-raw,format=NV12,width=637,height=357 !
 * fdsink | wc -c`; sizes 637×357, 641×361, 640×360, 1×1 and 2×3.
 */
const PICTURE_BYTES: Readonly<Record<string, readonly number[]>> = {
  NV12: [343_680, 349_692, 345_600, 12, 24],
  I420: [343_680, 350_416, 345_600, 16, 32],
  YUY2: [455_532, 463_524, 460_800, 4, 12],
  RGB: [682_584, 694_564, 691_200, 4, 24],
  BGR: [682_584, 694_564, 691_200, 4, 24],
  RGBA: [909_636, 925_604, 921_600, 4, 24],
  RGBx: [909_636, 925_604, 921_600, 4, 24],
  BGRx: [909_636, 925_604, 921_600, 4, 24],
  BGRA: [909_636, 925_604, 921_600, 4, 24],
  GRAY8: [228_480, 232_484, 230_400, 4, 12],
};
const SIZES = [[637, 357], [641, 361], [640, 360], [1, 1], [2, 3]] as const;

Deno.test("readCaps() knows how many bytes GStreamer writes for a picture", () => {
  for (const [format, bytes] of Object.entries(PICTURE_BYTES)) {
    const found = SIZES.map(([width, height]) =>
      readCaps(capsOf(format, width, height)).pictureBytes
    );
    assertEquals(found, [...bytes], format);
  }
});

Deno.test("readCaps() puts every plane inside the picture, one behind the other", () => {
  for (const format of Object.keys(PICTURE_BYTES)) {
    for (const [width, height] of SIZES) {
      const { shape, planeOffsets, pictureBytes } = readCaps(capsOf(format, width, height));
      const sizes = planeSizes(shape.format, width, height);
      assertEquals([shape.stridesBytes.length, planeOffsets.length], [sizes.length, sizes.length]);
      let end = 0;
      for (const [index, { rowBytes, rows }] of sizes.entries()) {
        assertEquals(planeOffsets[index]! >= end, true);
        assertEquals(shape.stridesBytes[index]! >= rowBytes, true);
        end = planeOffsets[index]! + rows * shape.stridesBytes[index]!;
      }
      assertEquals(end <= pictureBytes, true);
    }
  }
});

Deno.test("readCaps() reads the rate, and none where it varies", () => {
  const rates = ["30/1", "30000/1001", "0/1"].map((rate) =>
    readCaps(capsOf("NV12", 64, 48, `, framerate=(fraction)${rate}`)).fps
  );
  assertEquals(rates, [30, 30000 / 1001, null]);
  assertEquals(readCaps(capsOf("NV12", 64, 48)).fps, null);
});

Deno.test("readCaps() reads range and matrix of colours", () => {
  const colors = (format: string, height: number, colorimetry: string) => {
    const more = colorimetry === "" ? "" : `, colorimetry=(string)${colorimetry}`;
    const { shape } = readCaps(capsOf(format, 64, height, more));
    return `${shape.colorRange} ${shape.colorMatrix}`;
  };
  assertEquals(colors("NV12", 480, ""), "limited bt601");
  assertEquals(colors("NV12", 1080, ""), "limited bt709");
  assertEquals(colors("NV12", 480, "bt709"), "limited bt709");
  assertEquals(colors("NV12", 1080, "bt601"), "limited bt601");
  // What jpegdec says: full range, BT.601.
  assertEquals(colors("I420", 1080, "1:4:0:0"), "full bt601");
  assertEquals(colors("I420", 480, "2:3:5:1"), "limited bt709");
  assertEquals(colors("RGB", 480, "1:1:7:1"), "full bt601");
  assertEquals(colors("GRAY8", 480, ""), "full bt601");
});

Deno.test("readCaps() refuses what the kernels cannot read, with what to do", () => {
  for (
    const caps of [
      capsOf("P010_10LE", 64, 48),
      capsOf("NV12", 0, 48),
      capsOf("NV12", 64, 20_000),
      "video/x-raw(memory:NVMM), format=(string)NV12, width=(int)64, height=(int)48",
      "video/x-h264, width=(int)64, height=(int)48",
      "video/x-raw, format=(string)NV12",
      "",
    ]
  ) {
    const error = assertThrows(() => readCaps(caps), FoveaError);
    assertEquals(error.code, "PIXEL_FORMAT");
    assertEquals(error.hint?.includes("videoconvert"), true);
  }
  const system = capsOf("NV12", 64, 48).replace("raw,", "raw(memory:SystemMemory),");
  assertEquals(readCaps(system).shape.format, "nv12");
});
