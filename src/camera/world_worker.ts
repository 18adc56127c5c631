/// <reference lib="deno.worker" />
import { FoveaError } from "../core/errors.ts";
import { systemClock } from "../native/system_clock.ts";
import { StreetWorld } from "../world/mod.ts";
import type { FromWorldWorker, ToWorldWorker } from "./world_protocol.ts";

declare const self: DedicatedWorkerGlobalScope;

let world: StreetWorld | null = null;
let pixels: Uint32Array = new Uint32Array(0);

self.onmessage = (event: MessageEvent<ToWorldWorker>) => {
  try {
    self.postMessage(answer(event.data));
  } catch (cause) {
    const error = FoveaError.from(cause, "CAMERA_LOST", "Cannot draw the world").toJSON();
    self.postMessage({ kind: "failed", error } satisfies FromWorldWorker);
  }
};

function answer(message: ToWorldWorker): FromWorldWorker {
  if (message.kind === "open") {
    world = new StreetWorld(message.settings);
    pixels = new Uint32Array(message.pixels);
    // The scenery is drawn with the first frame and takes a hundred times as long as the others: a
    // world that plays in real time would begin late.
    world.renderRgba(0, pixels);
    return { kind: "open" };
  }
  if (world === null) throw new TypeError("Cannot draw a frame: no world is open");
  const startMs = systemClock.nowMs();
  const truth = world.renderRgba(message.seq, pixels);
  return { kind: "drawn", truth, drawMs: systemClock.nowMs() - startMs };
}
