import { type MachineFinding, optionalFinding } from "./doctor_finding.ts";

/** Runs a program and gives what it printed; `null` if it failed. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<string | null>;

const LAUNCH = "gst-launch-1.0";
const INSPECT = "gst-inspect-1.0";
const USE = "csi: and gst: cameras and --camera-backend gstreamer need it";

/** Elements that belong together, what they are for, and which package brings them. */
interface ElementGroup {
  readonly check: string;
  readonly elements: readonly string[];
  readonly use: string;
  readonly todo: string;
}

/** What decodes on a Jetson, and what does so elsewhere. */
const JETSON: readonly ElementGroup[] = [
  {
    check: "gstreamer jetson",
    elements: ["nvarguscamerasrc", "nvv4l2decoder", "nvvidconv"],
    use: "CSI cameras and decoding in hardware",
    todo: "Install the package nvidia-l4t-gstreamer",
  },
];
const ELSEWHERE: readonly ElementGroup[] = [
  {
    check: "gstreamer decoders",
    elements: ["avdec_h264", "avdec_h265", "videoconvert", "jpegdec"],
    use: "decoding on the processor",
    todo: "Install the packages gstreamer1.0-libav and gstreamer1.0-plugins-good",
  },
];
const EVERYWHERE: readonly ElementGroup[] = [
  {
    check: "gstreamer network",
    elements: ["rtspsrc", "rtph264depay", "rtph265depay", "h264parse", "h265parse"],
    use: "IP cameras",
    todo: "Install the packages gstreamer1.0-plugins-good and gstreamer1.0-plugins-bad",
  },
  {
    check: "gstreamer v4l2",
    elements: ["v4l2src"],
    use: "USB cameras",
    todo: "Install the package gstreamer1.0-plugins-good",
  },
];

/** Looks at GStreamer: its version, and whether it has the elements that pipelines need. */
export async function checkGstreamer(
  isJetson: boolean,
  run: RunProgram | null,
): Promise<MachineFinding[]> {
  const check = "gstreamer";
  if (run === null) {
    return [
      optionalFinding(
        check,
        "unknown",
        `not tried without permission to run it; ${USE}`,
        'Start with "deno task fovea:gstreamer doctor"',
      ),
    ];
  }
  const version = /GStreamer (\d+\.\d+\.\d+)/.exec(await run(LAUNCH, ["--version"]) ?? "")?.[1];
  if (version === undefined) {
    const found = `there is no ${LAUNCH} that works; ${USE}`;
    const todo = "Install the packages gstreamer1.0-tools and gstreamer1.0-plugins-good";
    return [optionalFinding(check, isJetson ? "missing" : "ok", found, isJetson ? todo : null)];
  }
  const groups = [...(isJetson ? JETSON : ELSEWHERE), ...EVERYWHERE];
  return [
    optionalFinding(check, "ok", version),
    ...await Promise.all(groups.map((group) => checkGroup(group, run))),
  ];
}

async function checkGroup(group: ElementGroup, run: RunProgram): Promise<MachineFinding> {
  const { check, elements, use, todo } = group;
  const there = await Promise.all(
    elements.map(async (element) => await run(INSPECT, ["--exists", element]) !== null),
  );
  const missing = elements.filter((_, index) => !there[index]);
  return missing.length === 0
    ? optionalFinding(check, "ok", `${elements.join(", ")}; for ${use}`)
    : optionalFinding(check, "missing", `no ${missing.join(", ")}; for ${use}`, todo);
}

/** How programs are run here; `null` where running GStreamer is not allowed. */
export async function gstreamerRunner(): Promise<RunProgram | null> {
  for (const command of [LAUNCH, INSPECT]) {
    const { state } = await Deno.permissions.query({ name: "run", command });
    if (state !== "granted") return null;
  }
  return runProgram;
}

async function runProgram(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      env: { LC_ALL: "C.UTF-8" },
      clearEnv: true,
    }).output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return null;
    }
    throw error;
  }
}
