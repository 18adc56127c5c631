import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { type CameraOptions, checkCameraOptions } from "./camera_options.ts";

Deno.test("checkCameraOptions() fills in the defaults", () => {
  assertEquals(checkCameraOptions({}), {
    policy: null,
    paced: null,
    decoderThreads: 1,
    poolFrames: 8,
    reconnect: { initialDelayMs: 250, maxDelayMs: 3000, factor: 2, attemptsMax: Infinity },
    staleAfterMs: null,
    frozenAfterFrames: null,
    openTimeoutMs: 10_000,
    readTimeoutMs: 10_000,
    rtspTransport: "tcp",
    backend: null,
  });
  assertEquals(
    checkCameraOptions({ reconnect: { initialDelayMs: 9000 } }).reconnect.maxDelayMs,
    9000,
  );
});

Deno.test("checkCameraOptions() refuses unknown keys and values out of range", () => {
  const refused: Record<string, unknown>[] = [
    { polcy: "next" },
    { policy: "newest" },
    { policy: 3 },
    { paced: "yes" },
    { decoderThreads: 0 },
    { decoderThreads: 1.5 },
    { poolFrames: 1 },
    { poolFrames: 65 },
    { staleAfterMs: 0 },
    { staleAfterMs: NaN },
    { frozenAfterFrames: 1 },
    { openTimeoutMs: -1 },
    { readTimeoutMs: Infinity },
    { rtspTransport: "sctp" },
    { reconnect: { delay: 1 } },
    { reconnect: { factor: 0.5 } },
    { reconnect: { initialDelayMs: 500, maxDelayMs: 100 } },
    { reconnect: { attemptsMax: -1 } },
  ];
  for (const options of refused) {
    const error = assertThrows(() => checkCameraOptions(options as CameraOptions), FoveaError);
    assertEquals([error.code, error.hint !== null], ["USAGE", true], JSON.stringify(options));
  }
});
