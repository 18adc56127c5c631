import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "../core/errors.ts";
import { parseCameraUri } from "./camera_uri.ts";

Deno.test("parseCameraUri() takes paths as they are", () => {
  for (
    const path of [
      "clip.mp4",
      "/data/a b.mp4",
      "./x:y.mp4",
      "../what?.mkv",
      "C:\\clip.mp4",
      "50%.mp4",
    ]
  ) {
    assertEquals(parseCameraUri(path), { scheme: "file", label: path, path });
  }
});

Deno.test("parseCameraUri() decodes file: URIs and URL objects", () => {
  const path = "/data/a b#1.mp4";
  for (
    const uri of [
      "file:///data/a%20b%231.mp4",
      "file:/data/a%20b%231.mp4",
      "FILE://localhost/data/a%20b%231.mp4",
      new URL("file:///data/a%20b%231.mp4"),
    ]
  ) {
    assertEquals(parseCameraUri(uri), { scheme: "file", label: path, path });
  }
});

Deno.test("parseCameraUri() keeps network addresses whole and hides passwords in labels", () => {
  const rtsp = parseCameraUri("rtsp://admin:p%40ss:w@cam.local:8554/h264?channel=1&token=abc");
  assert(rtsp.scheme === "rtsp");
  assertEquals(rtsp.url.password, "p%40ss%3Aw");
  assertEquals(rtsp.label, "rtsp://admin:***@cam.local:8554/h264?channel=1&token=***");
  const http = parseCameraUri(new URL("https://cam.local/live.m3u8?authKey=x"));
  assertEquals([http.scheme, http.label], ["http", "https://cam.local/live.m3u8?authKey=***"]);
  assertEquals(parseCameraUri("rtsps://cam.local/1").scheme, "rtsp");
  assertEquals(parseCameraUri("rtsp://cam:8554/a@b").label, "rtsp://cam:8554/a@b");
});

Deno.test("parseCameraUri() reads the settings of a V4L2 device", () => {
  assertEquals(parseCameraUri("v4l2:/dev/video0?size=1280x720&fps=29.97&format=mjpeg"), {
    scheme: "v4l2",
    label: "v4l2:/dev/video0?size=1280x720&fps=29.97&format=mjpeg",
    device: "/dev/video0",
    size: { width: 1280, height: 720 },
    fps: 29.97,
    format: "mjpeg",
  });
  const plain = parseCameraUri("v4l2:///dev/video1");
  assert(plain.scheme === "v4l2");
  assertEquals([plain.device, plain.size, plain.fps, plain.format], [
    "/dev/video1",
    null,
    null,
    null,
  ]);
});

Deno.test("parseCameraUri() reads folders of images", () => {
  assertEquals(parseCameraUri("images:photos/2026?fps=2"), {
    scheme: "images",
    label: "images:photos/2026?fps=2",
    folder: "photos/2026",
    fps: 2,
  });
  assertEquals(parseCameraUri("images:.").label, "images:.");
});

Deno.test("parseCameraUri() reads the settings of a CSI camera", () => {
  assertEquals(parseCameraUri("csi:1?size=1920x1080&fps=30&mode=2&flip=2"), {
    scheme: "csi",
    label: "csi:1?size=1920x1080&fps=30&mode=2&flip=2",
    sensor: 1,
    size: { width: 1920, height: 1080 },
    fps: 30,
    mode: 2,
    flip: 2,
  });
  assertEquals(parseCameraUri("csi://0"), {
    scheme: "csi",
    label: "csi://0",
    sensor: 0,
    size: null,
    fps: null,
    mode: null,
    flip: null,
  });
});

Deno.test("parseCameraUri() cuts a pipeline into words and hides passwords in its label", () => {
  assertEquals(parseCameraUri("gst:v4l2src  device=/dev/video0 ! videoconvert"), {
    scheme: "gst",
    label: "gst:v4l2src  device=/dev/video0 ! videoconvert",
    words: ["v4l2src", "device=/dev/video0", "!", "videoconvert"],
  });
  const secret = parseCameraUri(
    'gst:rtspsrc location="rtsp://me:a b@c@cam/1?x=1" user-pw=hush ! decodebin',
  );
  assertEquals(
    secret.label,
    'gst:rtspsrc location="rtsp://me:***@cam/1?x=1" user-pw=*** ! decodebin',
  );
});

Deno.test("parseCameraUri() refuses what it cannot use, with a reason", () => {
  const refusals: [string, RegExp][] = [
    ["", /empty/],
    ["a".repeat(4097), /more than 4096/],
    ["clip\n.mp4", /control/],
    ["ftp://host/x", /scheme ftp: is unknown/],
    ["csi:", /nothing is no number/],
    ["csi:front", /front is no number/],
    ["csi:16", /16 is no number/],
    ["csi:0?flip=8", /flip=8 is not a whole number from 0 to 7/],
    ["csi:0?mode=-1", /mode=-1/],
    ["csi:0?format=nv12", /key format is unknown/],
    ["csi:0?size=big", /size big/],
    ["gst:", /names no pipeline/],
    ["gst:   ", /names no pipeline/],
    ["gst:videotestsrc !", /begins or ends in !/],
    ["gst:! videotestsrc", /begins or ends in !/],
    ['gst:filesrc location="a.mp4 ! decodebin', /quote in the pipeline is not closed/],
    ["file:///a?b", /no query/],
    ["file://server/share/a.mp4", /server is another machine/],
    ["file:", /names no file/],
    ["file:///a%zz", /two hexadecimal/],
    ["rtsp:cam.local/1", /\/\/ is missing/],
    ["rtsp://:554/1", /host or port/],
    ["http://host:99999/", /host or port/],
    ["rtsp://me:a#b@cam/1", /fragment|host or port/],
    ["v4l2:video0", /whole path/],
    ["v4l2:/dev/video0?sise=1x1", /key sise is unknown/],
    ["v4l2:/dev/video0?size=0x10", /size 0x10/],
    ["v4l2:/dev/video0?size=20000x10", /size 20000x10/],
    ["v4l2:/dev/video0?fps=0", /fps=0/],
    ["v4l2:/dev/video0?fps=fast", /fps=fast/],
    ["v4l2:/dev/video0?fps=1&fps=2", /given twice/],
    ["v4l2:/dev/video0?format=vp9", /format vp9 is unknown/],
    ["images:", /no folder/],
    ["images:x?rate=3", /key rate is unknown/],
  ];
  for (const [uri, reason] of refusals) {
    const error = assertThrows(() => parseCameraUri(uri), FoveaError);
    assertEquals(error.code, "CAMERA_URI");
    assert(reason.test(error.message), `${uri}: ${error.message}`);
  }
});

Deno.test("no message and no label ever shows a password", () => {
  const secret = fc.string({ unit: fc.constantFrom(..."aB3:@/%#?&=. "), maxLength: 12 })
    .map((text) => `Zq9${text}Zq9`);
  const scheme = fc.constantFrom("rtsp", "http", "ftp", "rtsps", "nonsense");
  fc.assert(
    fc.property(scheme, secret, fc.constantFrom("cam", "cam:99999", ""), (name, password, host) => {
      const uri = `${name}://user:${password}@${host}/1`;
      let shown: string;
      try {
        shown = parseCameraUri(uri).label;
      } catch (error) {
        shown = `${(error as FoveaError).message} ${(error as FoveaError).hint}`;
      }
      assert(!shown.includes("Zq9"), shown);
    }),
    { seed: 1 },
  );
});
