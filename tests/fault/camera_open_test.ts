// Sources that cannot be opened: each says what is wrong, with a code, and leaves nothing behind.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type CameraOptions, openCamera } from "../../src/camera/mod.ts";
import { FoveaError, type FoveaErrorCode } from "../../src/core/errors.ts";
import { makeClip, makeImage, makeSound } from "../support/clips.ts";
import { FolderServer } from "../support/http_camera.ts";

async function refuse(
  uri: string,
  code: FoveaErrorCode,
  says: string,
  options: CameraOptions = {},
): Promise<FoveaError> {
  const error = await assertRejects(() => openCamera(uri, options), FoveaError);
  assertEquals(error.code, code, error.message);
  assertStringIncludes(error.message, says);
  return error;
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a missing file is told by its path", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/none.mp4`;
    await refuse(path, "CAMERA_OPEN", `Cannot open ${path}: there is no such file or folder`);
    await refuse(`images:${folder}/none`, "CAMERA_OPEN", `${folder}/none: there is no such file`);
  });
});

Deno.test("a folder given as a file says how to read a folder", async () => {
  await inFolder(async (folder) => {
    const error = await refuse(folder, "CAMERA_OPEN", "it is a folder");
    assertEquals(error.hint, `For the images in it, write images:${folder}`);
  });
});

Deno.test("a folder without images says what an image is", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/notes.txt`, "none");
    await Deno.mkdir(`${folder}/sub.png`);
    const error = await refuse(`images:${folder}`, "CAMERA_OPEN", "it holds no image");
    assertStringIncludes(error.hint ?? "", ".webp");
    await refuse(`images:${folder}/notes.txt`, "CAMERA_OPEN", "notes.txt");
  });
});

Deno.test("files that are no video, empty or without their index are refused", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/text.mp4`, "this is no video\n".repeat(100));
    await Deno.writeFile(`${folder}/empty.mp4`, new Uint8Array());
    await makeClip({ path: `${folder}/whole.mp4`, width: 64, height: 48, frames: 10, fps: 10 });
    const whole = await Deno.readFile(`${folder}/whole.mp4`);
    // The index of this file stands at its end.
    await Deno.writeFile(`${folder}/cut.mp4`, whole.subarray(0, whole.length / 2));
    for (const name of ["text", "empty", "cut"]) {
      const error = await refuse(`${folder}/${name}.mp4`, "CAMERA_OPEN", `${name}.mp4`);
      assertEquals(error.hint, "Check that this is a video and that it is whole");
    }
  });
});

Deno.test("raw video and animated WebP are told what they lack", async () => {
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/raw.yuv`, new Uint8Array(5000));
    const raw = await refuse(`${folder}/raw.yuv`, "CAMERA_OPEN", "raw.yuv");
    assertStringIncludes(raw.hint ?? "", "a container that states its size");
    // An extended header with its bit for animation, and a frame that holds nothing.
    const text = "RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x3f\0\0\x2f\0\0ANMF\0\0\0\0";
    const webp = Uint8Array.from(text, (char) => char.charCodeAt(0));
    await Deno.writeFile(`${folder}/moving.webp`, webp);
    await refuse(`${folder}/moving.webp`, "CAMERA_OPEN", "it is an animated WebP");
  });
});

Deno.test("a file with sound only holds no video", async () => {
  await inFolder(async (folder) => {
    await makeSound(`${folder}/sound.wav`);
    await refuse(`${folder}/sound.wav`, "CAMERA_NO_VIDEO", "it holds streams [audio]");
  });
});

Deno.test("an image that cannot be decoded is told by its name, first or later", async () => {
  await inFolder(async (folder) => {
    await makeImage({ path: `${folder}/b1.png`, width: 64, height: 48 });
    const png = await Deno.readFile(`${folder}/b1.png`);
    await makeImage({ path: `${folder}/b2.jpg`, width: 64, height: 48 });
    const jpeg = await Deno.readFile(`${folder}/b2.jpg`);
    const bad: Record<string, Uint8Array> = {
      "b3.png": png.subarray(0, 60),
      "b4.jpg": jpeg.subarray(0, jpeg.length / 2),
      "b5.webp": new TextEncoder().encode("no image at all"),
      "b6.bmp": new Uint8Array(0),
    };
    for (const [name, bytes] of Object.entries(bad)) {
      await Deno.writeFile(`${folder}/${name}`, bytes);
      await refuse(`${folder}/${name}`, "CAMERA_OPEN", `Cannot decode the image ${folder}/${name}`);
      await using camera = await openCamera(`images:${folder}`);
      for (const seq of [0, 1]) {
        const event = await camera.next();
        assert(event.kind === "frame");
        using frame = event.frame;
        assertEquals(frame.seq, seq);
      }
      const error = await assertRejects(() => camera.next(), FoveaError, name);
      assertEquals([error.code, (await camera.next()).kind], ["CAMERA_LOST", "end"]);
      await Deno.remove(`${folder}/${name}`);
    }
  });
});

Deno.test("V4L2 devices that are missing or are none", async () => {
  await refuse("v4l2:/dev/fovea-none", "CAMERA_OPEN", "No such file or directory");
  await refuse("v4l2:/dev/null?size=640x480&fps=30&format=mjpeg", "CAMERA_OPEN", "v4l2:/dev/null");
});

Deno.test("what a web server refuses is told with its status", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/page.html`, "<p>hello</p>".repeat(200));
    await using server = new FolderServer(folder);
    const error = await refuse(server.urlOf("none.mp4"), "CAMERA_OPEN", "404 Not Found");
    assertEquals(error.hint, "Check the path in the URI");
    await refuse(server.urlOf("page.html"), "CAMERA_OPEN", "Invalid data");
    await refuse("http://127.0.0.1:1/x.mp4", "CAMERA_OPEN", "Connection refused");
  });
});

Deno.test("a web server that accepts and never answers is given up after openTimeoutMs", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  const uri = `http://127.0.0.1:${listener.addr.port}/x.mp4`;
  await refuse(uri, "CAMERA_OPEN", "no picture within 100 ms", { openTimeoutMs: 100 });
  (await accepting).close();
});

Deno.test("policies that a source cannot follow are refused, and it is closed again", async () => {
  await inFolder(async (folder) => {
    await makeImage({ path: `${folder}/a.png`, width: 16, height: 16 });
    await refuse(`${folder}/a.png`, "USAGE", "frame rate is unknown", { policy: "latest" });
    await refuse(`images:${folder}?fps=5`, "USAGE", "paced: false", {
      policy: "adaptive",
      paced: false,
    });
    await using camera = await openCamera(`images:${folder}?fps=5`, { policy: "latest" });
    assertEquals([camera.info.fps, camera.info.realtime], [5, true]);
  });
});

Deno.test({
  name: "a host that may not be reached is told with the flag that allows it",
  permissions: { net: false, read: true, write: true, ffi: true, env: true, sys: true },
  async fn() {
    const error = await refuse(
      "rtsp://me:secret@127.0.0.1/1",
      "CAMERA_OPEN",
      "net access is not allowed",
    );
    assertEquals(error.hint, "Run with --allow-net=127.0.0.1:554");
    const https = await refuse(
      "https://127.0.0.1:8443/1",
      "CAMERA_OPEN",
      "net access is not allowed",
    );
    assertEquals(https.hint, "Run with --allow-net=127.0.0.1:8443");
  },
});

Deno.test({
  name: "a file that may not be read is told with the flag that allows it",
  permissions: { read: false, net: false },
  async fn() {
    const error = await refuse("clip.mp4", "CAMERA_OPEN", "read access is not allowed");
    assertEquals(error.hint, "Run with --allow-read=clip.mp4");
    await refuse("images:photos", "CAMERA_OPEN", "read access is not allowed");
    await refuse("v4l2:/dev/video0", "CAMERA_OPEN", "read access is not allowed");
  },
});
