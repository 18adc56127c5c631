import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import type { DetectorFamily, DetectorSpec } from "../../src/core/detector_spec.ts";
import type { OutputView } from "../../src/core/ports.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { createAdapter } from "../../src/detector/adapter.ts";
import { ReferenceKernels } from "../../src/native/reference_kernels.ts";
import { makeCandidates, makeParams, makeSpec } from "../support/adapter_bench.ts";

// Goal: every family decodes as NumPy does after the formulas of the programs that train it.
// detector_golden.py made the numbers.

interface GoldenCase {
  readonly name: string;
  readonly family: DetectorFamily;
  readonly options: DetectorSpec["options"];
  readonly outputs: Readonly<
    Record<string, { readonly dims: readonly number[]; readonly values: string }>
  >;
  readonly expected: Readonly<Record<"xyxy" | "score" | "class" | "row", string>>;
}

interface Golden {
  readonly width: number;
  readonly height: number;
  readonly classes: number;
  readonly confidence: number;
  readonly cases: readonly GoldenCase[];
}

/** Float32 against float64: absolute plus relative. */
const TOLERANCE = 2e-4;

function numbers(text: string): number[] {
  return text === "" ? [] : text.split(" ").map(Number);
}

function specOf({ width, height, classes }: Golden, one: GoldenCase): DetectorSpec {
  const outputs = Object.fromEntries(
    Object.keys(one.outputs).map((role) => [role, `out_${role}`]),
  );
  return makeSpec({ family: one.family, options: one.options, outputs, classes, width, height });
}

function viewOf(one: GoldenCase): OutputView {
  return {
    get(name): Tensor {
      const { dims, values } = one.outputs[name.replace(/^out_/, "")]!;
      return { type: "float32", dims, data: Float32Array.from(numbers(values)) };
    },
  };
}

const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("detector_golden.json", import.meta.url)),
);

for (const one of golden.cases) {
  Deno.test(`${one.family} (${one.name}) decodes as NumPy does`, () => {
    const adapter = createAdapter(specOf(golden, one));
    const { rows } = adapter;
    const out = makeCandidates(rows);
    const params = makeParams({ confidence: golden.confidence });
    adapter.decodeInto(viewOf(one), new ReferenceKernels(), params, out);
    const expectedRows = numbers(one.expected.row);
    assertGreater(expectedRows.length, 2);
    assertEquals([...out.anchorIndex.subarray(0, out.count)], expectedRows);
    assertEquals([...out.classIndex.subarray(0, out.count)], numbers(one.expected.class));
    assertClose(out.score.subarray(0, out.count), numbers(one.expected.score));
    assertClose(out.xyxyNet.subarray(0, 4 * out.count), numbers(one.expected.xyxy));
    assertEquals([out.overflow, out.nonFinite], [0, 0]);
  });
}

function assertClose(actual: Float32Array, expected: readonly number[]): void {
  assertEquals(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assertAlmostEquals(actual[i]!, value, TOLERANCE * (1 + Math.abs(value)));
  }
}

Deno.test("the goldens cover every family", () => {
  const families = new Set(golden.cases.map(({ family }) => family));
  assertEquals(families.size, 6);
  assert(golden.cases.length >= 13);
});
