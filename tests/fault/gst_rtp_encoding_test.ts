// How an IP camera codes its pictures is found out from what a pipeline says, played by a fake.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkCameraOptions } from "../../src/camera/camera_options.ts";
import { parseCameraUri } from "../../src/camera/camera_uri.ts";
import { openWithGstreamer } from "../../src/camera/gst_open.ts";
import { FoveaError } from "../../src/core/errors.ts";
import { systemClock } from "../../src/native/system_clock.ts";
import { makeFakeGstLaunch } from "../support/fake_gst_launch.ts";

const SETTINGS = checkCameraOptions({});
/** Bytes of a 4×2 picture in GRAY8. */
const BYTES = 8;

Deno.test("an RTP stream coded otherwise is opened as it is coded, and stays so", async () => {
  const pad = "/GstPipeline:p/GstRTSPSrc:s.GstPad:recv: caps = application/x-rtp";
  await using fake = await makeFakeGstLaunch(`
    echo x >>"$0.starts"
    case "$*" in *rtph264depay*)
      echo "${pad}, media=(string)video, encoding-name=(string)H265"; exec sleep 1000;;
    esac
    say GRAY8 4 2; picture ${BYTES} 101`);
  const uri = parseCameraUri("rtsp://127.0.0.1/1");
  assert(uri.scheme === "rtsp" && "url" in uri);
  const open = openWithGstreamer(
    { scheme: "rtsp", label: uri.label, url: uri.url },
    SETTINGS,
    systemClock,
    fake.program,
  );
  const { signal } = new AbortController();
  for (const starts of [2, 3]) {
    await using source = await open(signal);
    assertEquals(source.facts, {
      kind: "live",
      width: 4,
      height: 2,
      fps: 25,
      frameCount: null,
      canStall: true,
    });
    const log = await Deno.readTextFile(`${fake.program}.starts`);
    assertEquals(log.trim().split("\n").length, starts);
  }
});

Deno.test("an RTP stream that no pipeline is for is told by its name", async () => {
  const pad = "/GstPipeline:p/GstRTSPSrc:s.GstPad:recv: caps = application/x-rtp";
  await using fake = await makeFakeGstLaunch(
    `echo "${pad}, media=(string)video, encoding-name=(string)JPEG"; exec sleep 1000`,
  );
  const uri = parseCameraUri("rtsp://127.0.0.1/1");
  assert("url" in uri);
  const open = openWithGstreamer({ ...uri, scheme: "rtsp" }, SETTINGS, systemClock, fake.program);
  const error = await assertRejects(
    () => open(new AbortController().signal),
    FoveaError,
    "it sends JPEG",
  );
  assertEquals(error.code, "CAMERA_OPEN");
});
