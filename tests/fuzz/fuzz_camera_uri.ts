import { buildAvTarget } from "../../src/camera/av_target.ts";
import {
  type CameraOptions,
  type CameraSettings,
  checkCameraOptions,
} from "../../src/camera/camera_options.ts";
import { type CameraUri, parseCameraUri } from "../../src/camera/camera_uri.ts";
import { buildPipeline, type GstreamerUri } from "../../src/camera/gst_pipeline.ts";
import { FoveaError } from "../../src/core/errors.ts";
import { type Fuzzer, type Random, showShortly } from "./fuzzer.ts";

/** Stands in every password, so that it is found wherever it must not be. */
const SECRET = "S3cReT";
/** What pipelines for cameras are made of. */
const KNOWN_ELEMENTS = new Set([
  "nvarguscamerasrc",
  "video/x-raw",
  "video/x-h264",
  "image/jpeg",
  "nvvidconv",
  "nvv4l2decoder",
  "rtspsrc",
  "rtph264depay",
  "h264parse",
  "avdec_h264",
  "videoconvert",
  "capsfilter",
  "queue",
  "v4l2src",
  "jpegdec",
]);
/** Longest time one URI may take. */
const BUDGET_MS = 200;

/** What takes a URI apart; another one can be tried. */
type Parse = (uri: string) => CameraUri;

/** Takes random camera URIs and options apart: typed errors or sound answers, no passwords. */
export const fuzzer: Fuzzer = makeFuzzer(parseCameraUri);

/** The same with a fault: a label shows the address as it was given. */
export const planted: Fuzzer = makeFuzzer((uri) => ({ ...parseCameraUri(uri), label: uri }));

function makeFuzzer(parse: Parse): Fuzzer {
  return {
    name: "camera-uri",
    run(random: Random, runs: number): void {
      for (let run = 0; run < runs; run++) {
        const uri = randomUri(random);
        const startedMs = performance.now();
        checkUri(parse, uri);
        const tookMs = performance.now() - startedMs;
        if (tookMs > BUDGET_MS) throw new Error(`${showShortly(uri)} took ${tookMs} ms`);
        checkOptions(random);
      }
    },
  };
}

function checkUri(parse: Parse, uri: string): void {
  let parsed: CameraUri;
  try {
    parsed = parse(uri);
  } catch (error) {
    if (!(error instanceof FoveaError) || error.code !== "CAMERA_URI") throw error;
    refuseSecret(uri, `${error.message} ${error.hint}`);
    return;
  }
  if (parsed.scheme !== "file") refuseSecret(uri, parsed.label);
  if (parsed.scheme === "images") {
    if (parsed.folder === "") throw new Error(`${showShortly(uri)}: no folder`);
    return;
  }
  if (parsed.scheme === "synthetic") return;
  if (parsed.scheme === "csi" || parsed.scheme === "gst") {
    checkPipeline(uri, parsed);
    return;
  }
  if ("url" in parsed) checkPipeline(uri, { ...parsed, scheme: "rtsp" });
  else if (parsed.scheme === "v4l2") checkPipeline(uri, parsed);
  const target = buildAvTarget(parsed, checkCameraOptions({}), true);
  for (const value of Object.values(target.options)) {
    if (typeof value !== "string") throw new Error(`${showShortly(uri)}: option ${value}`);
  }
  if (target.url === "" || target.url.includes("\0")) {
    throw new Error(`${showShortly(uri)}: ${target.url}`);
  }
  if (parsed.scheme === "file" && !target.url.startsWith("file:")) {
    throw new Error(`${showShortly(uri)} is read as ${target.url}`);
  }
  if (parsed.scheme === "v4l2" && !target.url.startsWith("/")) {
    throw new Error(`${showShortly(uri)} opens ${target.url}`);
  }
}

/** Nothing of an address may become an element of a pipeline. */
function checkPipeline(uri: string, parsed: GstreamerUri): void {
  const facts = {
    isJetson: uri.length % 2 === 0,
    rtspTransport: "tcp",
    rtpEncoding: "H264",
  } as const;
  let words: readonly string[];
  try {
    words = buildPipeline(parsed, facts);
  } catch (error) {
    if (error instanceof FoveaError && error.code === "CAMERA_URI") return;
    throw error;
  }
  if (parsed.scheme === "gst") return;
  const elements = words.filter((_, i) => i === 0 || words[i - 1] === "!")
    .map((word) => word.replace(/[,(].*/s, ""));
  const strange = elements.filter((element) => !KNOWN_ELEMENTS.has(element));
  const open = words.filter((word) => (word.match(/"/g) ?? []).length % 2 === 1);
  if (strange.length > 0 || open.length > 0) {
    throw new Error(`${showShortly(uri)} becomes ${words.join(" ")}`);
  }
}

function refuseSecret(uri: string, shown: string): void {
  if (uri.includes(`:${SECRET}@`) && shown.includes(SECRET)) {
    throw new Error(`${showShortly(uri)} shows its password: ${shown}`);
  }
}

/** What may follow a host, good and bad. */
const PATHS: readonly string[] = [
  "/dev/video0",
  "/a b.mp4",
  '/a" ! filesink location="b',
  "/a\\ ! x",
  "/%41%zz",
  "/..",
  "",
];

/** Keys of queries, good and bad. */
const KEYS: readonly string[] = [
  "size",
  "fps",
  "format",
  "token",
  "weather",
  "class",
  "seed",
  "flip",
  "x",
];

/** What a URI begins with, good and bad. */
const SCHEMES: readonly string[] = [
  "rtsp://",
  "rtsps://",
  "http://",
  "https://",
  "file:",
  "file://",
  "v4l2:",
  "images:",
  "synthetic:street",
  "synthetic:",
  "csi:",
  "csi:0",
  "gst:",
  'gst:a b="',
  "RTSP://",
  "rtsp:",
  "x-y.z+1:",
  "C:",
  "",
  "",
];

function randomUri(random: Random): string {
  const scheme = random.pick(SCHEMES);
  const login = random.pick([
    "",
    "",
    `user:${SECRET}@`,
    `${random.text(5)}:${SECRET}@`,
    "user@",
    "@",
    ":",
  ]);
  const host = random.pick([
    "cam",
    "10.0.0.1",
    "[::1]",
    "cam:554",
    "cam:99999",
    "",
    random.text(8),
  ]);
  const path = random.pick([...PATHS, random.text(12)]);
  const key = random.pick([...KEYS, random.text(4)]);
  const value = random.pick([
    "640x480",
    "30",
    "0",
    "1e9",
    "NaN",
    "mjpeg",
    "fog:3@12",
    "tractor@5",
    "-1",
    "",
    random.text(6),
  ]);
  const query = random.pick([
    "",
    "",
    "?",
    `?${key}=${value}`,
    `?${key}=${value}&fps=25`,
    `#${value}`,
  ]);
  const uri = `${scheme}${login}${host}${path}${query}`;
  return random.chance(200) ? uri.repeat(300) : uri;
}

/** Random settings are used as they are or refused with `USAGE`. */
function checkOptions(random: Random): void {
  const names = [
    "policy",
    "paced",
    "decoderThreads",
    "poolFrames",
    "staleAfterMs",
    "frozenAfterFrames",
    "openTimeoutMs",
    "readTimeoutMs",
    "rtspTransport",
    "backend",
    "reconnect",
    random.text(6),
  ];
  const options: Record<string, unknown> = {};
  for (let i = random.int(0, 3); i > 0; i--) options[random.pick(names)] = randomValue(random);
  let settings: CameraSettings;
  try {
    settings = checkCameraOptions(options as CameraOptions);
  } catch (error) {
    if (error instanceof FoveaError && error.code === "USAGE") return;
    throw new Error(`options ${showShortly(JSON.stringify(options))}`, { cause: error });
  }
  const { poolFrames, decoderThreads, reconnect } = settings;
  const isSound = poolFrames >= 2 && poolFrames <= 64 && decoderThreads >= 1 &&
    reconnect.maxDelayMs >= reconnect.initialDelayMs && reconnect.factor >= 1;
  if (!isSound) throw new Error(`options ${showShortly(JSON.stringify(options))} give nonsense`);
}

function randomValue(random: Random): unknown {
  return random.pick<unknown>([
    random.float(),
    random.int(-2, 100),
    random.text(6),
    random.pick(["next", "latest", "every:3", "every:0", "tcp", "udp", "gstreamer"]),
    true,
    null,
    {},
    [],
    { factor: random.float() },
    { initialDelayMs: random.int(-5, 9000), maxDelayMs: random.int(-5, 9000) },
    { attemptsMax: random.float() },
  ]);
}
