import { fileURLToPath } from "node:url";
import { SHIPPED_DETECTOR } from "@fovea/fovea";
import { sharedPath } from "../tests/support/shared.ts";
import type { BenchSize } from "./bench_size.ts";
import { makeClip } from "./clips.ts";

/** A clip and a detector that fit together. */
export interface BenchInput {
  /** What it is, for tables and baselines. */
  readonly name: string;
  /** Path of the clip. */
  readonly clip: string;
  /** Path of the model. */
  readonly model: string;
}

/**
 * The inputs of all benches. `real` says whether they are the real clip and the real detectors that
 * targets are stated for; where those are absent, the drawn street and the shipped detector stand
 * in: a complete job, but another one.
 */
export interface BenchInputs {
  /** Whether the figures may be compared with a target. */
  readonly real: boolean;
  /** The main job: 768×432 into 416×416. */
  readonly main: BenchInput;
  /** The same clip, looped until it is long enough to see memory grow. */
  readonly long: BenchInput;
  /** 1080p into 320×320, where picture handling weighs most. */
  readonly hd: BenchInput;
  /** The drawn street in 1080p and the shipped detector: the same on every machine. */
  readonly street: BenchInput;
}

/** Finds or makes the inputs; clips are made once and kept under `out/bench`. */
export async function benchInputs(size: BenchSize): Promise<BenchInputs> {
  const source = sharedPath("media/car-detection.mp4");
  const model416 = sharedPath("models/yolox_nano_416x416.onnx");
  const model320 = sharedPath("models/yolox_nano_320x320.onnx");
  const real = source !== null && model416 !== null && model320 !== null;
  const shipped = fileURLToPath(SHIPPED_DETECTOR);
  const hd = { width: 1920, height: 1080, frames: size.framesHd };
  const street = {
    name: "drawn street 1920x1080",
    clip: await makeClip({ ...hd, source: null }),
    model: shipped,
  };
  const small = { width: 768, height: 432, source: real ? source : null };
  const longFrames = size.memoryTo + 20;
  const long = await makeClip({ ...small, frames: longFrames });
  if (!real) {
    const name = "drawn street 768x432";
    const main = { name, clip: long, model: shipped };
    return { real, main, long: main, hd: street, street };
  }
  const name = "car-detection";
  return {
    real,
    main: { name: `${name} 768x432`, clip: source, model: model416 },
    long: { name: `${name} 768x432, looped`, clip: long, model: model416 },
    hd: {
      name: `${name} 1920x1080`,
      clip: await makeClip({ ...hd, source }),
      model: model320,
    },
    street,
  };
}
