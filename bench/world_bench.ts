/*
 * Frames of synthetic:street at 640×384, drawn and copied into an arena as the camera does it, on
 * one core; and the whole camera, with its worker. Target: 100 frames a second in every weather
 * (`min` at most 10 ms). What a frame costs depends on who is in it, so the frames of several
 * streets are drawn in turn.
 */
import { openCamera } from "@fovea/fovea";
import { StreetWorld, type WeatherChange, type WeatherKind } from "@fovea/fovea/world";
import { SharedArena } from "../src/native/arena.ts";
import { benchSize } from "./bench_size.ts";

const { small } = benchSize();
const SIZE = small ? { width: 160, height: 96 } : { width: 640, height: 384 };
const SEEDS = small ? [4] : [1, 4, 5, 9];
const arena = new SharedArena();
const place = arena.allocate(4 * SIZE.width * SIZE.height);

/** Weathers of the bench: `kind:severity`, several joined by `+`. */
const WEATHERS = [
  "clear",
  "night:2",
  "fog:2",
  "rain:2",
  "blur:2",
  "noise:2",
  "dirt:2",
  "moved:2",
  "night:2+rain:2",
];

function weatherOf(name: string): WeatherChange[] {
  if (name === "clear") return [];
  return name.split("+").map((part) => {
    const [kind, severity] = part.split(":");
    return {
      kind: kind as WeatherKind,
      severity: Number(severity) as WeatherChange["severity"],
      fromFrame: 0,
    };
  });
}

for (const name of WEATHERS) {
  const pixels = new Uint32Array(SIZE.width * SIZE.height);
  const bytes = new Uint8Array(pixels.buffer);
  const worlds = SEEDS.map((seed) => new StreetWorld({ ...SIZE, seed, weather: weatherOf(name) }));
  for (const world of worlds) {
    // Draws the scenery, which is not part of a frame's cost, and proves that a frame is itself.
    const { objects } = world.renderRgba(0, pixels);
    const again = world.at(0).objects;
    if (JSON.stringify(objects) !== JSON.stringify(again)) throw new Error(`${name}: not itself`);
  }
  let seq = 0;
  Deno.bench({
    name,
    group: `one frame of ${SIZE.width}×${SIZE.height}`,
    baseline: name === "clear",
    ...(small ? { n: 3, warmup: 1 } : {}),
    fn: () => {
      worlds[seq % worlds.length]!.renderRgba(seq, pixels);
      new Uint8Array(arena.buffer).set(bytes, place);
      seq++;
    },
  });
}

const frames = small ? 8 : 200;
Deno.bench({
  name: `${frames} frames through openCamera()`,
  group: "the whole camera",
  n: small ? 1 : 5,
  warmup: 0,
  fn: async (b) => {
    const { width, height } = SIZE;
    const uri = `synthetic:street?seed=4&size=${width}x${height}&frames=${frames + 1}`;
    await using camera = await openCamera(uri);
    // The first frame brings the scenery with it.
    const first = await camera.next();
    if (first.kind === "frame") first.frame[Symbol.dispose]();
    b.start();
    for (;;) {
      const event = await camera.next();
      if (event.kind === "end") break;
      if (event.kind === "frame") event.frame[Symbol.dispose]();
    }
    b.end();
  },
});
