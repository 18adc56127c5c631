import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkGstreamer, type RunProgram } from "./check_gstreamer.ts";

/** A machine whose GStreamer has all elements but some. */
function machineWithout(missing: readonly string[]): RunProgram {
  return (program, args) => {
    if (program === "gst-launch-1.0") {
      return Promise.resolve("gst-launch-1.0 version 1.20.3\nGStreamer 1.20.3\nhttps://…\n");
    }
    return Promise.resolve(missing.includes(args[1]!) ? null : "");
  };
}

Deno.test("checkGstreamer() finds a Jetson's elements", async () => {
  const findings = await checkGstreamer(true, machineWithout([]));
  assertEquals(findings.map(({ check, status }) => `${check} ${status}`), [
    "gstreamer ok",
    "gstreamer jetson ok",
    "gstreamer network ok",
    "gstreamer v4l2 ok",
  ]);
  assertEquals(findings[0]!.found, "1.20.3");
});

Deno.test("checkGstreamer() names each group's missing elements and their package", async () => {
  const missing = ["nvvidconv", "h264parse", "h265parse", "v4l2src"];
  const [, jetson, network, v4l2] = await checkGstreamer(true, machineWithout(missing));
  assertEquals(jetson!.found, "no nvvidconv; for CSI cameras and decoding in hardware");
  assertStringIncludes(jetson!.todo!, "nvidia-l4t-gstreamer");
  assertEquals(network!.found, "no h264parse, h265parse; for IP cameras");
  assertStringIncludes(network!.todo!, "gstreamer1.0-plugins-bad");
  assertEquals([v4l2!.status, v4l2!.needed], ["missing", false]);
  const [, decoders] = await checkGstreamer(false, machineWithout(["avdec_h264"]));
  assertEquals([decoders!.check, decoders!.status], ["gstreamer decoders", "missing"]);
  assertStringIncludes(decoders!.todo!, "gstreamer1.0-libav");
});

Deno.test("checkGstreamer() misses it on a Jetson only, and says how to be allowed to look", async () => {
  const none: RunProgram = () => Promise.resolve(null);
  const [jetson] = await checkGstreamer(true, none);
  assertEquals(jetson!.status, "missing");
  assertStringIncludes(jetson!.todo!, "gstreamer1.0-tools");
  const [pc] = await checkGstreamer(false, none);
  assertEquals([pc!.status, pc!.todo], ["ok", null]);
  const [blind] = await checkGstreamer(true, null);
  assertEquals(blind!.status, "unknown");
  assertStringIncludes(blind!.todo!, "deno task fovea:gstreamer doctor");
});
