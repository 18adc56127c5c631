import { probeOnnxRuntime } from "../engine/probe_onnxruntime.ts";
import {
  type MachineFinding,
  neededFinding,
  optionalFinding,
  reasonOf,
  todoFor,
} from "./doctor_finding.ts";

type NodeAv = typeof import("node-av");

/** H.264 encoders by preference, software first. */
const H264_ENCODERS = ["libx264", "h264_v4l2m2m", "h264_nvenc", "h264_vaapi", "h264_qsv"] as const;

const REINSTALL = "Run from the folder of fovea's deno.json, and delete node_modules to reinstall";

/** Looks whether the inference library loads, and which providers it knows. */
export async function checkOnnxRuntime(mayLoad: boolean): Promise<MachineFinding> {
  if (!mayLoad) return notTried("onnxruntime-node", "--allow-ffi");
  try {
    const { version, providers } = await probeOnnxRuntime();
    const names = providers.map(({ name, bundled }) => bundled ? name : `${name} (not bundled)`);
    return neededFinding("onnxruntime-node", "ok", `${version}; providers ${names.join(", ")}`);
  } catch (error) {
    return neededFinding("onnxruntime-node", "missing", reasonOf(error), todoFor(error, REINSTALL));
  }
}

/** Looks whether the video library loads, and how it encodes H.264. */
export async function checkVideoLibrary(mayLoad: boolean): Promise<MachineFinding> {
  if (!mayLoad) return notTried("node-av", "--allow-ffi and --allow-env");
  try {
    const av = await import("node-av");
    const encoders = H264_ENCODERS.filter((name) => hasEncoder(av, name));
    const found = `FFmpeg ${av.getFFmpegInfo().version}; H.264 encoders ${
      encoders.join(", ") || "none"
    }`;
    return encoders.length > 0
      ? neededFinding("node-av", "ok", found)
      : neededFinding("node-av", "warn", found, "Save MJPEG or PNG instead of MP4");
  } catch (error) {
    return neededFinding("node-av", "missing", reasonOf(error), todoFor(error, REINSTALL));
  }
}

/** Lists the cameras that the system offers. */
export async function listCameras(mayLoad: boolean): Promise<MachineFinding> {
  if (!mayLoad) {
    return {
      ...notTried("cameras", "--allow-ffi and --allow-env"),
      status: "unknown",
      needed: false,
    };
  }
  try {
    const { DeviceAPI } = await import("node-av");
    const cameras = (await DeviceAPI.list()).filter(({ type }) => type === "video");
    const names = cameras.map(({ name, description }) => `${name} (${description})`);
    return names.length > 0
      ? optionalFinding("cameras", "ok", names.join(", "))
      : optionalFinding("cameras", "ok", "none plugged in; files and network streams need none");
  } catch (error) {
    return optionalFinding("cameras", "unknown", reasonOf(error), todoFor(error, null));
  }
}

function hasEncoder(av: NodeAv, name: (typeof H264_ENCODERS)[number]): boolean {
  // The package types names as branded strings; any plain name is looked up.
  type Name = Parameters<NodeAv["Codec"]["findEncoderByName"]>[0];
  return av.Codec.findEncoderByName(name as Name) !== null;
}

function notTried(check: string, flags: string): MachineFinding {
  return neededFinding(check, "missing", `not tried without ${flags}`, `Add ${flags}`);
}
