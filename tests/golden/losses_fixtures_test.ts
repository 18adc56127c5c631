// Goal: every value and gradient of the shared golden figures (torchvision, PyTorch, mpmath), in
// float64 and in float32.
import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  binaryCrossEntropyInto,
  ciouLossInto,
  diceInto,
  diouLossInto,
  focalTverskyInto,
  giouLossInto,
  iouLossInto,
  type LossOut,
  qualityFocalInto,
  sigmoidFocal,
  sigmoidFocalInto,
  softmaxFocalInto,
  tverskyInto,
  varifocalInto,
} from "../../src/losses/mod.ts";
import { testWithShared } from "../support/shared.ts";

type Numbers = readonly (number | null)[] | readonly (readonly (number | null)[])[];
type Fixture = Record<string, unknown>;

/** A loss applied to inputs of one precision. */
type Run = (convert: (values: Numbers) => ArrayLike<number>, out: LossOut) => number;

async function readFixture<Shape>(path: string): Promise<Shape> {
  return JSON.parse(await Deno.readTextFile(path)) as Shape;
}

function flatten(values: Numbers): (number | null)[] {
  return (values as readonly unknown[]).flat(2) as (number | null)[];
}

/** Compares, and returns how many figures were compared; `null` where the source had none. */
function compare(
  what: string,
  got: ArrayLike<number>,
  want: Numbers,
  relative: number,
  floor: number,
): number {
  const expected = flatten(want);
  assertEquals(got.length, expected.length, what);
  let compared = 0;
  expected.forEach((value, i) => {
    const found = got[i]!;
    assert(Number.isFinite(found), `${what}[${i}] is ${found}`);
    if (value === null) return;
    const tolerance = relative * Math.max(Math.abs(value), floor);
    assert(Math.abs(found - value) <= tolerance, `${what}[${i}]: ${found} is not ${value}`);
    compared++;
  });
  return compared;
}

/** Checks one loss against its figures in both precisions. */
function checkLoss(what: string, run: Run, loss: Numbers, gradient: Numbers): number {
  const losses = flatten(loss).length;
  const gradients = flatten(gradient).length;
  const exact = { loss: new Float64Array(losses), gradient: new Float64Array(gradients) };
  const sum = run((values) => flatten(values) as number[], exact);
  const reached = exact.loss.reduce((total, value) => total + value, 0);
  assert(Math.abs(sum - reached) <= 1e-12 * Math.max(1, Math.abs(reached)), `${what}: the sum`);
  const single = { loss: new Float32Array(losses), gradient: new Float32Array(gradients) };
  run((values) => new Float32Array(flatten(values) as number[]), single);
  compare(`${what} loss, float32`, single.loss, loss, 2e-5, 1e-6);
  compare(`${what} gradient, float32`, single.gradient, gradient, 2e-5, 1e-6);
  return compare(`${what} loss`, exact.loss, loss, 1e-9, 1e-6) +
    compare(`${what} gradient`, exact.gradient, gradient, 1e-9, 1e-6);
}

interface FocalCase {
  readonly alpha: number;
  readonly gamma: number;
  readonly target?: number;
  readonly loss: Numbers;
  readonly grad: Numbers;
}

for (const name of ["sigmoid_focal", "sigmoid_focal_exact"]) {
  testWithShared(`shared figures: ${name}`, [`fixtures/${name}.json`], async ([path]) => {
    const fixture = await readFixture<
      { logits: Numbers; targets?: Numbers; cases: FocalCase[] }
    >(path);
    let compared = 0;
    for (const { alpha, gamma, target, loss, grad } of fixture.cases) {
      const targets = fixture.targets ?? fixture.logits.map(() => target!);
      const weights = { gamma, alpha: alpha < 0 ? null : alpha };
      compared += checkLoss(
        `${name} ${JSON.stringify({ alpha, gamma, target })}`,
        (convert, out) => sigmoidFocalInto(convert(fixture.logits), convert(targets), weights, out),
        loss,
        grad,
      );
    }
    assertGreater(compared, 1000);
  });
}

testWithShared("shared figures: seed", ["fixtures/seed.json"], async ([path]) => {
  interface SeedCase {
    readonly gamma: number;
    readonly alpha: number;
    readonly elements: Numbers;
    readonly mean1_sum: number;
    readonly mean: number;
    readonly sum: number;
    readonly grad_of_mean1_sum: Numbers;
  }
  const fixture = await readFixture<
    { logits: Numbers; targets: Numbers; cases: Record<string, SeedCase> }
  >(path);
  const logits = flatten(fixture.logits) as number[];
  const targets = flatten(fixture.targets) as number[];
  for (const [name, one] of Object.entries(fixture.cases)) {
    const { gamma, alpha } = one;
    const inConvention = sigmoidFocal(logits, targets, { gamma, alpha });
    compare(name, [inConvention.value], [one.mean1_sum], 1e-9, 1e-6);
    compare(name, inConvention.loss, one.elements, 1e-9, 1e-6);
    compare(name, inConvention.gradient, one.grad_of_mean1_sum, 1e-9, 1e-6);
    for (const reduction of ["sum", "mean"] as const) {
      const { value } = sigmoidFocal(logits, targets, { gamma, alpha, reduction });
      compare(`${name} ${reduction}`, [value], [one[reduction]], 1e-9, 1e-6);
    }
  }
});

testWithShared("shared figures: bce", ["fixtures/bce.json"], async ([path]) => {
  interface Figures {
    readonly loss: Numbers;
    readonly grad: Numbers;
  }
  const fixture = await readFixture<
    Figures & { logits: Numbers; targets: Numbers; pos_weight3: Figures }
  >(path);
  for (
    const [positiveWeight, { loss, grad }] of [[1, fixture], [3, fixture.pos_weight3]] as const
  ) {
    checkLoss(
      `bce, positive weight ${positiveWeight}`,
      (convert, out) =>
        binaryCrossEntropyInto(
          convert(fixture.logits),
          convert(fixture.targets),
          { positiveWeight },
          out,
        ),
      loss,
      grad,
    );
  }
});

testWithShared("shared figures: quality and varifocal", [
  "fixtures/quality_varifocal.json",
], async ([path]) => {
  interface QualityCase {
    readonly beta: number;
    readonly targets?: string;
    readonly loss: Numbers;
    readonly grad: Numbers;
  }
  interface VarifocalCase {
    readonly alpha: number;
    readonly gamma: number;
    readonly loss: Numbers;
    readonly grad_weight_detached: Numbers;
    readonly grad_through_weight: Numbers;
  }
  const fixture = await readFixture<{
    logits: Numbers;
    targets_hard: Numbers;
    targets_soft: Numbers;
    qfl: { cases: QualityCase[] };
    vfl: { cases: VarifocalCase[] };
  }>(path);
  const { logits } = fixture;
  for (const { beta, targets, loss, grad } of fixture.qfl.cases) {
    const wanted = targets === "soft" ? fixture.targets_soft : fixture.targets_hard;
    checkLoss(
      `quality focal, beta ${beta}, ${targets ?? "hard"}`,
      (convert, out) => qualityFocalInto(convert(logits), convert(wanted), { beta }, out),
      loss,
      grad,
    );
  }
  for (const one of fixture.vfl.cases) {
    for (const detachWeight of [false, true]) {
      const { alpha, gamma } = one;
      checkLoss(
        `varifocal ${JSON.stringify({ alpha, gamma, detachWeight })}`,
        (convert, out) =>
          varifocalInto(
            convert(logits),
            convert(fixture.targets_soft),
            { alpha, gamma, detachWeight },
            out,
          ),
        one.loss,
        detachWeight ? one.grad_weight_detached : one.grad_through_weight,
      );
    }
  }
});

testWithShared("shared figures: softmax focal", ["fixtures/softmax_focal.json"], async ([path]) => {
  interface SoftmaxCase {
    readonly gamma: number;
    readonly alpha: number[] | null;
    readonly loss: Numbers;
    readonly grad: Numbers;
  }
  const fixture = await readFixture<
    { logits: Numbers; targets: number[]; cases: SoftmaxCase[] }
  >(path);
  for (const { gamma, alpha, loss, grad } of fixture.cases) {
    checkLoss(
      `softmax focal, gamma ${gamma}`,
      (convert, out) =>
        softmaxFocalInto(convert(fixture.logits), fixture.targets, { gamma, alpha }, out),
      loss,
      grad,
    );
  }
});

testWithShared("shared figures: boxes", ["fixtures/boxes.json"], async ([path]) => {
  interface BoxFigures {
    readonly loss: Numbers;
    readonly grad_pred: Numbers;
  }
  const fixture = await readFixture<
    Record<"iou" | "giou" | "diou" | "ciou", BoxFigures> & {
      pred: number[][];
      target: number[][];
      pairwise_iou: number[][];
      pairwise_giou: number[][];
    }
  >(path);
  const all = { iou: iouLossInto, giou: giouLossInto, diou: diouLossInto, ciou: ciouLossInto };
  for (const [name, lossInto] of Object.entries(all)) {
    const { loss, grad_pred } = fixture[name as keyof typeof all];
    const settings = name === "iou" ? { epsilon: 0 } : {};
    checkLoss(
      name,
      (convert, out) => lossInto(convert(fixture.pred), convert(fixture.target), settings, out),
      loss,
      grad_pred,
    );
  }
  fixture.pred.forEach((predicted, row) =>
    fixture.target.forEach((target, column) => {
      const iou = 1 - iouLossInto(predicted, target, { epsilon: 0 }, {});
      compare("pairwise IoU", [iou], [fixture.pairwise_iou[row]![column]!], 1e-9, 1e-6);
      const giou = 1 - giouLossInto(predicted, target, { epsilon: 0 }, {});
      compare("pairwise GIoU", [giou], [fixture.pairwise_giou[row]![column]!], 1e-9, 1e-6);
    })
  );
});

testWithShared("shared figures: Dice and Tversky", [
  "fixtures/dice_tversky.json",
], async ([path]) => {
  interface OverlapCase {
    readonly name: "dice" | "tversky" | "focal_tversky";
    readonly input: "probs" | "logits";
    readonly alpha_fp: number;
    readonly beta_fn: number;
    readonly gamma: number;
    readonly smooth: number;
    readonly eps: number;
    readonly loss: Numbers;
    readonly grad: Numbers;
  }
  const fixture = await readFixture<
    { probs: number[][]; logits: number[][]; targets: number[][]; cases: OverlapCase[] }
  >(path);
  const all = { dice: diceInto, tversky: tverskyInto, focal_tversky: focalTverskyInto };
  for (const one of fixture.cases) {
    const settings = {
      input: one.input === "probs" ? "probabilities" : "logits",
      columns: 4,
      smooth: one.smooth,
      epsilon: one.eps,
      alpha: one.alpha_fp,
      beta: one.beta_fn,
      gamma: one.gamma,
    } as const;
    checkLoss(
      JSON.stringify({ name: one.name, ...settings }),
      (convert, out) =>
        all[one.name](convert(fixture[one.input]), convert(fixture.targets), settings, out),
      one.loss,
      one.grad,
    );
  }
});
