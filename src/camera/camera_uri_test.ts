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

Deno.test("parseCameraUri() refuses what it cannot use, with a reason", () => {
  const refusals: [string, RegExp][] = [
    ["", /empty/],
    ["a".repeat(4097), /more than 4096/],
    ["clip\n.mp4", /control/],
    ["ftp://host/x", /scheme ftp: is unknown/],
    ["csi:0", /csi: sources are not built in yet/],
    ["gst:videotestsrc", /gst: sources are not built in yet/],
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
