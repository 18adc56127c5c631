import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Xyxy } from "../core/xyxy.ts";
import { type HardExample, HardExamples } from "./hard_examples.ts";

function example(loss: number, seq: number, x: number, className = "car"): HardExample {
  const xyxyPx: Xyxy = [x, 0, x + 10, 10];
  return {
    seq,
    ptsMs: 40 * seq,
    className,
    xyxyPx,
    loss,
    evidence: "consensus",
    reason: "",
    crop: null,
  };
}

/** Adds an example as a collector does: only where it is wanted. */
function offer(store: HardExamples, made: HardExample): void {
  if (store.wants(made.loss, made.seq, made.className, made.xyxyPx)) store.add(made);
}

Deno.test("the hardest are kept, hardest first", () => {
  const store = new HardExamples(3);
  for (const [i, loss] of [0.2, 0.9, 0.5, 0.1, 0.7].entries()) {
    offer(store, example(loss, i, 100 * i));
  }
  assertEquals(store.list.map(({ loss }) => loss), [0.9, 0.7, 0.5]);
});

Deno.test("an object that stays hard is kept once, at its worst", () => {
  const store = new HardExamples(5);
  for (const [i, loss] of [0.3, 0.8, 0.6].entries()) offer(store, example(loss, i, 2 * i));
  assertEquals(store.list.map(({ loss, seq }) => [loss, seq]), [[0.8, 1]]);
});

Deno.test("another class, another place and another time are other objects", () => {
  const store = new HardExamples(5);
  offer(store, example(0.5, 0, 0));
  offer(store, example(0.5, 0, 0, "van"));
  offer(store, example(0.5, 0, 50));
  offer(store, example(0.5, 100, 0));
  assertEquals(store.list.length, 4);
});

Deno.test("a store for none keeps none", () => {
  const store = new HardExamples(0);
  assertEquals(store.wants(9, 0, "car", [0, 0, 1, 1]), false);
});

Deno.test("however many are offered, the store is bounded and sorted", () => {
  const offers = fc.array(
    fc.tuple(
      fc.double({ min: 0, max: 5, noNaN: true }),
      fc.nat({ max: 1000 }),
      fc.nat({ max: 500 }),
    ),
    { maxLength: 100 },
  );
  fc.assert(fc.property(offers, fc.nat({ max: 12 }), (list, countMax) => {
    const store = new HardExamples(countMax);
    for (const [loss, seq, x] of list) offer(store, example(loss, seq, x));
    const losses = store.list.map(({ loss }) => loss);
    assertEquals(losses, losses.toSorted((a, b) => b - a));
    assertEquals(losses.length <= countMax, true);
  }));
});
