// Real pipelines: what a child process does to us, and what we must do for it.
import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  type CameraOptions,
  openCamera,
  parseCameraUri,
  planeSizes,
} from "../../src/camera/mod.ts";
import { checkCameraOptions } from "../../src/camera/camera_options.ts";
import { buildPipeline } from "../../src/camera/gst_pipeline.ts";
import { openGstSource, OtherRtpEncoding } from "../../src/camera/gst_source.ts";
import { FoveaError, type FoveaErrorCode } from "../../src/core/errors.ts";
import { systemClock } from "../../src/native/system_clock.ts";
import { pullEvent, readUntil, readUntilState } from "../support/camera_reader.ts";
import { encodePictures, makeClip } from "../support/clips.ts";
import { testWithGstreamer } from "../support/gstreamer.ts";
import { readPictureNumber } from "../support/painting.ts";
import { findProcesses, makeMarker, waitForProcesses } from "../support/processes.ts";
import { RtspServer } from "../support/rtsp_server.ts";

const QUICK: CameraOptions = { reconnect: { initialDelayMs: 10, maxDelayMs: 40 } };
const TEST_SOURCE = ["videotestsrc"];
const RTSP = ["rtspsrc", "rtph264depay", "h264parse", "avdec_h264"];

/** A live source of pictures that are all the same, in a process that can be found. */
function testSource(marker: string, caps = "width=64,height=48,framerate=50/1"): string {
  return `gst:videotestsrc is-live=true name=${marker} ! video/x-raw,format=NV12,${caps}`;
}

/** A red pixel in the bytes of each plane, as GStreamer's own converter makes it. */
const RED: Readonly<Record<string, readonly (readonly number[])[]>> = {
  NV12: [[81], [90, 240]],
  I420: [[81], [90], [240]],
  YUY2: [[81, 90, 81, 240]],
  RGB: [[255, 0, 0]],
  BGR: [[0, 0, 255]],
  RGBA: [[255, 0, 0, 255]],
  BGRx: [[0, 0, 255, 255]],
  // Its test source paints gray as luma of video; cameras send all of 0 to 255.
  GRAY8: [[81]],
};

for (const [format, pixels] of Object.entries(RED)) {
  testWithGstreamer(
    `odd pictures of GStreamer in ${format} are read row by row`,
    TEST_SOURCE,
    async () => {
      const size = "width=37,height=21,pixel-aspect-ratio=1/1,colorimetry=bt601";
      const caps = `video/x-raw,format=${format},${size}`.replace(
        /,colorimetry=bt601/,
        pixels.length === 1 && format !== "YUY2" ? "" : ",colorimetry=bt601",
      );
      const pattern = "pattern=solid-color foreground-color=0xffff0000";
      await using camera = await openCamera(`gst:videotestsrc num-buffers=3 ${pattern} ! ${caps}`);
      for (let picture = 0; picture < 3; picture++) {
        const event = await pullEvent(camera);
        assert(event.kind === "frame");
        using frame = event.frame;
        const { planes, width, height } = frame.picture;
        assertEquals([width, height], [37, 21]);
        for (
          const [index, { rowBytes, rows }] of planeSizes(frame.picture.format, 37, 21).entries()
        ) {
          const bytes = frame.planeBytes(index);
          const pixel = pixels[index]!;
          for (let y = 0; y < rows; y++) {
            const row = [...bytes.subarray(y * planes[index]!.strideBytes).subarray(0, rowBytes)];
            const off = row.findIndex((value, x) => Math.abs(value - pixel[x % pixel.length]!) > 1);
            // The unused second luma of an odd YUYV row is nobody's business.
            assert(
              off < 0 || format === "YUY2" && off >= rowBytes - 2,
              `${format} ${index}: ${row}`,
            );
          }
        }
      }
      assertEquals((await camera.next()).kind, "end");
    },
  );
}

testWithGstreamer("an IP camera plays through GStreamer, passwords unseen", RTSP, async () => {
  const pictures = await encodePictures({ width: 128, height: 96, frames: 200, fps: 25 });
  const credentials = "admin:se%20cret";
  await using server = new RtspServer({ pictures, fps: 25, credentials: "admin:se cret" });
  const uri = server.url.replace("//", `//${credentials}@`);
  await using camera = await openCamera(uri, { ...QUICK, policy: "next", backend: "gstreamer" });
  assertEquals([camera.info.kind, camera.info.width, camera.info.height], ["live", 128, 96]);
  assertEquals(camera.info.uri, server.url.replace("//", "//admin:***@"));
  let last = -1;
  await readUntil(camera, ({ frame, state }) => {
    assertEquals(state, "live");
    assertGreater(readPictureNumber(frame), last);
    last = readPictureNumber(frame);
    return frame.seq >= 10;
  });
  await server.goDown();
  const reason = await readUntilState(camera, "blind");
  assertEquals(reason.includes("cret"), false, reason);
  server.comeBack();
  await readUntil(camera, ({ frame }) => frame.epoch === 1 && frame.seq > 12);

  const refused = await assertRejects(
    () => openCamera(server.url, { backend: "gstreamer" }),
    FoveaError,
  );
  assertEquals(refused.code, "CAMERA_OPEN");
  assertStringIncludes(refused.hint!, "user and password");
});

testWithGstreamer("GStreamer tells how an IP camera codes its pictures", RTSP, async () => {
  const pictures = await encodePictures({ width: 64, height: 48, frames: 50, fps: 25 });
  await using server = new RtspServer({ pictures, fps: 25 });
  const uri = parseCameraUri(server.url);
  assert("url" in uri);
  // A pipeline for the other coding, as a camera with H.265 meets the first one.
  const facts = { isJetson: false, rtspTransport: "tcp", rtpEncoding: "H265" } as const;
  const request = {
    label: uri.label,
    words: buildPipeline({ ...uri, scheme: "rtsp" }, facts),
    kind: "live",
    rtpEncoding: "H265",
  } as const;
  const error = await assertRejects(
    () => openGstSource(request, checkCameraOptions({}), systemClock, new AbortController().signal),
    OtherRtpEncoding,
  );
  assertEquals(error.encoding, "H264");
});

testWithGstreamer("a pipeline that is killed is told and started anew", TEST_SOURCE, async () => {
  const marker = makeMarker();
  {
    await using camera = await openCamera(testSource(marker), QUICK);
    for (let epoch = 0; epoch < 3; epoch++) {
      await readUntil(camera, ({ frame }) => {
        assertEquals(frame.epoch, epoch);
        return true;
      });
      const [child] = await waitForProcesses(marker, 1);
      Deno.kill(child!.pid, "SIGKILL");
      assertStringIncludes(await readUntilState(camera, "blind"), "ended by SIGKILL");
    }
    await readUntil(camera, ({ frame }) => frame.epoch === 3);
  }
  assertEquals(findProcesses(marker), []);
});

testWithGstreamer("twenty openings leave no process and no zombie", TEST_SOURCE, async () => {
  const marker = makeMarker();
  for (let i = 0; i < 20; i++) {
    await using camera = await openCamera(testSource(marker, "width=640,height=480"));
    assertEquals((await camera.next()).kind, "frame");
  }
  assertEquals(findProcesses(marker), []);
});

testWithGstreamer("a stopped pipeline is stale, then lost, then back", TEST_SOURCE, async () => {
  const marker = makeMarker();
  const limits = { staleAfterMs: 100, readTimeoutMs: 300 };
  await using camera = await openCamera(testSource(marker), { ...QUICK, ...limits });
  await readUntil(camera, ({ frame }) => frame.seq > 3);
  const [child] = await waitForProcesses(marker, 1);
  // It is alive and does nothing, as one that waits for a camera that hangs. Interrupted, it
  // does not answer either, and has to be killed.
  Deno.kill(child!.pid, "SIGSTOP");
  assertStringIncludes(await readUntilState(camera, "stale"), "no picture for");
  assertStringIncludes(await readUntilState(camera, "blind"), "no data for");
  await readUntil(camera, ({ frame, state }) => frame.epoch === 1 && state === "live");
});

testWithGstreamer(
  "names of files may look like parts of a pipeline",
  ["matroskademux", "jpegdec"],
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/a ! fakesink grün.mkv`;
      await makeClip({ path, width: 64, height: 48, frames: 3, fps: 25, codec: "mjpeg" });
      await using camera = await openCamera(
        `gst:filesrc location="${path}" ! matroskademux ! jpegdec`,
      );
      assertEquals([camera.info.fps, camera.info.kind], [25, "file"]);
      await readUntil(camera, ({ frame }) => readPictureNumber(frame) === 2);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

const REFUSALS: readonly (readonly [string, CameraOptions, FoveaErrorCode, string])[] = [
  ["gst:nonesuch", {}, "CAMERA_OPEN", 'no element "nonesuch"'],
  ["gst:videotestsrc foo=1", {}, "CAMERA_OPEN", 'no property "foo"'],
  ["gst:videotestsrc ! ! identity", {}, "CAMERA_OPEN", "syntax error"],
  ["gst:videotestsrc ! video/x-raw(memory:NVMM)", {}, "CAMERA_OPEN", "memory:NVMM"],
  ["gst:videotestsrc ! video/x-raw,format=P010_10LE", {}, "CAMERA_OPEN", "could not link"],
  ["gst:videotestsrc num-buffers=0", {}, "CAMERA_NO_VIDEO", "no picture came"],
  ["gst:filesrc location=/fovea-none ! decodebin", {}, "CAMERA_OPEN", "Resource not found"],
  ["csi:0", {}, "CAMERA_OPEN", 'no element "nvarguscamerasrc"'],
  ["v4l2:/dev/fovea-none", { backend: "gstreamer" }, "CAMERA_OPEN", "Cannot identify device"],
  ["rtsp://127.0.0.1:1/x", { backend: "gstreamer" }, "CAMERA_OPEN", "Failed to connect"],
  [
    "rtsp://127.0.0.1:1/x",
    { openTimeoutMs: 1, backend: "gstreamer" },
    "CAMERA_OPEN",
    "within 1 ms",
  ],
];

testWithGstreamer(
  "what GStreamer cannot open is told with its reason",
  ["videotestsrc", "v4l2src", "rtspsrc"],
  async () => {
    for (const [uri, options, code, says] of REFUSALS) {
      const error = await assertRejects(() => openCamera(uri, options), FoveaError, says);
      assertEquals(error.code, code, uri);
    }
  },
);

Deno.test("a backend that cannot open a source is refused before anything is opened", async () => {
  for (
    const [uri, backend] of [
      ["clip.mp4", "gstreamer"],
      ["http://127.0.0.1:1/x", "gstreamer"],
      ["images:.", "gstreamer"],
      ["csi:0", "ffmpeg"],
      ["gst:videotestsrc", "ffmpeg"],
    ] as const
  ) {
    const error = await assertRejects(() => openCamera(uri, { backend }), FoveaError);
    assertEquals(error.code, "USAGE");
  }
});
