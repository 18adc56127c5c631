// Every kind of camera that can run on any machine, against the same cases. V4L2 devices and
// cameras of a Jetson are not among them, since no machine has one for certain: what FFmpeg and
// GStreamer are told for them is checked in src/camera/av_target_test.ts and gst_pipeline_test.ts,
// and their failures in tests/fault.
import { type Camera, type CameraOptions, degradeCamera } from "../../src/camera/mod.ts";
import { type CameraSubject, runCameraCases } from "./camera_cases.ts";
import { type ClipOptions, encodePictures, makeClip, makeImage } from "../support/clips.ts";
import { whyNoGstreamer } from "../support/gstreamer.ts";
import { FolderServer, MjpegServer } from "../support/http_camera.ts";
import { RtspServer } from "../support/rtsp_server.ts";
import { kernelScratchBytes } from "../../src/native/wasm_kernels.ts";
import { StreetWorld } from "../../src/world/mod.ts";

const SIZE = { width: 128, height: 96 };
const CLIP = { ...SIZE, frames: 30, fps: 50 };
const LIVE_LOOP = 200;

/** A folder of its own with what `fill` puts into it, and a subject on top. */
async function inFolder(
  fill: (folder: string) => Promise<Omit<CameraSubject, typeof Symbol.asyncDispose>>,
  close: () => Promise<void> = () => Promise.resolve(),
): Promise<CameraSubject> {
  const folder = await Deno.makeTempDir();
  const subject = await fill(folder);
  return {
    ...subject,
    async [Symbol.asyncDispose]() {
      await close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function fileSubject(
  options: Partial<ClipOptions> & { readonly name: string },
): Promise<CameraSubject> {
  return inFolder(async (folder) => {
    const { name, ...rest } = options;
    const path = `${folder}/${name}`;
    await makeClip({ ...CLIP, ...rest, path });
    return { uri: path, kind: "file", ...SIZE, pictures: CLIP.frames };
  });
}

function imagesSubject(): Promise<CameraSubject> {
  return inFolder(async (folder) => {
    const kinds = ["jpg", "png", "bmp", "webp", "jpeg"];
    for (let index = 0; index < 15; index++) {
      await makeImage({
        path: `${folder}/image${index}.${kinds[index % kinds.length]}`,
        ...SIZE,
        index,
      });
    }
    return { uri: `images:${folder}`, kind: "file", ...SIZE, pictures: 15 };
  });
}

async function httpSubject(
  name: string,
  muxerOptions: Record<string, string>,
): Promise<CameraSubject> {
  let server: FolderServer | null = null;
  return await inFolder(async (folder) => {
    await makeClip({ ...CLIP, path: `${folder}/${name}`, muxerOptions });
    server = new FolderServer(folder);
    return { uri: server.urlOf(name), kind: "file", ...SIZE, pictures: CLIP.frames };
  }, async () => await server?.[Symbol.asyncDispose]());
}

/** A file that a GStreamer pipeline reads, as fast as it is asked to. */
function pipelineSubject(): Promise<CameraSubject> {
  return inFolder(async (folder) => {
    const path = `${folder}/clip.mkv`;
    await makeClip({ ...CLIP, path, codec: "mjpeg" });
    const uri = `gst:filesrc location="${path}" ! matroskademux ! jpegdec`;
    return { uri, kind: "file", ...SIZE, pictures: CLIP.frames };
  });
}

/** A live pipeline; the jitter buffer of the source hands on every picture. */
function asPipeline(uri: string): string {
  return `gst:rtspsrc location="${uri}" protocols=tcp latency=50 ! rtph264depay ! avdec_h264`;
}

async function rtspSubject(uriOf = (url: string) => url): Promise<CameraSubject> {
  const pictures = await encodePictures({ ...SIZE, frames: LIVE_LOOP, fps: 50 });
  const server = new RtspServer({ pictures, fps: 50 });
  return {
    uri: uriOf(server.url),
    kind: "live",
    ...SIZE,
    pictures: LIVE_LOOP,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function mjpegSubject(): Promise<CameraSubject> {
  const pictures = await encodePictures({ ...SIZE, frames: LIVE_LOOP, fps: 50, codec: "mjpeg" });
  const server = new MjpegServer({ pictures, fps: 50 });
  return {
    uri: server.url,
    kind: "live",
    ...SIZE,
    pictures: LIVE_LOOP,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A drawn world: its pictures are told apart by comparing them with those of a world drawn here. */
function worldSubject(): Promise<CameraSubject> {
  const size = { width: 96, height: 64 };
  const world = new StreetWorld({ ...size, seed: 3, fps: 50, frames: 15 });
  const drawn = Array.from({ length: 15 }, (_, seq) => {
    const rgba = new Uint32Array(size.width * size.height);
    world.renderRgba(seq, rgba);
    return new Uint8Array(rgba.buffer);
  });
  return Promise.resolve({
    uri: "synthetic:street?seed=3&size=96x64&fps=50&frames=15",
    kind: "file",
    ...size,
    pictures: drawn.length,
    numberOf: (frame) => {
      const bytes = frame.planeBytes(0);
      return drawn.findIndex((picture) => picture.every((byte, i) => byte === bytes[i]));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

const HLS = { hls_time: "0.2", hls_list_size: "0", hls_playlist_type: "vod" };

runCameraCases("MP4 with H.264", () => fileSubject({ name: "clip.mp4" }), "file");
runCameraCases("TS with B-frames", () => fileSubject({ name: "clip.ts", bFrames: 2 }), "file");
runCameraCases(
  "MKV with converted pixels",
  () => fileSubject({ name: "clip.mkv", codec: "ffv1", pixelFormat: "yuv444p10le" }),
  "file",
);
runCameraCases("folder of images", imagesSubject, "file");
runCameraCases("drawn world", worldSubject, "file");
runCameraCases("MP4 over HTTP", () => httpSubject("clip.mp4", { movflags: "faststart" }), "file");
runCameraCases("HLS", () => httpSubject("clip.m3u8", HLS), "file");
runCameraCases("RTSP", () => rtspSubject(), "live");
runCameraCases("MJPEG over HTTP", mjpegSubject, "live");

/** The camera with mild fog in front of it, which leaves numbers readable. */
function inFog(
  make: () => Promise<CameraSubject>,
  fromFrame: number,
): () => Promise<CameraSubject> {
  function wrap(camera: Camera, { poolFrames = 8 }: CameraOptions): Camera {
    return degradeCamera(camera, [{ kind: "fog", severity: 1, fromFrame }], { poolFrames });
  }
  // Degraded pictures have a pool of their own, and what converts them needs room to work in.
  function wrapBytes(poolBytes: number, width: number): number {
    return poolBytes + kernelScratchBytes({ sourceWidth: width, netWidth: width, candidates: 0 });
  }
  return async () => ({ ...await make(), wrap, wrapBytes });
}

runCameraCases("MP4 in fog", inFog(() => fileSubject({ name: "clip.mp4" }), 0), "file");
runCameraCases("images in fog from a frame on", inFog(imagesSubject, 3), "file");
runCameraCases("RTSP in fog", inFog(() => rtspSubject(), 0), "live");

runCameraCases(
  "GStreamer pipeline",
  pipelineSubject,
  "file",
  whyNoGstreamer(["matroskademux", "jpegdec"]),
);
runCameraCases(
  "live GStreamer pipeline",
  () => rtspSubject(asPipeline),
  "live",
  whyNoGstreamer(["rtspsrc", "rtph264depay", "avdec_h264"]),
);
