import { assert, assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { parseCameraUri } from "./camera_uri.ts";
import { buildPipeline, type PipelineFacts } from "./gst_pipeline.ts";

/** The filter that says what the pictures are like. */
const TAKE = "capsfilter name=fovea-caps caps=video/x-raw,format=";
const READABLE = `${TAKE}(string){NV12,I420,YUY2,RGB,BGR,RGBx,RGBA,BGRx,BGRA,GRAY8}`;

function pipelineOf(uri: string, facts: Partial<PipelineFacts> = {}): string {
  const source = parseCameraUri(uri);
  assert(source.scheme !== "file" && source.scheme !== "images" && source.scheme !== "synthetic");
  const defaults = { isJetson: true, rtspTransport: "tcp", rtpEncoding: "H264" } as const;
  const given = { ...defaults, ...facts };
  const taken = "url" in source ? { ...source, scheme: "rtsp" as const } : source;
  return buildPipeline(taken, given).join(" ");
}

const PC = { isJetson: false };

/** Each source, what is known besides, and its pipeline. */
const PIPELINES: readonly (readonly [string, Partial<PipelineFacts>, string])[] = [
  [
    "csi:0",
    {},
    "nvarguscamerasrc sensor-id=0 ! video/x-raw(memory:NVMM),format=NV12 ! nvvidconv ! " +
    `${TAKE}NV12`,
  ],
  [
    "csi:1?size=1920x1080&fps=29.97&mode=2&flip=2",
    {},
    "nvarguscamerasrc sensor-id=1 sensor-mode=2 ! " +
    "video/x-raw(memory:NVMM),format=NV12,width=1920,height=1080,framerate=30000/1001 ! " +
    `nvvidconv flip-method=2 ! ${TAKE}NV12`,
  ],
  [
    "rtsp://me:pw@cam:8554/live",
    {},
    'rtspsrc location="rtsp://me:pw@cam:8554/live" latency=100 protocols=tcp ! rtph264depay ! ' +
    `h264parse ! nvv4l2decoder enable-max-performance=1 ! nvvidconv ! ${TAKE}NV12 ! ` +
    "queue max-size-buffers=2 leaky=downstream",
  ],
  [
    "rtsp://cam/live",
    { rtpEncoding: "H265", rtspTransport: "udp" },
    'rtspsrc location="rtsp://cam/live" latency=100 protocols=udp ! rtph265depay ! ' +
    `h265parse ! nvv4l2decoder enable-max-performance=1 ! nvvidconv ! ${TAKE}NV12 ! ` +
    "queue max-size-buffers=2 leaky=downstream",
  ],
  [
    "rtsp://cam/live",
    PC,
    'rtspsrc location="rtsp://cam/live" latency=100 protocols=tcp ! rtph264depay ! h264parse ! ' +
    `avdec_h264 ! videoconvert ! ${
      READABLE.replace(",GRAY8", "")
    } ! queue max-size-buffers=2 leaky=downstream`,
  ],
  [
    "v4l2:/dev/video0?format=mjpeg&size=1280x720&fps=30",
    {},
    'v4l2src device="/dev/video0" ! image/jpeg,width=1280,height=720,framerate=30/1 ! ' +
    `nvv4l2decoder mjpeg=1 ! nvvidconv ! ${TAKE}NV12`,
  ],
  [
    "v4l2:/dev/video0?format=mjpeg",
    PC,
    `v4l2src device="/dev/video0" ! image/jpeg ! jpegdec ! ${READABLE}`,
  ],
  [
    "v4l2:/dev/video2?format=h264",
    {},
    'v4l2src device="/dev/video2" ! video/x-h264 ! h264parse ! nvv4l2decoder ' +
    `enable-max-performance=1 ! nvvidconv ! ${TAKE}NV12`,
  ],
  [
    "v4l2:/dev/video0?format=yuyv&size=640x480",
    {},
    `v4l2src device="/dev/video0" ! ${TAKE}YUY2,width=640,height=480`,
  ],
  [
    "v4l2:/dev/video0?fps=15",
    PC,
    `v4l2src device="/dev/video0" ! ${READABLE},framerate=15/1`,
  ],
  ["gst:videotestsrc is-live=true", {}, `videotestsrc is-live=true ! ${READABLE}`],
];

for (const [uri, facts, pipeline] of PIPELINES) {
  const where = facts.isJetson === false ? "elsewhere" : "on a Jetson";
  Deno.test(`buildPipeline() for ${uri.replace("me:pw@", "")} ${where}`, () => {
    assertEquals(pipelineOf(uri, facts), pipeline);
  });
}

Deno.test("buildPipeline() keeps addresses from being read as parts of the pipeline", () => {
  const pipeline = pipelineOf('rtsp://cam/a ! filesink location="x"\\');
  const words = pipeline.split(" ");
  assertEquals(words[1], 'location="rtsp://cam/a%20!%20filesink%20location=%22x%22%5C"');
  const error = assertThrows(() => pipelineOf('v4l2:/dev/x" ! filesink location="y'), FoveaError);
  assertEquals(error.code, "CAMERA_URI");
});
