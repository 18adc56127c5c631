import { assertEquals, assertStringIncludes } from "@std/assert";
import { GstMessages } from "./gst_messages.ts";

const CAPS = "video/x-raw, format=(string)NV12, width=(int)640, height=(int)480";

function messagesOf(text: string): GstMessages {
  const messages = new GstMessages();
  for (const line of text.split("\n")) messages.take(line);
  return messages;
}

Deno.test("GstMessages finds what the sink agreed on between everything else", () => {
  const messages = messagesOf(`Setting pipeline to PAUSED ...
Opening in BLOCKING MODE
Pipeline is live and does not need PREROLL ...
/GstPipeline:pipeline0/GstCapsFilter:capsfilter0.GstPad:src: caps = video/x-raw, width=(int)1
GST_ARGUS: Creating output stream/GstPipeline:pipeline0/GstFdSink:fovea.GstPad:sink: caps = ${CAPS}
/GstPipeline:pipeline0/GstFdSink:other.GstPad:sink: caps = video/x-raw, width=(int)2
/GstPipeline:pipeline0/GstFdSink:fovea.GstPad:sink: caps = ${CAPS}`);
  assertEquals([messages.caps, messages.isLive, messages.capsChanged], [CAPS, true, false]);
  assertEquals([messages.explain(), messages.rtpEncoding], [null, null]);
  messages.take("/GstPipeline:p/GstFdSink:fovea.GstPad:sink: caps = video/x-raw, width=(int)9");
  assertEquals([messages.caps, messages.capsChanged], [CAPS, true]);
});

Deno.test("GstMessages takes what the filter says where the sink's line is lost", () => {
  const filter = "/GstPipeline:pipeline0/GstCapsFilter:fovea-caps.GstPad";
  const messages = messagesOf(`${filter}:src: caps = ${CAPS}`);
  assertEquals([messages.caps, messages.capsChanged], [CAPS, false]);
  messages.take(`/GstPipeline:pipeline0/GstFdSink:fovea.GstPad:sink: caps = ${CAPS}`);
  assertEquals(messages.capsChanged, false);
  // The same size and format at another rate.
  messages.take(`${filter}:sink: caps = ${CAPS}, framerate=(fraction)15/1`);
  assertEquals([messages.caps, messages.capsChanged], [CAPS, false]);
  messages.take(`${filter}:sink: caps = ${CAPS.replace("640", "320")}`);
  assertEquals(messages.capsChanged, true);
});

Deno.test("GstMessages tells a pipeline that waits for its reader from a live one", () => {
  assertEquals(messagesOf("Setting pipeline to PAUSED ...").isLive, null);
  assertEquals(messagesOf("Pipeline is PREROLLING ...\nPipeline is PREROLLED ...").isLive, false);
  assertEquals(
    messagesOf("Pipeline is live and does not need PREROLL ...\nPipeline is PREROLLED ...").isLive,
    true,
  );
});

Deno.test("GstMessages reads how RTP video is coded, and not how sound is", () => {
  const pad = "/GstPipeline:pipeline0/GstRTSPSrc:src.GstPad:recv: caps = application/x-rtp";
  assertEquals(
    messagesOf(`${pad}, media=(string)audio, encoding-name=(string)PCMU
${pad}, media=(string)video, payload=(int)96, encoding-name=(string)H265`).rtpEncoding,
    "H265",
  );
});

const FAULTS: readonly { says: string; reason: string; hint: string | null }[] = [
  {
    says: 'WARNING: erroneous pipeline: no element "nvarguscamerasrc"',
    reason: 'no element "nvarguscamerasrc"',
    hint: "nvidia-l4t-gstreamer",
  },
  {
    says: 'WARNING: erroneous pipeline: no element "avdec_h264"',
    reason: 'no element "avdec_h264"',
    hint: "gstreamer1.0-libav",
  },
  {
    says: 'WARNING: erroneous pipeline: no element "whatever"',
    reason: 'no element "whatever"',
    hint: "Install the GStreamer plugin that has whatever",
  },
  {
    says: `ERROR: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0: Cannot identify device.
Additional debug info:
../sys/v4l2/v4l2_calls.c(608): gst_v4l2_open (): /GstPipeline:pipeline0/GstV4l2Src:v4l2src0:
system error: No such file or directory
ERROR: pipeline doesn't want to preroll.
Failed to set pipeline to PAUSED.`,
    reason: "Cannot identify device (system error: No such file or directory)",
    hint: "Check the path and that it is plugged in",
  },
  {
    says: `ERROR: from element /GstPipeline:p/GstRTSPSrc:s: Could not open resource.
Additional debug info:
../gst/rtsp/gstrtspsrc.c(1): gst_rtspsrc_retrieve_sdp (): /GstPipeline:p/GstRTSPSrc:s:
Failed to connect to rtsp://me:pa:ss@cam/1. (Generic error)`,
    reason: "Could not open resource (Failed to connect to rtsp://me:***@cam/1. (Generic error))",
    hint: "Check address, port and network",
  },
  {
    says: `ERROR: from element /GstPipeline:p/GstV4l2Src:v: Internal data stream error.
Additional debug info:
../libs/gst/base/gstbasesrc.c(3132): gst_base_src_loop (): /GstPipeline:p/GstV4l2Src:v:
streaming stopped, reason not-negotiated (-4)`,
    reason: "Internal data stream error (streaming stopped, reason not-negotiated (-4))",
    hint: "Ask for a format, size and rate that the camera has",
  },
  {
    says: `ERROR: from element /GstPipeline:p/GstV4l2Src:v: Device '/dev/video0' is busy
Additional debug info:
Setting pipeline to NULL ...`,
    reason: "Device '/dev/video0' is busy",
    hint: "Close the other program that uses the camera",
  },
  {
    says: `Error generated. /dvs/git/dirty/gstnvarguscamerasrc.cpp, execute:751 No cameras available
Got EOS from element "pipeline0".`,
    reason:
      "Error generated. /dvs/git/dirty/gstnvarguscamerasrc.cpp, execute:751 No cameras available",
    hint: "Check the ribbon cable",
  },
  {
    says: "(Argus) Error Timeout:  (propagating from src/rpc/socket/client/SocketClient.cpp)",
    reason: "(Argus) Error Timeout:  (propagating from src/rpc/socket/client/SocketClient.cpp)",
    hint: "systemctl restart nvargus-daemon",
  },
  {
    says: "WARNING: erroneous pipeline: could not link a to b, a can't handle caps " +
      "video/x-raw(memory:NVMM)",
    reason: "could not link a to b, a can't handle caps video/x-raw(memory:NVMM)",
    hint: "nvvidconv",
  },
  { says: "ERROR: something new.", reason: "something new", hint: null },
];

Deno.test("GstMessages explains faults in the words of GStreamer, and says what to do", () => {
  for (const { says, reason, hint } of FAULTS) {
    const fault = messagesOf(says).explain();
    assertEquals(fault?.reason, reason);
    if (hint === null) assertEquals(fault!.hint, null);
    else assertStringIncludes(fault!.hint!, hint);
  }
});

Deno.test("GstMessages keeps little of a program that never stops complaining", () => {
  const messages = new GstMessages();
  for (let i = 0; i < 100_000; i++) messages.take(`ERROR: number ${i} ${"x".repeat(20)}`);
  assertEquals(messages.explain()!.reason.startsWith("number 0 "), true);
  assertEquals(messages.explain()!.reason.length < 1000, true);
});
