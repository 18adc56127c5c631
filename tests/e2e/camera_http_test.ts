// Cameras over HTTP on real sockets: MJPEG with outages, HLS that goes on, closing in the middle.
import { assert, assertEquals } from "@std/assert";
import { openCamera } from "../../src/camera/mod.ts";
import { systemClock } from "../../src/native/system_clock.ts";
import { readUntil, readUntilState } from "../support/camera_reader.ts";
import { encodePictures, makeClip } from "../support/clips.ts";
import { FolderServer, MjpegServer } from "../support/http_camera.ts";
import { readPictureNumber } from "../support/painting.ts";

const SIZE = { width: 128, height: 96 };

Deno.test("MJPEG over HTTP survives outages; its times are those of arrival", async () => {
  const pictures = await encodePictures({ ...SIZE, frames: 200, fps: 50, codec: "mjpeg" });
  await using server = new MjpegServer({ pictures, fps: 50 });
  await using camera = await openCamera(server.url, {
    policy: "next",
    poolFrames: 16,
    reconnect: { initialDelayMs: 10, maxDelayMs: 30 },
  });
  assertEquals([camera.info.kind, camera.info.fps], ["live", null]);
  let startMs: number | null = null;
  for (let epoch = 0; epoch < 5; epoch++) {
    let looked = 0;
    await readUntil(camera, ({ frame, state }) => {
      assertEquals(state, "live");
      startMs ??= frame.capturedMs;
      assert(Math.abs(frame.capturedMs - startMs - frame.ptsMs) < 1e-6);
      if (frame.epoch !== epoch) return false;
      assertEquals(readPictureNumber(frame), looked);
      return ++looked >= 5;
    });
    server.goDown();
    await readUntilState(camera, "blind");
    server.comeBack();
  }
});

Deno.test("HLS that is still being made is live; closing does not wait for its next segment", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await makeClip({
      path: `${folder}/live.m3u8`,
      ...SIZE,
      frames: 60,
      fps: 25,
      muxerOptions: { hls_time: "0.8", hls_list_size: "0" },
    });
    await using server = new FolderServer(
      folder,
      (name, bytes) =>
        name === "live.m3u8"
          ? new TextDecoder().decode(bytes).replace("#EXT-X-ENDLIST\n", "")
          : bytes,
    );
    const camera = await openCamera(server.urlOf("live.m3u8"), { policy: "next", poolFrames: 16 });
    assertEquals([camera.info.kind, camera.info.fps], ["live", 25]);
    let looked = 0;
    let last = -1;
    await readUntil(camera, ({ frame }) => {
      const number = readPictureNumber(frame);
      assert(number > last, `${number} after ${last}`);
      last = number;
      return ++looked >= 20;
    });
    const pulling = camera.next();
    const startMs = systemClock.nowMs();
    await camera[Symbol.asyncDispose]();
    const event = await pulling;
    if (event.kind === "frame") event.frame[Symbol.dispose]();
    // FFmpeg would ask for a new playlist after 0.8 s, again and again.
    assert(systemClock.nowMs() - startMs < 5000);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an image over HTTP is one picture, not a stream that is lost again and again", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [jpeg] = await encodePictures({ ...SIZE, frames: 1, fps: 1, codec: "mjpeg" });
    // What a camera's snapshot address looks like: nothing in it says that it is an image.
    await Deno.writeFile(`${folder}/snapshot`, jpeg!);
    await Deno.writeFile(`${folder}/picture.jpg`, jpeg!);
    await Deno.writeFile(`${folder}/motion`, jpeg!);
    await using server = new FolderServer(folder);
    for (const name of ["snapshot", "picture.jpg"]) {
      await using camera = await openCamera(server.urlOf(name));
      assertEquals([camera.info.kind, camera.info.frameCount], ["file", 1], name);
      await readUntil(camera, ({ frame }) => frame.seq === 0);
      assertEquals((await camera.next()).kind, "end", name);
    }
    await using video = await openCamera(server.urlOf("motion"));
    assertEquals(video.info.kind, "live");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
