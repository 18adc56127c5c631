import { assert, assertEquals } from "@std/assert";
import { type AvTarget, type AvUri, buildAvTarget } from "./av_target.ts";
import { checkCameraOptions } from "./camera_options.ts";
import { parseCameraUri } from "./camera_uri.ts";

function targetOf(uri: string, options = {}): AvTarget {
  const parsed = parseCameraUri(uri);
  assert(parsed.scheme !== "images" && parsed.scheme !== "synthetic");
  assert(parsed.scheme !== "csi" && parsed.scheme !== "gst");
  return buildAvTarget(parsed satisfies AvUri, checkCameraOptions(options), true);
}

Deno.test("buildAvTarget() keeps file names from being read as protocols", () => {
  const target = targetOf("./concat:a|b.mp4");
  assertEquals([target.url, target.localPath, target.live], [
    "file:./concat:a|b.mp4",
    "./concat:a|b.mp4",
    false,
  ]);
});

Deno.test("buildAvTarget() gives the network no way to local files", () => {
  for (const uri of ["rtsp://cam/1", "http://cam/live.m3u8"]) {
    const allowed = targetOf(uri).options.protocol_whitelist!.split(",");
    assertEquals(allowed.filter((name) => /file|pipe|concat|subfile/.test(name)), [], uri);
  }
});

Deno.test("buildAvTarget() hands passwords to FFmpeg and not to labels", () => {
  const target = targetOf("rtsp://me:secret@cam/1", { rtspTransport: "udp" });
  assertEquals(target.url, "rtsp://me:secret@cam/1");
  assertEquals(target.label, "rtsp://me:***@cam/1");
  assertEquals([target.demuxer, target.options.rtsp_transport, target.live], ["rtsp", "udp", true]);
});

Deno.test("buildAvTarget() asks a V4L2 device for size, rate and format in FFmpeg's words", () => {
  const target = targetOf("v4l2:/dev/video2?size=640x480&fps=15&format=yuyv");
  assertEquals(target, {
    url: "/dev/video2",
    label: "v4l2:/dev/video2?size=640x480&fps=15&format=yuyv",
    demuxer: "video4linux2",
    options: { video_size: "640x480", framerate: "15", input_format: "yuyv422" },
    live: true,
    localPath: null,
  });
  assertEquals(targetOf("v4l2:/dev/video2").options, {});
});
