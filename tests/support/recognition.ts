import type { DetectorSpec } from "../../src/core/detector_spec.ts";
import { type ResolveOptions, resolveSpec } from "../../src/detector/resolve_spec.ts";
import { type FakeModel, fakeModel } from "./fake_model.ts";

/** A square RGB input. */
export function picture(side: number): Record<string, number[]> {
  return { images: [1, 3, side, side] };
}

/** Last layers with these numbers of channels, the first followed by a sigmoid. */
export function layers(...channels: number[]): Pick<FakeModel, "weights" | "nodes"> {
  return {
    weights: Object.fromEntries(channels.map((count, i) => [`w${i}`, [count, 64, 1, 1]])),
    nodes: [
      ...channels.map((_, i) => ["Conv", ["images", `w${i}`], [`c${i}`]] as const),
      ["Sigmoid", ["c0"], ["s0"]],
      ["Concat", ["s0", ...channels.map((_, i) => `c${i}`)], ["output0"]],
    ],
  };
}

/** Finds out how a made-up model is fed and decoded. */
export function resolve(parts: FakeModel, options: ResolveOptions = {}): DetectorSpec {
  return resolveSpec(fakeModel(parts), options);
}

/** Family, number of classes, first options, and how pictures are prepared. */
export function summary(spec: DetectorSpec): readonly unknown[] {
  const { channels, letterbox, scale } = spec.input;
  const fit = letterbox.mode === "stretch" ? "stretch" : letterbox.anchor;
  const range = scale[0] === 1 ? "raw" : Math.abs(scale[0] - 1 / 255) < 1e-9 ? "unit" : "normal";
  return [spec.family, spec.classNames.length, channels, range, fit];
}
