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
 * The inputs of all benches. `real` says whether they are the real clip and the real detectors;
 * where those are absent, a made clip and the tiny test models stand in, and no figure means
 * anything.
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
}

/** Finds or makes the inputs; clips are made once and kept under `out/bench`. */
export async function benchInputs(size: BenchSize): Promise<BenchInputs> {
  const source = sharedPath("media/car-detection.mp4");
  const model416 = sharedPath("models/yolox_nano_416x416.onnx");
  const model320 = sharedPath("models/yolox_nano_320x320.onnx");
  const real = source !== null && model416 !== null && model320 !== null;
  const tiny = new URL("../models/tiny/yolox.onnx", import.meta.url).pathname;
  const small = { width: 768, height: 432, source };
  const main = source ?? await makeClip({ ...small, frames: 60 });
  const long = await makeClip({ ...small, frames: size.memoryTo + 20 });
  const hd = await makeClip({ width: 1920, height: 1080, source, frames: size.framesHd });
  const name = real ? "car-detection" : "test pattern";
  return {
    real,
    main: { name: `${name} 768x432`, clip: main, model: model416 ?? tiny },
    long: { name: `${name} 768x432, looped`, clip: long, model: model416 ?? tiny },
    hd: { name: `${name} 1920x1080`, clip: hd, model: model320 ?? tiny },
  };
}
