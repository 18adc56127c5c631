import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import { type FramePolicy, parsePolicy } from "../core/frame_policy.ts";
import { POOL_FRAMES_MAX } from "../core/frame_pool.ts";

/** What opens a source and decodes its pictures. */
export type CameraBackend = "ffmpeg" | "gstreamer";

/** All backends. */
export const CAMERA_BACKENDS: readonly CameraBackend[] = ["ffmpeg", "gstreamer"];

/** How a lost live source is opened anew. */
export interface ReconnectOptions {
  /** Wait before the first attempt, in milliseconds; 250 by default. */
  readonly initialDelayMs?: number;
  /** Longest wait between two attempts, in milliseconds; 3,000 by default. */
  readonly maxDelayMs?: number;
  /** Each wait is this many times the one before, at least 1; 2 by default. */
  readonly factor?: number;
  /** Attempts in a row before the source is given up; `Infinity` by default, 0 for none. */
  readonly attemptsMax?: number;
}

/** Settings of {@linkcode openCamera}; unknown keys are refused. */
export interface CameraOptions {
  /**
   * Which frames are handed out: `next`, `latest`, `adaptive` or `every:N`. `next` by default for
   * files, `latest` for live sources.
   */
  readonly policy?: string;
  /**
   * Whether a file plays in real time by its timestamps. By default it does with `latest` and
   * `adaptive`, which make no sense without, and does not with `next` and `every:N`.
   */
  readonly paced?: boolean;
  /** Threads of the decoder, 1 to 16; 1 by default. More threads add latency to live sources. */
  readonly decoderThreads?: number;
  /** Pictures that may be out or waiting at once, 2 to 64; 8 by default. */
  readonly poolFrames?: number;
  /** How a lost live source is opened anew. */
  readonly reconnect?: ReconnectOptions;
  /** Silence after which a live stream is `stale`, in ms; by default five periods, at least 1 s. */
  readonly staleAfterMs?: number;
  /** Equal pictures in a row that make a stream `frozen`; by default 1 s of them, at least 30. */
  readonly frozenAfterFrames?: number;
  /** Longest time to open a source, in milliseconds; 10,000 by default. */
  readonly openTimeoutMs?: number;
  /** Longest wait for data before a source counts as lost, in milliseconds; 10,000 by default. */
  readonly readTimeoutMs?: number;
  /** How RTSP carries the pictures; `tcp` by default. */
  readonly rtspTransport?: "tcp" | "udp";
  /**
   * What opens `rtsp:` and `v4l2:` sources: `ffmpeg` in this process (the default), or `gstreamer`
   * in a child process, which decodes in hardware on a Jetson.
   */
  readonly backend?: CameraBackend;
  /** Where time comes from; the machine's monotonic clock by default. */
  readonly clock?: Clock;
  /** Ends opening with an error, and an open camera with its end. */
  readonly signal?: AbortSignal;
}

/** {@linkcode CameraOptions} after checking; `null` where it depends on the source. */
export interface CameraSettings {
  /** The policy; `null` for the default of the kind of source. */
  readonly policy: FramePolicy | null;
  /** Whether a file plays in real time; `null` for the default of the policy. */
  readonly paced: boolean | null;
  /** Threads of the decoder. */
  readonly decoderThreads: number;
  /** Pictures in the pool. */
  readonly poolFrames: number;
  /** Reconnecting. */
  readonly reconnect: Required<ReconnectOptions>;
  /** Silence that makes a stream stale; `null` to derive it from the period. */
  readonly staleAfterMs: number | null;
  /** Equal pictures that make it frozen; `null` to derive it from the period. */
  readonly frozenAfterFrames: number | null;
  /** Longest time to open. */
  readonly openTimeoutMs: number;
  /** Longest wait for data. */
  readonly readTimeoutMs: number;
  /** How RTSP carries the pictures. */
  readonly rtspTransport: "tcp" | "udp";
  /** What opens sources that several can; `null` for the default of the source. */
  readonly backend: CameraBackend | null;
}

const KEYS: ReadonlySet<string> = new Set(
  [
    "policy",
    "paced",
    "decoderThreads",
    "poolFrames",
    "reconnect",
    "staleAfterMs",
    "frozenAfterFrames",
    "openTimeoutMs",
    "readTimeoutMs",
    "rtspTransport",
    "backend",
    "clock",
    "signal",
  ] satisfies (keyof CameraOptions)[],
);
const RECONNECT_KEYS: ReadonlySet<string> = new Set(
  ["initialDelayMs", "maxDelayMs", "factor", "attemptsMax"] satisfies (keyof ReconnectOptions)[],
);

/** Longest time that can be set, a day. */
const MS_MAX = 86_400_000;

/**
 * Checks options and fills in what does not depend on the source.
 *
 * @throws {FoveaError} `USAGE` for an unknown key, a wrong type or a value out of range.
 */
export function checkCameraOptions(options: CameraOptions): CameraSettings {
  refuseUnknown("option", options, KEYS);
  const reconnect = options.reconnect ?? {};
  refuseUnknown("reconnect option", reconnect, RECONNECT_KEYS);
  const { policy, paced, rtspTransport = "tcp", backend } = options;
  if (policy !== undefined && typeof policy !== "string") throw refuse("policy", policy, "a text");
  if (paced !== undefined && typeof paced !== "boolean") throw refuse("paced", paced, "a boolean");
  if (rtspTransport !== "tcp" && rtspTransport !== "udp") {
    throw refuse("rtspTransport", rtspTransport, "tcp or udp");
  }
  if (backend !== undefined && !CAMERA_BACKENDS.includes(backend)) {
    throw refuse("backend", backend, CAMERA_BACKENDS.join(" or "));
  }
  const initialDelayMs = number(
    "reconnect.initialDelayMs",
    reconnect.initialDelayMs ?? 250,
    0,
    MS_MAX,
  );
  return {
    policy: policy === undefined ? null : parsePolicy(policy),
    paced: paced ?? null,
    decoderThreads: whole("decoderThreads", options.decoderThreads ?? 1, 1, 16),
    poolFrames: whole("poolFrames", options.poolFrames ?? 8, 2, POOL_FRAMES_MAX),
    reconnect: {
      initialDelayMs,
      maxDelayMs: number(
        "reconnect.maxDelayMs",
        reconnect.maxDelayMs ?? Math.max(3000, initialDelayMs),
        initialDelayMs,
        MS_MAX,
      ),
      factor: number("reconnect.factor", reconnect.factor ?? 2, 1, 100),
      attemptsMax: reconnect.attemptsMax === undefined || reconnect.attemptsMax === Infinity
        ? Infinity
        : whole("reconnect.attemptsMax", reconnect.attemptsMax, 0, 1e9),
    },
    staleAfterMs: optional("staleAfterMs", options.staleAfterMs, 1, MS_MAX, number),
    frozenAfterFrames: optional("frozenAfterFrames", options.frozenAfterFrames, 2, 1e6, whole),
    openTimeoutMs: number("openTimeoutMs", options.openTimeoutMs ?? 10_000, 1, MS_MAX),
    readTimeoutMs: number("readTimeoutMs", options.readTimeoutMs ?? 10_000, 1, MS_MAX),
    rtspTransport,
    backend: backend ?? null,
  };
}

function refuseUnknown(what: string, options: object, keys: ReadonlySet<string>): void {
  for (const key of Object.keys(options)) {
    if (!keys.has(key)) {
      throw new FoveaError("USAGE", `Cannot use the camera ${what} ${key}: it is unknown`, {
        hint: `Use ${[...keys].join(", ")}`,
      });
    }
  }
}

function number(name: string, value: number, min: number, max: number): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw refuse(name, value, `a number from ${min} to ${max}`);
}

function whole(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw refuse(name, value, `a whole number from ${min} to ${max}`);
}

function optional(
  name: string,
  value: number | undefined,
  min: number,
  max: number,
  check: (name: string, value: number, min: number, max: number) => number,
): number | null {
  return value === undefined ? null : check(name, value, min, max);
}

function refuse(name: string, value: unknown, wanted: string): FoveaError {
  return new FoveaError("USAGE", `Cannot use ${String(value)} for the camera option ${name}`, {
    hint: `Use ${wanted}`,
  });
}
