import type { Engine } from "../core/ports.ts";
import { elementCount, type Tensor, type TensorData } from "../core/tensor.ts";
import type { ProbePlan } from "../detector/resolve_spec.ts";
import type { GrownAxis } from "../onnx/grow_classes.ts";
import { feedConstants } from "./feed_constants.ts";

/** How far the outputs of two models lie apart. */
export interface Comparison {
  /** Pictures of noise that both ran. */
  readonly pictures: number;
  /** Whether all outputs were equal to the last bit. */
  readonly identical: boolean;
  /** Largest difference of two numbers; 0 where they are identical. */
  readonly largestDifference: number;
}

/** Pictures to compare on. */
const PICTURES = 3;

/**
 * Runs two models on the same pictures of noise, on the calling thread, and compares the outputs of
 * the first with those of the second.
 *
 * @param plan How both are fed.
 * @param grown Outputs of `second` that have more elements than those of `first`, and where; only
 * the elements of the first are compared.
 */
export async function compareModels(
  first: Engine,
  second: Engine,
  plan: ProbePlan,
  grown: ReadonlyMap<string, GrownAxis> = new Map(),
): Promise<Comparison> {
  let [identical, largestDifference] = [true, 0];
  for (let picture = 0; picture < PICTURES; picture++) {
    const noise = makeNoise(plan.picture, picture);
    for (const engine of [first, second]) {
      engine.setInput(plan.picture.name, noise);
      feedConstants(engine, plan.extraInputs);
    }
    const [a, b] = [await first.run(), await second.run()];
    for (const { name } of first.outputs) {
      const other = b.get(name);
      const axis = grown.get(name);
      const numbers = axis === undefined ? other.data : withoutGrowth(other, axis);
      const gap = largestGap(a.get(name).data, numbers);
      identical &&= gap === null;
      largestDifference = Math.max(largestDifference, gap ?? 0);
    }
  }
  return { pictures: PICTURES, identical, largestDifference };
}

/** The elements of a tensor but those that were added. */
function withoutGrowth({ dims, data }: Tensor, { axis, inserts, count }: GrownAxis): TensorData {
  const size = dims[axis]!;
  const inner = elementCount(dims.slice(axis + 1));
  const added = new Set(
    inserts.flatMap((at, i) => Array.from({ length: count }, (_, k) => at + i * count + k)),
  );
  return (data as Float32Array).filter((_, i) => !added.has(Math.floor(i / inner) % size));
}

/** A picture of noise over the range that inputs have. */
function makeNoise({ type, dims }: ProbePlan["picture"], seed: number): Tensor {
  let state = seed + 1;
  function next(): number {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  }
  const count = elementCount(dims);
  // The first one is dim, as normalised pixels are, the others as bright as bytes.
  const scale = seed === 0 ? 1 : 255;
  const data = type === "uint8"
    ? Uint8Array.from({ length: count }, () => 255 * next())
    : type === "float16"
    ? Float16Array.from({ length: count }, () => scale * next())
    : Float32Array.from({ length: count }, () => scale * next());
  return { type, dims, data };
}

/** The largest difference of two rows of numbers; `null` where all bits are the same. */
function largestGap(a: TensorData, b: TensorData): number | null {
  if (a.length !== b.length) return Infinity;
  let gap: number | null = null;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const difference = Math.abs(Number(a[i]) - Number(b[i]));
    gap = Math.max(gap ?? 0, Number.isNaN(difference) ? Infinity : difference);
  }
  return gap;
}
