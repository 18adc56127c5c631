// Sources that break while they are read: what came before is right, what is lost is counted,
// nothing is made up, and cut files do not pass for whole ones.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Camera, openCamera } from "../../src/camera/mod.ts";
import { FoveaError } from "../../src/core/errors.ts";
import { type ClipOptions, encodePictures, makeClip } from "../support/clips.ts";
import { readUntil } from "../support/camera_reader.ts";
import { readPictureNumber } from "../support/painting.ts";
import { RtspServer } from "../support/rtsp_server.ts";

const FRAMES = 40;

/** Makes a clip, changes its bytes and opens it. */
async function withDamaged(
  options: Partial<ClipOptions> & { readonly name: string },
  damage: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
  run: (camera: Camera) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const { name, ...rest } = options;
    const path = `${folder}/${name}`;
    await makeClip({ width: 128, height: 96, frames: FRAMES, fps: 25, ...rest, path });
    await Deno.writeFile(path, damage(await Deno.readFile(path)));
    await using camera = await openCamera(path);
    await run(camera);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads up to the end; the numbers that the pictures show, by `seq`. */
async function readNumbers(camera: Camera): Promise<Map<number, number>> {
  const numbers = new Map<number, number>();
  for (;;) {
    const event = await camera.next();
    if (event.kind === "end") return numbers;
    assert(event.kind === "frame");
    using frame = event.frame;
    numbers.set(frame.seq, readPictureNumber(frame));
  }
}

function cut(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, Math.floor(bytes.length * 0.6));
}

const CUT: readonly (Partial<ClipOptions> & { readonly name: string })[] = [
  { name: "index first.mp4", muxerOptions: { movflags: "faststart" } },
  { name: "fragments.mp4", muxerOptions: { movflags: "frag_keyframe+empty_moov" } },
  { name: "clip.mkv" },
  { name: "clip.avi", codec: "mjpeg" },
];

for (const options of CUT) {
  Deno.test(`a cut file gives what is there, then CAMERA_LOST: ${options.name}`, async () => {
    await withDamaged(options, cut, async (camera) => {
      let last = -1;
      const error = await assertRejects(
        async () => {
          for (;;) {
            const event = await camera.next();
            if (event.kind !== "frame") break;
            using frame = event.frame;
            assertEquals([frame.seq, readPictureNumber(frame)], [last + 1, last + 1]);
            last = frame.seq;
          }
        },
        FoveaError,
        "the file is cut off",
      );
      assertEquals([error.code, (await camera.next()).kind], ["CAMERA_LOST", "end"]);
      assert(last > 5 && last < FRAMES - 5, `the last frame was ${last}`);
    });
  });
}

Deno.test("a cut transport stream ends like a whole one: it does not say how long it is", async () => {
  await withDamaged({ name: "clip.ts" }, cut, async (camera) => {
    const numbers = await readNumbers(camera);
    assert(numbers.size > 5 && numbers.size < FRAMES);
    for (const [seq, number] of numbers) assertEquals(number, seq);
  });
});

Deno.test("a broken picture is left out and counted, with those that build on it", async () => {
  const broken = 15;
  const gop = 10;
  const pictures = await encodePictures({ width: 128, height: 96, frames: 100, fps: 50, gop });
  pictures[broken] = pictures[broken]!.slice(0, 40);
  await using server = new RtspServer({ pictures, fps: 50 });
  await using camera = await openCamera(server.url, { policy: "next" });
  const seqs: number[] = [];
  await readUntil(camera, ({ frame }) => {
    assertEquals(readPictureNumber(frame), frame.seq);
    return seqs.push(frame.seq) >= 25;
  });
  assertEquals(seqs.filter((seq) => seq >= broken && seq < 2 * gop), []);
  assertEquals(seqs.filter((seq) => seq < broken).length, broken);
  assertEquals(camera.dropped, 2 * gop - broken);
});

Deno.test("a file whose pictures are all broken is lost, not empty", async () => {
  function scramble(bytes: Uint8Array): Uint8Array {
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    return bytes.fill(0xff, text.indexOf("mdat") + 4);
  }
  const options = { name: "clip.mp4", muxerOptions: { movflags: "faststart" } };
  await withDamaged(options, scramble, async (camera) => {
    const error = await assertRejects(() => camera.next(), FoveaError, "could be decoded");
    assertEquals(error.code, "CAMERA_LOST");
  });
});

Deno.test("a file over HTTP whose connection breaks is lost, not at its end", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/clip.mp4`;
  await makeClip({
    path,
    width: 320,
    height: 240,
    frames: 200,
    fps: 25,
    gop: 1,
    muxerOptions: { movflags: "faststart" },
  });
  const bytes = await Deno.readFile(path);
  await Deno.remove(folder, { recursive: true });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  async function serveHalf(): Promise<void> {
    using socket = await listener.accept();
    await socket.read(new Uint8Array(4096));
    const head =
      `HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    const half = bytes.subarray(0, bytes.length / 2);
    const writer = socket.writable.getWriter();
    await writer.write(new TextEncoder().encode(head));
    await writer.write(half);
    await writer.close();
  }
  const serving = serveHalf();
  await using camera = await openCamera(`http://127.0.0.1:${listener.addr.port}/clip.mp4`);
  let frames = 0;
  const error = await assertRejects(async () => {
    for (;;) {
      const event = await camera.next();
      if (event.kind !== "frame") return;
      using frame = event.frame;
      assertEquals(readPictureNumber(frame), frame.seq);
      frames++;
    }
  }, FoveaError);
  assertEquals(error.code, "CAMERA_LOST");
  assert(frames > 50 && frames < 150, `${frames} frames`);
  await serving;
});
