import { assertEquals, assertLessOrEqual, assertMatch, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import type { PixelFormat } from "../core/pixel_format.ts";
import type { Sink } from "../core/ports.ts";
import { type DecodedPicture, decodePictures } from "../../tests/support/decode_pictures.ts";
import { type FakeFrameOptions, makeFrame, type Rgb } from "../../tests/support/fake_frame.ts";
import { makeDetection, makeResult } from "../../tests/support/fake_result.ts";
import { classColor, splitColor } from "./color.ts";
import { openSink } from "./open_sink.ts";

const BACKGROUND: Rgb = [90, 110, 130];
const DETECTIONS = [makeDetection([64, 48, 160, 112], { classIndex: 3, className: "bus" })];
const BUS = splitColor(classColor(3));
/** What lossy coding may do to a flat colour. */
const LOSSY = 14;

async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-sink-" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeFrame(sink: Sink, options: Partial<FakeFrameOptions> = {}): Promise<void> {
  const { width = 256, height = 160, seq = 0 } = options;
  using frame = makeFrame({
    format: "i420",
    width,
    height,
    paint: () => BACKGROUND,
    ...options,
  });
  await sink.write(makeResult({ seq, width, height, detections: DETECTIONS }), frame);
}

/** Writes `count` pictures of 256 × 160, 40 ms apart. */
async function writeFrames(path: string, count: number, format: PixelFormat = "i420") {
  await using sink = await openSink(path, { fps: 25 });
  for (let seq = 0; seq < count; seq++) await writeFrame(sink, { seq, format });
}

function assertColor(picture: DecodedPicture, x: number, y: number, color: readonly number[]) {
  for (const [i, value] of picture.colorAt(x, y).entries()) {
    const what = `${x},${y}: ${picture.colorAt(x, y)}, not ${color}`;
    assertLessOrEqual(Math.abs(value - color[i]!), LOSSY, what);
  }
}

/** The box is where it belongs, in its colour; the rest is as it was. */
function assertBox(picture: DecodedPicture): void {
  for (const [x, y] of [[64, 80], [65, 100], [159, 80], [120, 111], [130, 49]] as const) {
    assertColor(picture, x, y, BUS);
  }
  for (const [x, y] of [[112, 80], [40, 80], [200, 60], [110, 20]] as const) {
    assertColor(picture, x, y, BACKGROUND);
  }
}

for (const format of ["i420", "nv12", "bgr24"] as const) {
  Deno.test(`openSink() writes ${format} pictures with boxes as an MP4 that decodes back`, () =>
    inFolder(async (folder) => {
      await writeFrames(`${folder}/out.mp4`, 30, format);
      const { codec, color, pictures, broken } = await decodePictures(`${folder}/out.mp4`);
      assertEquals([codec, pictures.length, broken], ["h264", 30, 0]);
      assertEquals(color, { range: 1, space: 6 }); // limited, SMPTE 170M
      assertEquals(pictures.map(({ ptsMs }) => Math.round(ptsMs)), pictures.map((_, i) => 40 * i));
      for (const i of [0, 13, 29]) assertBox(pictures[i]!);
    }));
}

Deno.test("openSink() states BT.709 in an MP4 of BT.709 pictures", () =>
  inFolder(async (folder) => {
    const path = `${folder}/out.mp4`;
    {
      await using sink = await openSink(path);
      for (let seq = 0; seq < 3; seq++) {
        await writeFrame(sink, { seq, format: "nv12", colorMatrix: "bt709" });
      }
    }
    const { color, pictures } = await decodePictures(path);
    assertEquals(color, { range: 1, space: 1 });
    assertBox(pictures[2]!);
  }));

Deno.test("openSink() keeps the times of an uneven stream and goes on after a reconnect", () =>
  inFolder(async (folder) => {
    const path = `${folder}/live.mp4`;
    const times = [70, 111, 190, 1_190, 10, 51, 51];
    {
      await using sink = await openSink(path, { fps: null });
      for (const [seq, ptsMs] of times.entries()) await writeFrame(sink, { seq, ptsMs });
    }
    const { pictures } = await decodePictures(path);
    const shown = pictures.map(({ ptsMs }) => Math.round(ptsMs));
    assertEquals(shown, [0, 41, 120, 1_120, 2_120, 2_161, 2_202]);
  }));

Deno.test("openSink() makes odd pictures even for MP4, and takes the smallest there are", () =>
  inFolder(async (folder) => {
    for (const [width, height] of [[255, 159], [1, 1]] as const) {
      const path = `${folder}/${width}.mp4`;
      {
        await using sink = await openSink(path);
        for (let seq = 0; seq < 4; seq++) await writeFrame(sink, { seq, width, height });
      }
      const { pictures } = await decodePictures(path);
      const sizes = pictures.map((picture) => [picture.width, picture.height]);
      assertEquals(sizes, Array(4).fill([width + 1, height + 1]));
      if (width > 1) assertBox(pictures[3]!);
    }
  }));

Deno.test("openSink() fits pictures of another size into an MP4, boxes with them", () =>
  inFolder(async (folder) => {
    const path = `${folder}/out.mp4`;
    {
      await using sink = await openSink(path);
      await writeFrame(sink, { seq: 0 });
      await writeFrame(sink, { seq: 1, width: 512, height: 640 });
      await writeFrame(sink, { seq: 2 });
    }
    const { pictures } = await decodePictures(path);
    assertEquals(pictures.map(({ width, height }) => [width, height]), Array(3).fill([256, 160]));
    assertBox(pictures[0]!);
    // 512 × 640 becomes 128 × 160 in the middle: scale 1/4, left border 64.
    const [, fitted] = pictures as [DecodedPicture, DecodedPicture];
    assertColor(fitted, 30, 80, [0, 0, 0]);
    assertColor(fitted, 220, 80, [0, 0, 0]);
    assertColor(fitted, 180, 80, BACKGROUND);
    assertColor(fitted, 80, 20, BUS);
    assertBox(pictures[2]!);
  }));

Deno.test("openSink() writes MJPEG as one JPEG after the other, each in its size", () =>
  inFolder(async (folder) => {
    const path = `${folder}/out.mjpeg`;
    {
      await using sink = await openSink(path);
      for (let seq = 0; seq < 5; seq++) await writeFrame(sink, { seq });
      await writeFrame(sink, { seq: 5, width: 321, height: 201 });
    }
    const { codec, color, pictures } = await decodePictures(path);
    assertEquals([codec, pictures.length, color.range], ["mjpeg", 6, 2]);
    assertBox(pictures[4]!);
    assertEquals([pictures[5]!.width, pictures[5]!.height], [321, 201]);
  }));

Deno.test("openSink() writes every picture into a file of its own, numbered by seq", () =>
  inFolder(async (folder) => {
    for (const [extension, codec] of [["png", "png"], ["jpg", "mjpeg"]] as const) {
      const path = `${folder}/made/${extension}/%04d.${extension}`;
      {
        await using sink = await openSink(path);
        for (const seq of [0, 7, 12]) await writeFrame(sink, { seq, width: 255 });
      }
      const names = [...Deno.readDirSync(`${folder}/made/${extension}`)].map(({ name }) => name);
      assertEquals(names.sort(), ["0000", "0007", "0012"].map((name) => `${name}.${extension}`));
      const decoded = await decodePictures(`${folder}/made/${extension}/0007.${extension}`);
      assertEquals([decoded.codec, decoded.pictures[0]!.width], [codec, 255]);
      assertBox(decoded.pictures[0]!);
    }
  }));

Deno.test("openSink() writes the last picture as a single file, and holds one lease until then", () =>
  inFolder(async (folder) => {
    const path = `${folder}/last.png`;
    const frames = [0, 1, 2].map((seq) =>
      makeFrame({
        format: "rgb24",
        width: 256,
        height: 160,
        seq,
        paint: () => [60 * seq, 90, 90],
      })
    );
    const sink = await openSink(path);
    for (const [seq, frame] of frames.entries()) {
      await sink.write(makeResult({ seq, detections: DETECTIONS }), frame);
      frame[Symbol.dispose]();
    }
    assertEquals((await Deno.stat(path)).size, 0);
    await sink[Symbol.asyncDispose]();
    const { pictures } = await decodePictures(path);
    assertEquals(pictures[0]!.colorAt(200, 60), [120, 90, 90]);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  }));

Deno.test("openSink() writes results as lines", () =>
  inFolder(async (folder) => {
    {
      await using sink = await openSink(`${folder}/a/results.ndjson`);
      assertEquals(sink.needsFrame, false);
      await sink.write(makeResult({ seq: 1 }), null);
      await sink.write(makeResult({ kind: "state", seq: 1 }), null);
    }
    const lines = (await Deno.readTextFile(`${folder}/a/results.ndjson`)).split("\n");
    assertEquals(lines.slice(0, 2).map((line) => JSON.parse(line).kind), ["frame", "state"]);
    assertEquals(lines.slice(2), [""]);
  }));

Deno.test("openSink() leaves nothing behind if no picture came, and an old file as it was", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/old.mp4`, "precious");
    await Deno.writeTextFile(`${folder}/old.png`, "precious");
    for (const name of ["old.mp4", "new.mp4", "old.png", "new.png"]) {
      await using sink = await openSink(`${folder}/${name}`);
      await sink.write(makeResult({ kind: "state", state: "blind" }), null);
    }
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names.sort(), ["old.mp4", "old.png"]);
    assertEquals(await Deno.readTextFile(`${folder}/old.mp4`), "precious");
    assertEquals(await Deno.readTextFile(`${folder}/old.png`), "precious");
  }));

Deno.test("openSink() replaces an old file", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/out.mp4`, "x".repeat(1_000_000));
    await writeFrames(`${folder}/out.mp4`, 3);
    assertEquals((await decodePictures(`${folder}/out.mp4`)).pictures.length, 3);
    assertLessOrEqual((await Deno.stat(`${folder}/out.mp4`)).size, 100_000);
  }));

Deno.test("openSink() says what it writes with", () =>
  inFolder(async (folder) => {
    await using sink = await openSink(`${folder}/a:b.mp4`);
    assertMatch(sink.label, /a:b\.mp4 \((libx264|libopenh264|mpeg4)\)$/);
    await writeFrame(sink);
  }));

Deno.test("openSink() refuses a path that cannot be written, with the reason", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await Deno.mkdir(`${folder}/folder.mp4`);
    for (
      const [path, hint] of [
        [`${folder}/file/out.mp4`, /another path/],
        [`${folder}/folder.mp4`, /Name a file in it/],
        [`${folder}/file/%d.png`, /another path/],
        [`${folder}/file/out.ndjson`, /another path/],
        ["/proc/fovea/out.mjpeg", /.*/],
      ] as const
    ) {
      const error = await assertRejects(() => openSink(path), FoveaError, `Cannot create ${path}`);
      assertEquals(error.code, "SINK_OPEN");
      assertMatch(error.hint ?? "", hint);
    }
  }));

Deno.test("openSink() refuses pictures too long for video, and leaves no empty file", () =>
  inFolder(async (folder) => {
    await using sink = await openSink(`${folder}/out.mp4`);
    const error = await assertRejects(
      () => writeFrame(sink, { width: 16_400, height: 2 }),
      FoveaError,
      "Cannot write pictures of 16400×2 as MP4",
    );
    assertEquals(error.code, "SINK_OPEN");
    assertMatch(error.hint!, /\.mjpeg/);
    await sink[Symbol.asyncDispose]();
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("openSink() refuses an unknown extension and a wrong number of threads", async () => {
  const error = await assertRejects(() => openSink("out.xyz"), FoveaError);
  assertEquals(error.code, "SINK_OPEN");
  await assertRejects(() => openSink("out.mp4", { encoderThreads: 0 }), RangeError);
});
