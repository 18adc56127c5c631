import { assert, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { LogitBlock, TrainingKernels } from "../core/training_kernels.ts";
import { createTrainingKernels } from "./create_training_kernels.ts";

const KERNELS = [await createTrainingKernels("typescript"), await createTrainingKernels("wasm")];

interface Shape {
  readonly rows: number;
  readonly channels: number;
  readonly outputs: number;
}

const shapes = fc.record({
  rows: fc.integer({ min: 0, max: 23 }),
  channels: fc.integer({ min: 1, max: 21 }),
  outputs: fc.integer({ min: 1, max: 19 }),
});

function numbers(seed: number, length: number, spread: number): number[] {
  let state = seed;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return spread * (2 * state / 2 ** 32 - 1);
  });
}

/** Numbers in the memory of some kernels, between guards that must stay. */
function place(kernels: TrainingKernels, values: readonly number[]): Float32Array {
  const floats = kernels.floats(values.length + 8).fill(777);
  const inner = floats.subarray(4, 4 + values.length);
  inner.set(values);
  guards.push(floats);
  return inner;
}

let guards: Float32Array[] = [];

function checkGuards(): void {
  for (const floats of guards) {
    assertEquals([...floats.subarray(0, 4), ...floats.subarray(-4)], Array(8).fill(777));
  }
  guards = [];
}

function close(a: ArrayLike<number>, b: ArrayLike<number>, relative: number, floor: number): void {
  assertEquals(a.length, b.length);
  for (let i = 0; i < a.length; i++) {
    const bound = relative * Math.abs(a[i]!) + floor;
    assertLessOrEqual(Math.abs(a[i]! - b[i]!), bound, `number ${i}: ${a[i]} and ${b[i]}`);
  }
}

function widthOf({ outputs }: Shape): number {
  return 4 * Math.ceil(outputs / 4);
}

Deno.test("wasm layers compute what the reference computes, for any shape", () => {
  fc.assert(
    fc.property(shapes, fc.nat(1e6), (shape, seed) => {
      const { rows, channels } = shape;
      const width = widthOf(shape);
      const results = KERNELS.map((kernels) => {
        const features = place(kernels, numbers(seed, rows * channels, 2));
        const weights = place(kernels, numbers(seed + 1, (channels + 1) * width, 1));
        const logits = place(kernels, numbers(seed + 2, rows * width, 1));
        const gradient = place(kernels, numbers(seed + 3, (channels + 1) * width, 1));
        kernels.forward(features, rows, channels, weights, width, logits);
        const forward = [...logits];
        logits.set(numbers(seed + 4, rows * width, 1));
        kernels.backward(features, rows, channels, logits, width, gradient);
        checkGuards();
        return { forward, backward: [...gradient] };
      });
      close(results[0]!.forward, results[1]!.forward, 1e-5, 2e-5);
      close(results[0]!.backward, results[1]!.backward, 1e-5, 2e-5);
    }),
    { seed: 11, numRuns: 150 },
  );
});

interface Judged {
  readonly loss: number;
  readonly slopes: readonly number[];
  readonly objectness: readonly number[];
}

function judge(
  kernels: TrainingKernels,
  shape: Shape,
  seed: number,
  spread: number,
  joint: boolean,
  what: "focal" | "distil" | "probabilities",
  gamma: number,
): Judged {
  const { rows, outputs } = shape;
  const width = widthOf(shape);
  const logits = place(kernels, numbers(seed, rows * width, spread));
  const objectness = joint ? place(kernels, numbers(seed + 1, 4 * rows, spread)) : null;
  const block: LogitBlock = { rows, outputs, width, logits, objectness };
  const weights = place(kernels, numbers(seed + 2, rows, 1).map(Math.abs));
  const targets = kernels.integers(rows);
  targets.set(numbers(seed + 3, rows, 1).map((x) => x < 0 ? -1 : Math.floor(x * outputs)));
  const wanted = place(kernels, numbers(seed + 4, rows * width, 1).map(Math.abs));
  let loss = 0;
  if (what === "focal") {
    loss = kernels.focal(block, { targets, weights, alpha: 0.25, gamma, scale: 0.5 });
  } else if (what === "distil") loss = kernels.distil(block, { wanted, weights, scale: 3 });
  else kernels.probabilities(block);
  checkGuards();
  return {
    loss,
    slopes: [...logits],
    objectness: objectness === null || what === "probabilities" ? [] : [...objectness],
  };
}

for (const what of ["focal", "distil", "probabilities"] as const) {
  Deno.test(`wasm ${what} computes what the reference computes, also where scores are sure`, () => {
    fc.assert(
      fc.property(
        shapes,
        fc.nat(1e6),
        fc.constantFrom(1, 8, 30, 100),
        fc.boolean(),
        fc.constantFrom(0, 0.7, 1, 1.5, 2, 3.3),
        (shape, seed, spread, joint, gamma) => {
          const [reference, wasm] = KERNELS.map((kernels) =>
            judge(kernels, shape, seed, spread, joint, what, gamma)
          );
          close([reference!.loss], [wasm!.loss], 2e-5, 1e-6);
          close(reference!.slopes, wasm!.slopes, 5e-5, 2e-6);
          close(reference!.objectness, wasm!.objectness, 5e-5, 2e-5);
          for (const value of [...wasm!.slopes, ...wasm!.objectness, wasm!.loss]) {
            assert(Number.isFinite(value));
          }
        },
      ),
      { seed: 12, numRuns: 200 },
    );
  });
}

Deno.test("a head that has not changed is exactly like itself", () => {
  for (const kernels of KERNELS) {
    for (const joint of [true, false]) {
      const [rows, outputs, width] = [9, 7, 8];
      const logits = numbers(5, rows * width, 6);
      const objectness = joint ? place(kernels, numbers(6, 4 * rows, 6)) : null;
      const first = objectness?.slice() ?? null;
      const block = { rows, outputs, width, logits: place(kernels, logits), objectness };
      kernels.probabilities(block);
      const wanted = place(kernels, [...block.logits]);
      const weights = place(kernels, Array(rows).fill(1));
      block.logits.set(logits);
      if (first !== null) objectness!.set(first);
      assertEquals(kernels.distil(block, { wanted, weights, scale: 3 }), 0);
      assertEquals([...block.logits].every((slope) => slope === 0), true);
    }
  }
});

Deno.test("wasm training kernels refuse what is not in their memory or does not fit", () => {
  const wasm = KERNELS[1]!;
  const [features, weights, logits] = [wasm.floats(6), wasm.floats(16), wasm.floats(8)];
  wasm.forward(features, 2, 3, weights, 4, logits);
  const foreign = new Float32Array(6);
  assertThrows(() => wasm.forward(foreign, 2, 3, weights, 4, logits), TypeError, "memory");
  assertThrows(() => wasm.forward(features, 2, 3, weights, 3, logits), RangeError);
  assertThrows(() => wasm.backward(features, 3, 3, logits, 4, weights), RangeError);
  const block = { rows: 2, outputs: 4, width: 4, logits, objectness: wasm.floats(4) };
  assertThrows(() => wasm.probabilities(block), RangeError);
});
