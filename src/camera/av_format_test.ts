import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { colorMatrixOf, conversionTarget, isFullRange, pixelFormatOf } from "./av_format.ts";

Deno.test("pixelFormatOf() knows what the kernels read as it is", () => {
  const names = [
    "yuv420p",
    "yuvj420p",
    "nv12",
    "yuyv422",
    "rgb24",
    "bgr24",
    "rgba",
    "rgb0",
    "bgra",
    "bgr0",
    "gray",
  ];
  assertEquals(names.map(pixelFormatOf), [
    "i420",
    "i420",
    "nv12",
    "yuyv",
    "rgb24",
    "bgr24",
    "rgba",
    "rgba",
    "bgrx",
    "bgrx",
    "gray8",
  ]);
  assertEquals(["yuv422p", "nv21", "pal8", "toString"].map(pixelFormatOf), [
    null,
    null,
    null,
    null,
  ]);
});

Deno.test("conversionTarget() keeps thin chroma as YUV, gray as gray, makes the rest RGB", () => {
  const targets: Record<string, string> = {
    yuvj422p: "yuv420p",
    yuv420p10le: "yuv420p",
    yuva420p: "yuv420p",
    yuvj440p: "yuv420p",
    yuv410p: "yuv420p",
    nv21: "yuv420p",
    nv16: "yuv420p",
    p010le: "yuv420p",
    p216le: "yuv420p",
    yuv444p: "rgb24",
    yuvj444p: "rgb24",
    yuva444p: "rgb24",
    yuv444p12le: "rgb24",
    nv24: "rgb24",
    p416le: "rgb24",
    vuyx: "rgb24",
    xv30le: "rgb24",
    uyvy422: "yuv420p",
    y210le: "yuv420p",
    gray10le: "gray",
    ya8: "gray",
    monob: "gray",
    pal8: "rgb24",
    gbrp: "rgb24",
    rgb48be: "rgb24",
    bayer_rggb8: "rgb24",
    rgb24: "rgb24",
    bgr24: "bgr24",
  };
  for (const [name, target] of Object.entries(targets)) {
    assertEquals(conversionTarget(name), target, name);
  }
});

Deno.test("isFullRange() goes by the frame and by JPEG's own formats", () => {
  assertEquals([isFullRange("yuv420p", 2), isFullRange("yuvj420p", 0)], [true, true]);
  assertEquals([isFullRange("yuv420p", 1), isFullRange("yuv420p", 0)], [false, false]);
});

Deno.test("colorMatrixOf() takes unspecified for BT.601 and refuses what is not YCbCr", () => {
  assertEquals([2, 5, 6, 4, 0].map(colorMatrixOf), Array(5).fill("bt601"));
  assertEquals([1, 7, 9, 10].map(colorMatrixOf), Array(4).fill("bt709"));
  assertEquals(assertThrows(() => colorMatrixOf(8), FoveaError).code, "PIXEL_FORMAT");
});
