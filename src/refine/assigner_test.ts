import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type AnchorColumns, assignAnchors, touchesBorder } from "./assigner.ts";

const STRIDES = [8, 16];
const [WIDTH, HEIGHT] = [96, 64];

/** Anchors of two levels whose predictions are `boxes`, one an anchor. */
function anchorsOf(boxes: readonly (readonly number[])[]): AnchorColumns {
  const cells = STRIDES.flatMap((stride) =>
    Array.from({ length: WIDTH / stride * (HEIGHT / stride) }, (_, i) => ({
      x: (i % (WIDTH / stride) + 0.5) * stride,
      y: (Math.floor(i / (WIDTH / stride)) + 0.5) * stride,
      stride,
    }))
  );
  return {
    count: cells.length,
    pointXy: Float32Array.from(cells.flatMap(({ x, y }) => [x, y])),
    stride: Float32Array.from(cells, ({ stride }) => stride),
    xyxyNet: Float32Array.from(cells.flatMap(({ x, y }, i) => boxes[i] ?? [x, y, x + 1, y + 1])),
  };
}

const COUNT = anchorsOf([]).count;

const box = fc.tuple(
  fc.integer({ min: -10, max: WIDTH }),
  fc.integer({ min: -10, max: HEIGHT }),
  fc.integer({ min: 1, max: 60 }),
  fc.integer({ min: 1, max: 60 }),
).map(([x, y, w, h]) => [x, y, x + w, y + h]);
const boxes = fc.array(box, { minLength: COUNT, maxLength: COUNT });
const targets = fc.array(box, { maxLength: 12 });

function flat(list: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(list.flat());
}

Deno.test("every target has an anchor, none answers twice, none that answers is ignored", () => {
  fc.assert(
    fc.property(boxes, targets, targets, (predicted, wanted, ignored) => {
      const anchors = anchorsOf(predicted);
      const { target, iou, ignore } = assignAnchors(anchors, flat(wanted), flat(ignored));
      const owners = new Set(target);
      for (const index of wanted.keys()) assert(owners.has(index), `target ${index}`);
      for (const [anchor, owner] of target.entries()) {
        assert(owner >= -1 && owner < wanted.length);
        assertEquals(owner !== -1 && ignore[anchor] === 1, false);
        assert(iou[anchor]! >= 0 && iou[anchor]! <= 1 + 1e-6);
        if (owner === -1) assertEquals(iou[anchor], 0);
      }
    }),
    { seed: 5, numRuns: 200 },
  );
});

Deno.test("an anchor that several targets could have goes to one that it overlaps most", () => {
  fc.assert(
    fc.property(boxes, fc.array(box, { minLength: 2, maxLength: 2 }), (predicted, wanted) => {
      const anchors = anchorsOf(predicted);
      const both = assignAnchors(anchors, flat(wanted));
      const alone = wanted.map((one) => assignAnchors(anchors, flat([one])));
      const counts = wanted.map((_, index) =>
        both.target.filter((owner) => owner === index).length
      );
      for (let anchor = 0; anchor < anchors.count; anchor++) {
        const claims = alone.map(({ target }) => target[anchor] === 0);
        if (!claims[0] || !claims[1]) continue;
        const [a, b] = alone.map(({ iou }) => iou[anchor]!) as [number, number];
        const owner = both.target[anchor]!;
        // Only a target that would be left with nothing takes what the other overlaps more.
        const expected = b > a ? 1 : 0;
        assert(owner === expected || counts[owner] === 1);
      }
    }),
    { seed: 6, numRuns: 200 },
  );
});

Deno.test("anchors of one target do not depend on targets elsewhere", () => {
  const predicted = Array.from(
    { length: COUNT },
    (_, i) => [i % 9, i % 7, 20 + i % 13, 30 + i % 5],
  );
  const anchors = anchorsOf(predicted);
  const near = [2, 2, 30, 34];
  const far = [70, 40, 95, 63];
  const alone = assignAnchors(anchors, flat([near]));
  const both = assignAnchors(anchors, flat([near, far]));
  for (const [anchor, owner] of alone.target.entries()) {
    if (owner === 0) assertEquals(both.target[anchor], 0);
  }
});

Deno.test("a part of the anchors gives what all of them give, if it holds those around targets", () => {
  const predicted = Array.from(
    { length: COUNT },
    (_, i) => [i % 40, i % 30, 45 + i % 20, 40 + i % 9],
  );
  const all = anchorsOf(predicted);
  const wanted = flat([[10, 10, 50, 44]]);
  const whole = assignAnchors(all, wanted);
  const kept = [...Array(COUNT).keys()].filter((i) =>
    whole.target[i] === 0 || (i * 7 % 3 === 0) ||
    Math.abs(all.pointXy[2 * i]! - 30) < 2.5 * all.stride[i]! &&
      Math.abs(all.pointXy[2 * i + 1]! - 27) < 2.5 * all.stride[i]!
  );
  const part = assignAnchors({
    count: kept.length,
    pointXy: Float32Array.from(kept.flatMap((i) => [...all.pointXy.subarray(2 * i, 2 * i + 2)])),
    stride: Float32Array.from(kept, (i) => all.stride[i]!),
    xyxyNet: Float32Array.from(kept.flatMap((i) => [...all.xyxyNet.subarray(4 * i, 4 * i + 4)])),
  }, wanted);
  assertEquals([...part.target], kept.map((i) => whole.target[i]!));
  assertEquals([...part.ignore], kept.map((i) => whole.ignore[i]!));
});

Deno.test("boxes that are no numbers answer for nothing as long as others do", () => {
  const predicted = Array.from(
    { length: COUNT },
    (_, i) => i % 2 === 0 ? [NaN, 0, 10, 10] : [10, 10, 40, 40],
  );
  const { target, iou } = assignAnchors(anchorsOf(predicted), flat([[10, 10, 40, 40]]));
  for (const [anchor, owner] of target.entries()) {
    if (owner === 0) assertEquals([anchor % 2, iou[anchor]], [1, 1]);
  }
});

Deno.test("no anchors and no targets are fine", () => {
  const none = { count: 0, pointXy: flat([]), stride: flat([]), xyxyNet: flat([]) };
  assertEquals(assignAnchors(none, flat([[0, 0, 5, 5]])).target.length, 0);
  assertEquals(assignAnchors(anchorsOf([]), flat([])).target.every((owner) => owner === -1), true);
});

Deno.test("assignAnchors() refuses boxes that are empty or no numbers, and senseless rules", () => {
  const anchors = anchorsOf([]);
  for (const wrong of [[5, 5, 5, 9], [5, 9, 9, 5], [NaN, 0, 5, 5], [0, 0, Infinity, 5]]) {
    assertThrows(() => assignAnchors(anchors, flat([wrong])), RangeError, "target 0");
    assertThrows(
      () => assignAnchors(anchors, flat([]), flat([wrong])),
      RangeError,
      "ignored box 0",
    );
  }
  assertThrows(() => assignAnchors(anchors, new Float32Array(3)), RangeError, "3 numbers");
  const rules = [
    { centreStrides: 0 },
    { topCandidates: 0 },
    { topCandidates: 1.5 },
    { ignoreIou: 2 },
    { ignoreInsideIou: NaN },
  ];
  for (const rule of rules) {
    assertThrows(
      () => assignAnchors(anchors, flat([]), flat([]), rule),
      RangeError,
      "by the rules",
    );
  }
});

Deno.test("touchesBorder() looks at the picture, not at its padding", () => {
  const letterbox = {
    sourceWidth: 96,
    sourceHeight: 48,
    netWidth: 96,
    netHeight: 64,
    contentWidth: 96,
    contentHeight: 48,
    padX: 0,
    padY: 8,
    scaleX: 1,
    scaleY: 1,
  };
  const list = flat([[6, 14, 90, 50], [5.9, 14, 90, 50], [6, 13.9, 90, 50], [6, 14, 90, 50.1]]);
  assertEquals(touchesBorder(list, letterbox), [false, true, true, true]);
  assertEquals(touchesBorder(list, letterbox, 0), [false, false, false, false]);
});
