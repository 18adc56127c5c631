import type { HeadWeights } from "../core/head_weights.ts";
import type { JudgedStep } from "./gate_evidence.ts";

/** How far to go, tried in this order: a shorter step forgets less and repairs less. */
export const BACK_TRACKING_STEPS: readonly number[] = Object.freeze([1, 0.75, 0.5, 0.25]);

/**
 * A head between two others: `from + tau · (to - from)`, number by number. Where both hold the same
 * number it stays bit for bit.
 *
 * @param tau How far to go, 0–1.
 * @param version Version of the result.
 * @throws {RangeError} If the heads have other layers or classes, or `tau` is out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { betweenHeads, HeadWeights } from "@fovea/fovea/refine";
 *
 * const from = new HeadWeights({
 *   model: "0".repeat(64),
 *   classNames: ["car"],
 *   layers: [{ name: "head.cls.0", rows: 1, channels: 2, classRows: [0], objectnessRows: [] }],
 *   values: [{ weight: new Float32Array([1, 2]), bias: new Float32Array([0]) }],
 * });
 * const to = from.withValues([{ weight: new Float32Array([1, 4]), bias: new Float32Array(1) }], 1);
 * assertEquals([...betweenHeads(from, to, 0.5, 2).layer(0).weight], [1, 3]);
 * ```
 */
export function betweenHeads(
  from: HeadWeights,
  to: HeadWeights,
  tau: number,
  version: number,
): HeadWeights {
  if (!(tau >= 0 && tau <= 1)) throw new RangeError(`Cannot go ${tau} of the way between heads`);
  const same = from.model === to.model && from.numbers === to.numbers &&
    from.classNames.length === to.classNames.length;
  if (!same) throw new RangeError("Cannot go between heads of other models or other classes");
  if (tau === 1) return to.withVersion(version);
  const values = from.layers.map((_, index) => {
    const [a, b] = [from.layer(index), to.layer(index)];
    return { weight: mix(a.weight, b.weight, tau), bias: mix(a.bias, b.bias, tau) };
  });
  return from.withValues(values, version);
}

function mix(from: Float32Array, to: Float32Array, tau: number): Float32Array {
  return from.map((value, i) => value === to[i] ? value : value + tau * (to[i]! - value));
}

/**
 * Which of the judged steps is taken: the first that is accepted, else the first that is a
 * proposal, else the first of all, which says why the head as it was trained is rejected.
 *
 * @param steps In the order of {@linkcode BACK_TRACKING_STEPS}.
 * @throws {RangeError} If there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseStep } from "@fovea/fovea/refine";
 *
 * const decide = (status: "accepted" | "rejected") => {
 *   return { status, repaired: true, checks: [], why: [] };
 * };
 * const steps = [{ tau: 1, decision: decide("rejected") }, { tau: 0.75, decision: decide("accepted") }];
 * assertEquals(chooseStep(steps).tau, 0.75);
 * ```
 */
export function chooseStep<Step extends JudgedStep>(steps: readonly Step[]): Step {
  const chosen = steps.find(({ decision }) => decision.status === "accepted") ??
    steps.find(({ decision }) => decision.status === "proposal") ?? steps[0];
  if (chosen === undefined) throw new RangeError("Cannot choose among no steps");
  return chosen;
}
