import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { METRIC_NAMES } from "./coco_metrics.ts";
import { evaluateDetections, type Evaluation } from "./evaluate_detections.ts";
import { selectTruth } from "./ground_truth.ts";
import { OUTCOME } from "./outcomes.ts";
import { parseAnnotations } from "./parse_annotations.ts";
import { type CocoDetection, parseDetections } from "./parse_detections.ts";

const IMAGES = [3, 1, 8].map((id) => ({ id }));
const CATEGORIES = [7, 2].map((id) => ({ id, name: `class ${id}` }));
const SETTINGS = { seed: 20_260_730, numRuns: 200 };

interface Annotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: [number, number, number, number];
  readonly iscrowd: number;
}

/** A few boxes on a small picture, so that many of them overlap. */
const box = fc.tuple(
  fc.integer({ min: 0, max: 30 }),
  fc.integer({ min: 0, max: 30 }),
  fc.integer({ min: 1, max: 60 }),
  fc.integer({ min: 1, max: 60 }),
);
const belonging = {
  image_id: fc.constantFrom(...IMAGES.map(({ id }) => id)),
  category_id: fc.constantFrom(...CATEGORIES.map(({ id }) => id)),
  bbox: box,
};
const annotations = fc.array(
  fc.record({ ...belonging, iscrowd: fc.constantFrom(0, 0, 0, 0, 1) }),
  { maxLength: 14 },
).map((records) => records.map((record, i): Annotation => ({ ...record, id: i + 1 })));

/**
 * Detections whose scores are all different, so that no order has to be made up, and whose sums are
 * exact.
 */
const detections = fc.uniqueArray(
  fc.record({ ...belonging, score: fc.integer({ min: 1, max: 1024 }).map((x) => x / 1024) }),
  { maxLength: 25, selector: ({ score }) => score },
);

function evaluate(
  truths: readonly Annotation[],
  found: readonly CocoDetection[],
  images: readonly { readonly id: number }[] = IMAGES,
): Evaluation {
  const truth = parseAnnotations({ images, categories: CATEGORIES, annotations: truths });
  return evaluateDetections(truth, parseDetections(found, truth), { score: 0.3 });
}

/** Everything but what depends on the order of the detections. */
function figures({ outcomes: _, ...rest }: Evaluation): Omit<Evaluation, "outcomes"> {
  return rest;
}

Deno.test("evaluateDetections() gives 1 for perfect detections", () => {
  fc.assert(
    fc.property(annotations, (truths) => {
      const real = truths.filter(({ iscrowd }) => iscrowd === 0);
      const found = real.map(({ image_id, category_id, bbox }) => {
        return { image_id, category_id, bbox, score: 0.9 };
      });
      const { metrics, f1, calibration, falses, misses } = evaluate(truths, found);
      for (const name of ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR100"] as const) {
        if (metrics[name] !== null) assertAlmostEquals(metrics[name], 1, 1e-12);
      }
      assertEquals([falses, misses], [0, 0]);
      if (real.length > 0) {
        assertEquals([f1.precision, f1.recall, f1.f1], [1, 1, 1]);
        assertAlmostEquals(calibration.ece!, 0.1, 1e-12);
      }
    }),
    SETTINGS,
  );
});

Deno.test("evaluateDetections() gives 0 where nothing is found and null where nothing is", () => {
  const one: Annotation = { id: 1, image_id: 3, category_id: 7, bbox: [0, 0, 9, 9], iscrowd: 0 };
  const missed = evaluate([one], []);
  assertEquals([missed.metrics.AP, missed.metrics.APl, missed.metrics.AR100], [0, null, 0]);
  assertEquals(missed.f1, { score: 0.3, precision: null, recall: 0, f1: 0 });
  const empty = evaluate([], []);
  assertEquals(METRIC_NAMES.map((name) => empty.metrics[name]), Array(12).fill(null));
  assertEquals([empty.bestF1, empty.calibration.ece], [null, null]);
  const false_ = evaluate([], [{ image_id: 3, category_id: 7, bbox: [0, 0, 9, 9], score: 1 }]);
  assertEquals(false_.f1, { score: 0.3, precision: 0, recall: null, f1: 0 });
});

Deno.test("evaluateDetections() does not depend on the order of anything", () => {
  fc.assert(
    fc.property(annotations, detections, (truths, found) => {
      const expected = figures(evaluate(truths, found));
      assertEquals(figures(evaluate(truths, found, IMAGES.toReversed())), expected);
      assertEquals(figures(evaluate(truths, found.toReversed())), expected);
      const more = [...IMAGES, { id: 5 }];
      assertEquals(figures(evaluate(truths, found, more)), expected);
    }),
    SETTINGS,
  );
});

Deno.test("evaluateDetections() only looks at the order of scores for COCO's figures", () => {
  fc.assert(
    fc.property(annotations, detections, (truths, found) => {
      const bent = found.map((one) => ({ ...one, score: Math.sqrt(one.score) }));
      assertEquals(evaluate(truths, bent).metrics, evaluate(truths, found).metrics);
    }),
    SETTINGS,
  );
});

Deno.test("evaluateDetections() keeps figures in their range and in their order", () => {
  fc.assert(
    fc.property(annotations, detections, (truths, found) => {
      const { metrics, perClass } = evaluate(truths, found);
      for (const one of [metrics, ...perClass.map(({ metrics }) => metrics)]) {
        for (const name of METRIC_NAMES) {
          if (one[name] !== null) assert(one[name] >= 0 && one[name] <= 1 + 1e-12, name);
        }
        if (one.AP === null) continue;
        assert(one.AP75! <= one.AP50! + 1e-12 && one.AP <= one.AP50! + 1e-12);
        assert(one.AR1! <= one.AR10! && one.AR10! <= one.AR100!);
        assert(one.AP <= one.AR100! + 1 / 101 + 1e-12);
      }
      for (const { precision } of perClass) {
        if (precision === null) continue;
        const falls = (value: number, i: number) => i % 101 === 0 || value <= precision[i - 1]!;
        assert(precision.every(falls));
      }
    }),
    SETTINGS,
  );
});

Deno.test("evaluateDetections() treats classes apart", () => {
  fc.assert(
    fc.property(annotations, detections, (truths, found) => {
      const truth = parseAnnotations({
        images: IMAGES,
        categories: CATEGORIES,
        annotations: truths,
      });
      const whole = evaluateDetections(truth, parseDetections(found, truth), { score: 0.3 });
      for (const one of whole.perClass) {
        const part = selectTruth(truth, { categoryIds: new Set([one.id]) });
        const alone = evaluateDetections(part, parseDetections(found, part), { score: 0.3 });
        assertEquals(alone.perClass, [one]);
        assertEquals(alone.metrics, one.metrics);
      }
    }),
    SETTINGS,
  );
});

Deno.test("evaluateDetections() gives each object to one detection, unless it is a crowd", () => {
  fc.assert(
    fc.property(annotations, detections, (truths, found) => {
      const { outcomes, truths: total, hits, misses } = evaluate(truths, found);
      const taken = [...outcomes.truthIndex].filter((index) =>
        index >= 0 && truths[index]!.iscrowd === 0
      );
      assertEquals(new Set(taken).size, taken.length);
      for (const [i, index] of outcomes.truthIndex.entries()) {
        const expected = index < 0
          ? OUTCOME.false
          : truths[index]!.iscrowd === 1
          ? OUTCOME.ignored
          : OUTCOME.hit;
        assertEquals(outcomes.kind[i], expected);
      }
      assertEquals(hits + misses, total);
      assertEquals(total, truths.filter(({ iscrowd }) => iscrowd === 0).length);
    }),
    SETTINGS,
  );
});

Deno.test("a confusion matrix accounts for every object and every detection once", () => {
  fc.assert(
    fc.property(annotations, detections, (truths, found) => {
      const { confusion, perClass, hits } = evaluate(truths, found);
      const size = confusion.classNames.length;
      const at = (row: number, column: number): number => confusion.counts[row * size + column]!;
      const all = Array.from({ length: size }, (_, i) => i);
      let diagonal = 0;
      for (const [i, one] of perClass.entries()) {
        assertEquals(all.reduce((sum, column) => sum + at(i, column), 0), one.truths);
        assertEquals(all.reduce((sum, row) => sum + at(row, i), 0), one.hits + one.falses);
        assertEquals(at(i, i), one.hits);
        diagonal += at(i, i);
      }
      assertEquals([diagonal, at(size - 1, size - 1)], [hits, 0]);
    }),
    SETTINGS,
  );
});

Deno.test("the best operating point is no worse than any other", () => {
  fc.assert(
    fc.property(annotations, detections, fc.integer({ min: 0, max: 1000 }), (truths, found, s) => {
      const truth = parseAnnotations({
        images: IMAGES,
        categories: CATEGORIES,
        annotations: truths,
      });
      const columns = parseDetections(found, truth);
      const { bestF1, f1 } = evaluateDetections(truth, columns, { score: s / 1000 });
      assert((bestF1?.f1 ?? 0) >= (f1.f1 ?? 0));
      if (bestF1 === null) return;
      const again = evaluateDetections(truth, columns, { score: bestF1.score });
      assertEquals(again.f1, bestF1);
    }),
    SETTINGS,
  );
});

Deno.test("calibration counts every detection that counts, in the bin of its score", () => {
  const truth: Annotation = { id: 1, image_id: 3, category_id: 7, bbox: [0, 0, 9, 9], iscrowd: 0 };
  const found = [0, 0.05, 0.1, 0.95, 1].map((score, i): CocoDetection => {
    return { image_id: 3, category_id: 7, bbox: [i < 4 ? 50 : 0, 0, 9, 9], score };
  });
  const { bins, ece, eceReported } = evaluate([truth], found).calibration;
  assertEquals(bins.map(({ count }) => count), [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
  assertEquals(bins[9], { from: 0.9, to: 1, count: 2, meanScore: 0.975, precision: 0.5 });
  assertEquals(bins[5]!.precision, null);
  assertAlmostEquals(ece!, (2 * 0.025 + 0.1 + 2 * 0.475) / 5, 1e-12);
  assertAlmostEquals(eceReported!, 0.475, 1e-12);
});

Deno.test("evaluateDetections() refuses detections of another ground truth", () => {
  const truth = parseAnnotations({ images: IMAGES, categories: CATEGORIES, annotations: [] });
  const found = parseDetections(
    [{ image_id: 8, category_id: 7, bbox: [0, 0, 1, 1], score: 1 }],
    truth,
  );
  for (const ids of [{ imageIds: new Set([1]) }, { categoryIds: new Set([2]) }]) {
    const part = selectTruth(truth, ids);
    assertThrows(() => evaluateDetections(part, found, { score: 0.3 }), RangeError, "another");
  }
});

Deno.test("evaluateDetections() refuses a score that is none", () => {
  const truth = parseAnnotations({ images: IMAGES, categories: CATEGORIES, annotations: [] });
  const none = parseDetections([], truth);
  for (const score of [-0.1, 1.1, NaN]) {
    assertThrows(() => evaluateDetections(truth, none, { score }), RangeError);
  }
});
