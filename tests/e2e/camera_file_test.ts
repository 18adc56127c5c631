// Files as people have them: many frames in flat memory, pictures of many sizes, changing formats.
import { assert, assertEquals, assertLess } from "@std/assert";
import { openCamera } from "../../src/camera/mod.ts";
import type { Frame } from "../../src/core/frame.ts";
import { SharedArena } from "../../src/native/arena.ts";
import { readPictureNumber } from "../support/painting.ts";
import { encodePictures, makeClip, makeImage } from "../support/clips.ts";
import { testWithShared } from "../support/shared.ts";

const MEBIBYTE = 1024 * 1024;

/** Reads all frames of a source, hands them to `look` and returns how many there were. */
async function readAll(
  uri: string,
  look: (frame: Frame, arena: SharedArena) => void = () => {},
): Promise<number> {
  await using camera = await openCamera(uri);
  const { arena } = camera;
  assert(arena instanceof SharedArena);
  for (let frames = 0;; frames++) {
    const event = await camera.next();
    if (event.kind === "end") return frames;
    assert(event.kind === "frame");
    using frame = event.frame;
    assertEquals(frame.seq, frames);
    look(frame, arena);
  }
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("2,000 frames take no more memory than 200", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/long.mp4`;
    await makeClip({ path, width: 320, height: 240, frames: 2000, fps: 25, gop: 50 });
    let early = { rss: 0, arena: 0, used: 0 };
    let late = early;
    const frames = await readAll(path, (frame, arena) => {
      if (frame.seq !== 200 && frame.seq !== 1999) return;
      const seen = {
        rss: Deno.memoryUsage().rss,
        arena: arena.buffer.byteLength,
        used: arena.usedBytes,
      };
      if (frame.seq === 200) early = seen;
      else late = seen;
    });
    assertEquals([frames, late.arena, late.used], [2000, early.arena, early.used]);
    assertLess(late.rss - early.rss, 20 * MEBIBYTE);
  });
});

Deno.test("a stream whose picture size changes goes on with the new size", async () => {
  await inFolder(async (folder) => {
    const sizes = [[128, 96], [256, 192], [192, 144]] as const;
    const parts: Uint8Array[] = [];
    for (const [width, height] of sizes) {
      parts.push(...await encodePictures({ width, height, frames: 10, fps: 25 }));
    }
    const path = `${folder}/all.h264`;
    await Deno.writeFile(path, new Uint8Array(parts.flatMap((part) => [...part])));
    const seen: string[] = [];
    const frames = await readAll(path, (frame) => {
      assertEquals(readPictureNumber(frame), frame.seq % 10);
      const size = `${frame.picture.width}×${frame.picture.height}`;
      if (seen.at(-1) !== size) seen.push(size);
    });
    assertEquals([frames, seen], [30, ["128×96", "256×192", "192×144"]]);
  });
});

Deno.test("time goes on where a recording was put together from several", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/part.ts`;
    await makeClip({ path, width: 64, height: 48, frames: 20, fps: 25 });
    const part = [...await Deno.readFile(path)];
    await Deno.writeFile(`${folder}/all.ts`, new Uint8Array([...part, ...part, ...part]));
    await using camera = await openCamera(`${folder}/all.ts`);
    let lastPtsMs = -1;
    let frames = 0;
    for (let event = await camera.next(); event.kind === "frame"; event = await camera.next()) {
      using frame = event.frame;
      assert(frame.ptsMs > lastPtsMs && frame.ptsMs <= lastPtsMs + 200, `${frame.ptsMs}`);
      lastPtsMs = frame.ptsMs;
      frames++;
    }
    // The demuxer takes the pictures at a seam for damaged; they are counted.
    assertEquals(frames + camera.dropped, 60);
    assert(camera.dropped <= 4);
  });
});

Deno.test("images from 1×1 to 8K, odd sizes included, come as they are", async () => {
  await inFolder(async (folder) => {
    const sizes = [[1, 1], [37, 21], [2, 3], [7680, 4320], [33, 64]] as const;
    const kinds = ["png", "jpg", "webp", "jpg", "bmp"];
    for (const [index, [width, height]] of sizes.entries()) {
      await makeImage({ path: `${folder}/${index}.${kinds[index]}`, width, height });
    }
    const seen: (readonly [number, number])[] = [];
    await readAll(
      `images:${folder}`,
      ({ picture: { width, height } }) => seen.push([width, height]),
    );
    assertEquals(seen, [...sizes]);
  });
});

Deno.test("more decoder threads give the same pictures", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/clip.mp4`;
    await makeClip({ path, width: 128, height: 96, frames: 40, fps: 25, bFrames: 2 });
    await using camera = await openCamera(path, { decoderThreads: 4 });
    for (let seq = 0; seq < 40; seq++) {
      const event = await camera.next();
      assert(event.kind === "frame");
      using frame = event.frame;
      assertEquals([frame.seq, readPictureNumber(frame)], [seq, seq]);
    }
    assertEquals((await camera.next()).kind, "end");
  });
});

testWithShared(
  "the shared clips are read whole",
  ["media/car-detection.mp4", "media/bottle-detection.mp4"],
  async ([car, bottle]) => {
    for (const [path, width, height] of [[car, 768, 432], [bottle, 640, 360]] as const) {
      await using camera = await openCamera(path, { policy: "every:50" });
      const { info } = camera;
      assertEquals([info.width, info.height, info.kind], [width, height, "file"]);
      let last = 0;
      for (;;) {
        const event = await camera.next();
        if (event.kind === "end") break;
        assert(event.kind === "frame");
        using frame = event.frame;
        assert(Math.abs(frame.ptsMs - 1000 * frame.seq / info.fps!) < 1);
        last = frame.seq;
      }
      assertEquals(last, Math.floor((info.frameCount! - 1) / 50) * 50);
    }
  },
);

testWithShared(
  "photographs of many sizes are read in order",
  ["coco64/images"],
  async ([folder]) => {
    const sizes = new Set<string>();
    let used = 0;
    const frames = await readAll(`images:${folder}`, (frame, arena) => {
      sizes.add(`${frame.picture.width}×${frame.picture.height}`);
      used = Math.max(used, arena.usedBytes);
    });
    assertEquals(frames, 64);
    assert(sizes.size > 10);
    assertLess(used, 8 * 640 * 640 * 3);
  },
);
