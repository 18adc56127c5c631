import { assertEquals } from "@std/assert";
import type { Picture } from "../../src/core/frame.ts";
import type { EngineOptions } from "../../src/engine/engine_options.ts";
import { bundledLibrary } from "../../src/engine/onnxruntime_places.ts";
import type { SharedArena } from "../../src/native/arena.ts";
import type { PicturePerceiver } from "../../src/pipeline/picture_perceiver.ts";
import type { InferReply, LoadReply, LoadRequest } from "../../src/pipeline/protocol.ts";
import { regionBytes } from "../../src/pipeline/region.ts";

/** What a test asks for: by default on the processor, with the library that comes with the package. */
export function makeLoadRequest(
  model: Uint8Array,
  engineOptions: EngineOptions = { libraryPath: bundledLibrary() },
): LoadRequest {
  return {
    model,
    engine: "libonnxruntime",
    engineOptions,
    resolve: {},
    decode: {
      iouThreshold: 0.5,
      agnosticNms: false,
      maxDetections: 50,
      labels: "best",
    },
    classes: null,
    head: null,
  };
}

/** A dark picture with squares that the tiny networks see, two of which touch. */
export function placeSquares(arena: SharedArena): Picture {
  const [width, height] = [256, 200];
  const byteOffset = arena.allocate(3 * width * height);
  const pixels = new Uint8Array(arena.buffer, byteOffset, 3 * width * height).fill(20);
  const squares = [[32, 32, 0], [72, 40, 0], [200, 150, 2], [120, 96, 2]] as const;
  for (const [left, top, channel] of squares) {
    for (let y = top; y < top + 44; y++) {
      for (let x = left; x < left + 44; x++) pixels[3 * (y * width + x) + channel] = 255;
    }
  }
  return {
    format: "rgb24",
    width,
    height,
    colorRange: "full",
    colorMatrix: "bt601",
    planes: [{ byteOffset, strideBytes: 3 * width }],
  };
}

/** Attaches an arena, runs one picture in it, and detaches it. */
export async function inferOnce(
  { perceiver, reply }: { readonly perceiver: PicturePerceiver; readonly reply: LoadReply },
  arena: SharedArena,
  picture: Picture,
  confidence = 0.3,
  monitored = false,
): Promise<InferReply> {
  await perceiver.attach({
    arenaId: 1,
    memory: arena.memory,
    byteOffset: arena.allocate(regionBytes(reply, picture.width)),
    memoryBytes: arena.buffer.byteLength,
    sourceWidthMax: picture.width,
  });
  let reads = 0;
  const memoryBytes = arena.buffer.byteLength;
  const request = {
    arenaId: 1,
    memoryBytes,
    picture,
    confidence,
    monitored,
    seq: 0,
    tap: null,
  };
  const found = await perceiver.infer(request, () => reads++);
  assertEquals(reads, 1);
  perceiver.detach(1);
  return found;
}
