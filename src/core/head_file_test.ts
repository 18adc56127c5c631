import { assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "./errors.ts";
import { readHead, writeHead } from "./head_file.ts";
import type { HeadLayer } from "./head_layout.ts";
import { type HeadParts, HeadWeights } from "./head_weights.ts";

const LAYER: HeadLayer = {
  name: "head.cls.0",
  rows: 2,
  channels: 3,
  classRows: [0],
  objectnessRows: [],
};

function partsOf(changes: Partial<HeadParts> = {}): HeadParts {
  return {
    model: "0123456789abcdef".repeat(4),
    version: 3,
    classNames: ["car", "Straßenbahn"],
    layers: [LAYER],
    values: [{ weight: new Float32Array([1, -2, 3, 0, 0.1, 6]), bias: new Float32Array([-4, 5]) }],
    ...changes,
  };
}

function refusal(bytes: Uint8Array): FoveaError {
  const error = assertThrows(() => readHead(bytes), FoveaError, "Cannot read the head");
  assertEquals(error.code, "HEAD_INVALID");
  return error;
}

const numbers = fc.float({ noNaN: true, noDefaultInfinity: true });

const heads = fc.array(fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 5 })), {
  minLength: 1,
  maxLength: 4,
}).chain((shapes) =>
  fc.record({
    version: fc.nat(),
    classNames: fc.tuple(fc.string(), fc.string()),
    values: fc.tuple(...shapes.map(([rows, channels]) =>
      fc.record({
        weight: fc.float32Array({
          minLength: rows * channels,
          maxLength: rows * channels,
          noNaN: true,
          noDefaultInfinity: true,
        }),
        bias: fc.array(numbers, { minLength: rows, maxLength: rows }).map((list) =>
          Float32Array.from(list)
        ),
      })
    )),
  }).map((record) =>
    new HeadWeights(partsOf({
      ...record,
      layers: shapes.map(([rows, channels], i) => ({
        ...LAYER,
        name: `layer ${i}`,
        rows,
        channels,
      })),
    }))
  )
);

Deno.test("readHead() gives back what writeHead() wrote, to the bit", () => {
  fc.assert(
    fc.property(heads, (head) => {
      const again = readHead(writeHead(head));
      assertEquals([again.hash, again.version, again.model], [head.hash, head.version, head.model]);
      assertEquals([again.classNames, again.layers], [head.classNames, head.layers]);
      for (const i of head.layers.keys()) assertEquals(again.layer(i), head.layer(i));
      assertEquals(writeHead(again), writeHead(head));
    }),
    { seed: 7, numRuns: 100 },
  );
});

Deno.test("readHead() reads bytes that lie anywhere in a buffer", () => {
  const bytes = writeHead(new HeadWeights(partsOf()));
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assertEquals(readHead(shifted.subarray(3)).layer(0).weight[4], Math.fround(0.1));
});

Deno.test("readHead() finds every flipped bit and every missing byte", () => {
  const whole = writeHead(new HeadWeights(partsOf()));
  for (let at = 0; at < whole.length; at++) {
    const bytes = whole.slice();
    bytes[at]! ^= 1 << (at % 8);
    refusal(bytes);
    refusal(whole.subarray(0, at));
  }
  refusal(new Uint8Array([...whole, 0]));
});

Deno.test("readHead() says what is wrong", () => {
  const whole = writeHead(new HeadWeights(partsOf()));
  const newer = whole.slice();
  newer[8] = 9;
  assertStringIncludes(refusal(newer).message, "its format is 9");
  assertStringIncludes(refusal(new TextEncoder().encode("{}")).message, "does not begin");
  assertStringIncludes(refusal(whole.subarray(0, 60)).message, "ends too early");
  const damaged = whole.slice();
  damaged[60]! ^= 1;
  assertStringIncludes(refusal(damaged).message, "checksum");
});

Deno.test("HeadWeights hash everything that decides on scores, and not the version", () => {
  const head = new HeadWeights(partsOf());
  const others: Partial<HeadParts>[] = [
    { model: "f".repeat(64) },
    { classNames: ["car", "van"] },
    { layers: [{ ...LAYER, name: "head.cls.1" }] },
    { layers: [{ ...LAYER, objectnessRows: [1] }] },
    { values: [{ weight: new Float32Array(6), bias: new Float32Array([-4, 5]) }] },
    { values: [{ weight: head.layer(0).weight, bias: new Float32Array([-4, -5]) }] },
  ];
  for (const change of others) assertNotEquals(new HeadWeights(partsOf(change)).hash, head.hash);
  assertEquals(new HeadWeights(partsOf({ version: 9 })).hash, head.hash);
  assertEquals(head.hash.length, 64);
});

Deno.test("HeadWeights keep their numbers whatever happens to what they were made of", () => {
  const parts = partsOf();
  const head = new HeadWeights(parts);
  parts.values[0]!.weight.fill(9);
  head.layer(0).weight.fill(9);
  head.packed().fill(9);
  assertEquals([...head.layer(0).weight.subarray(0, 3)], [1, -2, 3]);
  assertThrows(() => (head.classNames as string[]).push("van"), TypeError);
  assertThrows(() => head.layer(1), RangeError);
});

Deno.test("HeadWeights refuse parts that do not fit and numbers that are none", () => {
  const wrong: readonly (readonly [Partial<HeadParts>, typeof Error])[] = [
    [{ model: "no hash" }, TypeError],
    [{ version: -1 }, RangeError],
    [{ version: 1.5 }, RangeError],
    [{ layers: [] }, TypeError],
    [{ values: [] }, TypeError],
    [{ classNames: ["a", "b", "c"] }, TypeError],
    [{ layers: [{ ...LAYER, rows: 3 }] }, TypeError],
    [{ layers: [{ ...LAYER, objectnessRows: [2] }] }, TypeError],
  ];
  for (const [change, kind] of wrong) {
    assertThrows(
      () => new HeadWeights(partsOf(change)),
      kind,
      "Cannot make",
      JSON.stringify(change),
    );
  }
  for (const value of [NaN, Infinity]) {
    const bias = new Float32Array([0, value]);
    const values = [{ weight: new Float32Array(6), bias }];
    assertThrows(() => new HeadWeights(partsOf({ values })), RangeError, `number 7 is ${value}`);
  }
});
