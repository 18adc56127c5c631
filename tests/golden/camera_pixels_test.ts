// What comes out of a source is what went in: values of known pixels, in every kind of pixel
// format, with the range and matrix that say how to read them.
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { openCamera } from "../../src/camera/mod.ts";
import type { Frame } from "../../src/core/frame.ts";
import type { ColorRange, PixelFormat } from "../../src/core/pixel_format.ts";
import { toYuv } from "../../src/sink/color.ts";
import { makeClip, makeImage } from "../support/clips.ts";

const WIDTH = 64;
const HEIGHT = 48;
/** Luma of picture 0 in limited range, from tests/support/painting.ts: a diagonal ramp. */
function paintedLuma(x: number, y: number): number {
  return 64 + ((x + y) & 127);
}

interface Expected {
  readonly format: PixelFormat;
  readonly range: ColorRange;
  /** Value of the first plane's first channel for luma `y` of limited range. */
  readonly value: (luma: number) => number;
  /** Bytes from one pixel to the next in the first plane. */
  readonly step: number;
  /** Chroma planes, which are neutral; for RGB there are none. */
  readonly chromaPlanes: number;
}

function fullRange(luma: number): number {
  return (luma - 16) * 255 / 219;
}

const I420: Expected = {
  format: "i420",
  range: "limited",
  value: (y) => y,
  step: 1,
  chromaPlanes: 2,
};
const RGB: Expected = {
  format: "rgb24",
  range: "full",
  value: fullRange,
  step: 3,
  chromaPlanes: 0,
};
const GRAY: Expected = {
  format: "gray8",
  range: "full",
  value: fullRange,
  step: 1,
  chromaPlanes: 0,
};

const VIDEO: Readonly<Record<string, Expected>> = {
  yuv420p: I420,
  yuv422p: I420,
  yuv444p: RGB,
  yuv420p10le: I420,
  yuv444p12le: RGB,
  yuva420p: I420,
  nv12: { ...I420, format: "nv12", chromaPlanes: 1 },
  yuyv422: { ...I420, format: "yuyv", step: 2, chromaPlanes: 0 },
  uyvy422: I420,
  rgb24: RGB,
  bgr24: { ...RGB, format: "bgr24" },
  rgba: { ...RGB, format: "rgba", step: 4 },
  bgra: { ...RGB, format: "bgrx", step: 4 },
  bgr0: { ...RGB, format: "bgrx", step: 4 },
  gbrp: RGB,
  gray: GRAY,
  gray10le: GRAY,
};

for (const [pixelFormat, expected] of Object.entries(VIDEO)) {
  Deno.test(`pixels of ${pixelFormat} come as ${expected.format} with their values`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/raw.nut`;
      const clip = { path, width: WIDTH, height: HEIGHT, frames: 1, fps: 25 };
      await makeClip({ ...clip, codec: "rawvideo", pixelFormat });
      await checkFirst(path, expected, 3);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

const IMAGES: readonly {
  readonly name: string;
  readonly pixelFormat?: string;
  readonly expected: Expected;
}[] = [
  { name: "a.png", expected: RGB },
  { name: "c.png", pixelFormat: "gray", expected: GRAY },
  { name: "d.png", pixelFormat: "rgba", expected: { ...RGB, format: "rgba", step: 4 } },
  { name: "f.bmp", expected: { ...RGB, format: "bgr24" } },
  { name: "g.jpg", expected: { ...I420, range: "full", value: fullRange } },
  {
    name: "h.jpg",
    pixelFormat: "yuvj422p",
    expected: { ...I420, range: "full", value: fullRange },
  },
  {
    name: "i.jpg",
    pixelFormat: "yuvj444p",
    expected: RGB,
  },
  { name: "j.webp", expected: I420 },
];

for (const { name, pixelFormat, expected } of IMAGES) {
  const what = pixelFormat === undefined ? "" : ` of ${pixelFormat}`;
  Deno.test(`pixels of ${name}${what} come as ${expected.format} with their values`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/${name}`;
      const image = { path, width: WIDTH, height: HEIGHT };
      await makeImage(pixelFormat === undefined ? image : { ...image, pixelFormat });
      // Lossy codecs move values a little.
      await checkFirst(path, expected, /jpg|webp/.test(name) ? 12 : 2);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("pixels of a palette come as rgb24 with their values", async () => {
  const path = await Deno.makeTempFile({ suffix: ".bmp" });
  try {
    await Deno.writeFile(path, makePaletteBmp());
    await checkFirst(path, RGB, 1);
  } finally {
    await Deno.remove(path);
  }
});

for (const range of ["LIMITED", "FULL"] as const) {
  Deno.test(`full chroma keeps its edges, ${range.toLowerCase()} range`, async () => {
    const path = await Deno.makeTempFile({ suffix: ".y4m" });
    try {
      await Deno.writeFile(path, makeStripes(range));
      await using camera = await openCamera(path);
      const event = await camera.next();
      assert(event.kind === "frame");
      using frame = event.frame;
      assertEquals([frame.picture.format, frame.picture.colorRange], ["rgb24", "full"]);
      const bytes = frame.planeBytes(0);
      for (let x = 0; x < WIDTH; x++) {
        const wanted = x % 2 === 0 ? [230, 40, 60] : [30, 90, 220];
        const seen = [...bytes.subarray(3 * x, 3 * x + 3)];
        const off = Math.max(...seen.map((value, i) => Math.abs(value - wanted[i]!)));
        assertLessOrEqual(off, 2, `${seen} for ${wanted} at ${x}`);
      }
    } finally {
      await Deno.remove(path);
    }
  });
}

/** A 4:4:4 picture in BT.601 whose columns are red and blue in turn. */
function makeStripes(range: "LIMITED" | "FULL"): Uint8Array<ArrayBuffer> {
  const header = `YUV4MPEG2 W${WIDTH} H${HEIGHT} F25:1 Ip A1:1 C444 XCOLORRANGE=${range}\nFRAME\n`;
  const stripes = [0xe6283c, 0x1e5adc].map((color) =>
    toYuv(color, range === "FULL" ? "full" : "limited", "bt601")
  );
  const pixels = WIDTH * HEIGHT;
  const bytes = new Uint8Array(header.length + 3 * pixels);
  bytes.set(new TextEncoder().encode(header));
  for (let plane = 0; plane < 3; plane++) {
    for (let i = 0; i < pixels; i++) {
      bytes[header.length + plane * pixels + i] = stripes[i % WIDTH % 2]![plane]!;
    }
  }
  return bytes;
}

/** A BMP of 8 bits a pixel whose palette turns limited luma into full-range gray. */
function makePaletteBmp(): Uint8Array {
  const start = 54 + 4 * 256;
  const bytes = new Uint8Array(start + WIDTH * HEIGHT);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, start, true);
  [40, WIDTH, HEIGHT, 1 + (8 << 16)].forEach((word, i) => view.setUint32(14 + 4 * i, word, true));
  for (let luma = 16; luma <= 235; luma++) {
    bytes.fill(Math.round(fullRange(luma)), 54 + 4 * luma, 57 + 4 * luma);
  }
  for (let y = 0; y < HEIGHT; y++) {
    // Rows are stored bottom-up.
    for (let x = 0; x < WIDTH; x++) bytes[start + (HEIGHT - 1 - y) * WIDTH + x] = paintedLuma(x, y);
  }
  return bytes;
}

async function checkFirst(path: string, expected: Expected, tolerance: number): Promise<void> {
  await using camera = await openCamera(path);
  const event = await camera.next();
  assert(event.kind === "frame");
  using frame = event.frame;
  const { format, colorRange, colorMatrix, width, height } = frame.picture;
  assertEquals([format, colorRange, colorMatrix], [expected.format, expected.range, "bt601"]);
  assertEquals([width, height], [WIDTH, HEIGHT]);
  checkLuma(frame, expected, tolerance);
  for (let plane = 1; plane <= expected.chromaPlanes; plane++) {
    const rows = frame.planeBytes(plane);
    const { strideBytes } = frame.picture.planes[plane]!;
    const rowBytes = format === "nv12" ? WIDTH : WIDTH / 2;
    for (let y = 0; y < HEIGHT / 2; y++) {
      for (let x = 0; x < rowBytes; x++) {
        assertLessOrEqual(Math.abs(rows[y * strideBytes + x]! - 128), Math.max(1, tolerance / 4));
      }
    }
  }
}

/** Compares every pixel of the ramp above the strip with the number. */
function checkLuma(frame: Frame, { value, step }: Expected, tolerance: number): void {
  const bytes = frame.planeBytes(0);
  const { strideBytes } = frame.picture.planes[0]!;
  for (let y = 0; y < HEIGHT / 2; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const wanted = value(paintedLuma(x, y));
      const seen = bytes[y * strideBytes + x * step]!;
      assertLessOrEqual(Math.abs(seen - wanted), tolerance, `${seen} for ${wanted} at ${x}, ${y}`);
    }
  }
}
