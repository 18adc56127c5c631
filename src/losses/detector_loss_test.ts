import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { assertGradient } from "../../tests/support/central_difference.ts";
import { binaryCrossEntropyInto } from "./binary_cross_entropy.ts";
import { ciouLossInto } from "./ciou_loss.ts";
import {
  type BoxLossName,
  type ClassLoss,
  type DetectorLossInput,
  detectorLossInto,
  type DetectorLossSettings,
} from "./detector_loss.ts";

const CLASS_LOSSES: readonly ClassLoss[] = [
  { kind: "binary-cross-entropy" },
  { kind: "sigmoid-focal", gamma: 1.5, alpha: 0.25 },
  { kind: "quality-focal" },
  { kind: "varifocal" },
];
const BOX_LOSSES: readonly BoxLossName[] = ["iou", "giou", "diou", "ciou"];

/** Three anchors of two classes: an object, background, an ignored object. */
function makeInput(): DetectorLossInput & { logits: number[]; boxes: number[] } {
  return {
    logits: [0.8, -2, -1.5, -3, 0.25, 0.5],
    classTargets: [0.75, 0, 0, 0, 1, 0],
    boxes: [1, 2, 11, 9, 0, 0, 4, 4, 5, 5, 9, 9],
    targetBoxes: [0, 1, 10, 10, 0, 0, 0, 0, 5, 5, 8, 8],
    anchorWeights: [1, 1, 0],
  };
}

Deno.test("detectorLossInto() is the weighted sum of its parts over the mass of targets", () => {
  const input = makeInput();
  const settings = { classes: 2, classLoss: { kind: "binary-cross-entropy" } } as const;
  const found = detectorLossInto(input, settings, {});
  const scores = binaryCrossEntropyInto(
    input.logits.slice(0, 4),
    [0.75, 0, 0, 0],
    {},
    {},
  );
  const boxes = 0.75 * ciouLossInto(input.boxes.slice(0, 4), [0, 1, 10, 10], {}, {});
  assertEquals([found.positives, found.normaliser], [1, 1]);
  assertAlmostEquals(found.classLoss, scores, 1e-15);
  assertAlmostEquals(found.boxLoss, boxes, 1e-15);
  assertAlmostEquals(found.total, 0.5 * scores + 7.5 * boxes, 1e-14);
});

Deno.test("its gradients are central differences, whatever the losses", () => {
  for (const classLoss of CLASS_LOSSES) {
    for (const boxLoss of BOX_LOSSES) {
      const input = makeInput();
      // Same shape, so that alpha of CIoU, a constant of the derivative, has nothing to weigh.
      if (boxLoss === "ciou") input.boxes.splice(0, 4, 1, 2, 13.5, 13.25);
      const settings: DetectorLossSettings = { classes: 2, classLoss, boxLoss, boxGain: 2 };
      const out = { logitGradient: new Float64Array(6), boxGradient: new Float64Array(12) };
      detectorLossInto(input, settings, out);
      assertGradient(
        (logits) => detectorLossInto({ ...input, logits }, settings, {}).total,
        input.logits,
        out.logitGradient,
      );
      assertGradient(
        (boxes) => detectorLossInto({ ...input, boxes }, settings, {}).total,
        input.boxes,
        out.boxGradient,
      );
      assertEquals([...out.logitGradient.subarray(4)], [0, 0]);
      assertEquals([...out.boxGradient.subarray(4)], Array(8).fill(0));
    }
  }
});

Deno.test("the mass of targets normalises, unless a normaliser is given", () => {
  const input = { ...makeInput(), anchorWeights: [1, 1, 1] };
  const found = detectorLossInto(input, { classes: 2 }, {});
  assertEquals([found.positives, found.normaliser], [2, 1.75]);
  const told = detectorLossInto(input, { classes: 2, normaliser: 7 }, {});
  assertAlmostEquals(told.total, found.total / 4, 1e-15);
});

Deno.test("a frame without anything has a loss of its false alarms only", () => {
  const input = { logits: [2, -9], classTargets: [0, 0], boxes: [], targetBoxes: [] };
  const boxes = Array(8).fill(NaN);
  const found = detectorLossInto({ ...input, boxes, targetBoxes: boxes }, { classes: 1 }, {});
  assertEquals([found.positives, found.normaliser, found.boxLoss], [0, 1, 0]);
  assertAlmostEquals(found.total, 0.5 * found.classLoss, 1e-15);
  const none = { logits: [], classTargets: [], boxes: [], targetBoxes: [] };
  assertEquals(detectorLossInto(none, { classes: 3 }, {}).total, 0);
});

Deno.test("float32 arrays take gradients too", () => {
  const exact = { logitGradient: new Float64Array(6), boxGradient: new Float64Array(12) };
  const single = { logitGradient: new Float32Array(6), boxGradient: new Float32Array(12) };
  detectorLossInto(makeInput(), { classes: 2 }, exact);
  detectorLossInto(makeInput(), { classes: 2 }, single);
  assertEquals(single.logitGradient, new Float32Array(exact.logitGradient));
  assertEquals(single.boxGradient, new Float32Array(exact.boxGradient));
});

Deno.test("bad input is refused, and nothing is written", () => {
  const good = makeInput();
  const out = {
    logitGradient: new Float64Array(6).fill(7),
    boxGradient: new Float64Array(12).fill(7),
  };
  const bad: [Partial<DetectorLossInput>, Partial<DetectorLossSettings>, string][] = [
    [{ logits: [1] }, {}, "no rows of 2"],
    [{ logits: [1, 2, 3, 4, 5, NaN] }, {}, "logit 5"],
    [{ classTargets: [0] }, {}, "class targets"],
    [{ classTargets: [2, 0, 0, 0, 0, 0] }, {}, "class target 0"],
    [{ boxes: [1] }, {}, "the list of boxes"],
    [{ boxes: [5, 2, 1, 9, 0, 0, 4, 4, 5, 5, 9, 9] }, {}, "box 0"],
    [{ targetBoxes: [0, NaN, 10, 10, 0, 0, 0, 0, 5, 5, 8, 8] }, {}, "target box 0"],
    [{ anchorWeights: [1, 1] }, {}, "anchor weights"],
    [{ anchorWeights: [1, 1, 2] }, {}, "anchor weight 2"],
    [{}, { classes: 0 }, "columns"],
    [{}, { classGain: -1 }, "classGain"],
    [{}, { boxGain: NaN }, "boxGain"],
    [{}, { normaliser: 0 }, "normaliser"],
    [{}, { boxLoss: "eiou" as never }, "eiou"],
    [{}, { classLoss: { kind: "hinge" } as never }, "hinge"],
    [{}, { classLoss: { kind: "varifocal", gamma: -1 } }, "gamma"],
  ];
  for (const [change, settings, message] of bad) {
    assertThrows(
      () => detectorLossInto({ ...good, ...change }, { classes: 2, ...settings }, out),
      RangeError,
      message,
    );
  }
  const short = { logitGradient: new Float64Array(5) };
  assertThrows(() => detectorLossInto(good, { classes: 2 }, short), RangeError, "5 of 6");
  assertEquals(out.logitGradient.every((slope) => slope === 7), true);
  assertEquals(out.boxGradient.every((slope) => slope === 7), true);
});
