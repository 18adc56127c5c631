/*
 * A model on the GPU with everything around it, beside the model alone, in one run: what converting
 * pictures and decoding outputs add. Needs an ONNX Runtime with CUDA and the model yolov8n.
 */
import type { Picture } from "../../src/core/frame.ts";
import { SharedArena } from "../../src/native/arena.ts";
import { loadPerceiver } from "../../src/pipeline/load_perceiver.ts";
import { findGpuFault, nameWithFault } from "../../tests/support/gpu.ts";
import { makeLoadRequest } from "../../tests/support/perceiver_bench.ts";
import { sharedPath } from "../../tests/support/shared.ts";
import { benchSize } from "../bench_size.ts";

const [WIDTH, HEIGHT] = [1920, 1080];
const GROUP = "yolov8n 640, 1080p NV12, on the GPU";

function placeGrey(arena: SharedArena): Picture {
  const byteOffset = arena.allocate(WIDTH * HEIGHT * 1.5);
  new Uint8Array(arena.buffer, byteOffset, WIDTH * HEIGHT * 1.5).fill(120);
  return {
    format: "nv12",
    width: WIDTH,
    height: HEIGHT,
    colorRange: "limited",
    colorMatrix: "bt709",
    planes: [
      { byteOffset, strideBytes: WIDTH },
      { byteOffset: byteOffset + WIDTH * HEIGHT, strideBytes: WIDTH },
    ],
  };
}

async function registerPath(modelPath: string): Promise<void> {
  const model = await Deno.readFile(modelPath);
  const { perceiver } = await loadPerceiver(makeLoadRequest(model, { providers: ["cuda"] }));
  const arena = new SharedArena();
  const picture = placeGrey(arena);
  const memoryBytes = arena.buffer.byteLength;
  await perceiver.attach({
    arenaId: 1,
    memory: arena.memory,
    memoryBytes,
    byteOffset: 0,
    sourceWidthMax: WIDTH,
  });
  const request = {
    arenaId: 1,
    memoryBytes,
    picture,
    confidence: 0.25,
    monitored: false,
    seq: 0,
    tap: null,
  };
  const options = { group: GROUP, ...(benchSize().small ? { n: 3, warmup: 1 } : {}) };
  Deno.bench({
    ...options,
    name: "model alone",
    baseline: true,
    fn: async () => void await perceiver.measure(1),
  });
  Deno.bench({
    ...options,
    name: "picture to detections",
    fn: async () => void await perceiver.infer(request, () => {}),
  });
}

/** Loads the model; says why it cannot run on the GPU here, or `null`. */
async function tryRegister(): Promise<string | null> {
  const missing = findGpuFault();
  if (missing !== null) return missing;
  const path = sharedPath("models/yolov8n.onnx");
  if (path === null) return "no shared/models/yolov8n.onnx";
  try {
    await registerPath(path);
    return null;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
  }
}

const fault = await tryRegister();
// deno-lint-ignore no-console -- a bench that is ignored says nothing
if (fault !== null) console.log(nameWithFault(GROUP, fault));
