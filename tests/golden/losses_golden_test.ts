// Goal: numbers from programs that share no code with fovea. losses_golden.py made them.
import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  binaryCrossEntropyInto,
  ciouLossInto,
  diceInto,
  diouLossInto,
  type FocalConventionName,
  focalTverskyInto,
  giouLossInto,
  type LossOut,
  qualityFocalInto,
  sigmoidFocal,
  sigmoidFocalInto,
  type SigmoidFocalOptions,
  softmaxFocalInto,
  tverskyInto,
  varifocalInto,
} from "../../src/losses/mod.ts";

interface GoldenCase {
  readonly name: string;
  readonly settings: Record<string, never>;
  readonly logits: string;
  readonly targets: string;
  readonly target: number;
  readonly loss: string;
  readonly gradient: string;
}

interface Golden {
  readonly elements: readonly GoldenCase[];
  readonly softmax: readonly GoldenCase[];
  readonly overlaps: readonly GoldenCase[];
  readonly boxes: readonly (GoldenCase & { readonly predicted: string; readonly target: string })[];
  readonly conventions: {
    readonly columns: number;
    readonly logits: string;
    readonly targets: string;
    readonly cases: readonly {
      readonly convention: FocalConventionName;
      readonly settings: SigmoidFocalOptions;
      readonly value: number;
      readonly gradient: string;
    }[];
  };
}

const golden = JSON.parse(
  await Deno.readTextFile(new URL("./losses_golden.json", import.meta.url)),
) as Golden;

/** A loss of scores, whose settings are what stands in the file. */
type ElementLossInto = (
  logits: readonly number[],
  targets: readonly number[],
  settings: never,
  out: LossOut,
) => number;

const ELEMENTS: Readonly<Record<string, ElementLossInto>> = {
  sigmoidFocal: sigmoidFocalInto,
  qualityFocal: qualityFocalInto,
  varifocal: varifocalInto,
  binaryCrossEntropy: binaryCrossEntropyInto,
};
const OVERLAPS: Readonly<Record<string, typeof diceInto>> = {
  dice: diceInto,
  tversky: tverskyInto,
  focalTversky: focalTverskyInto,
};
const BOXES: Readonly<Record<string, typeof giouLossInto>> = {
  giouLoss: giouLossInto,
  diouLoss: diouLossInto,
  ciouLoss: ciouLossInto,
};

/** Numbers from a string, as they stand in the file. */
function numbers(text: string): number[] {
  return text.split(" ").map(Number);
}

/** What may differ: a share of the expected figure, or of the floor where that is larger. */
interface Tolerance {
  readonly relative: number;
  readonly floor: number;
}

/** Below the smallest normal number a float64 has fewer digits than the share asks for. */
const EXACT: Tolerance = { relative: 1e-12, floor: 1e-295 };
/** PyTorch subtracts areas in float64, which leaves 1e-16 of them, not of the difference. */
const AS_FLOAT64: Tolerance = { relative: 1e-12, floor: 1e-3 };

function assertClose(
  what: string,
  got: ArrayLike<number>,
  text: string,
  { relative, floor }: Tolerance,
): void {
  const want = numbers(text);
  assertEquals(got.length, want.length, what);
  want.forEach((expected, i) => {
    const tolerance = relative * Math.max(Math.abs(expected), floor);
    assert(
      Math.abs(got[i]! - expected) <= tolerance,
      `${what}[${i}]: ${got[i]} is not ${expected}`,
    );
  });
}

/** Compares losses and gradients of both precisions with the figures. */
function checkCase(one: GoldenCase, run: (out: LossOut) => number, tolerance = EXACT): void {
  const what = `${one.name} ${JSON.stringify(one.settings)} ${one.target ?? ""}`;
  const [losses, gradients] = [numbers(one.loss).length, numbers(one.gradient).length];
  const out = { loss: new Float64Array(losses), gradient: new Float64Array(gradients) };
  const sum = run(out);
  assertClose(`${what} loss`, out.loss, one.loss, tolerance);
  assertClose(`${what} gradient`, out.gradient, one.gradient, tolerance);
  assertEquals(sum, out.loss.reduce((total, value) => total + value, 0), what);
  const single = { loss: new Float32Array(losses), gradient: new Float32Array(gradients) };
  run(single);
  assertEquals(single.loss, new Float32Array(out.loss), what);
  assertEquals(single.gradient, new Float32Array(out.gradient), what);
}

Deno.test("losses of scores are what mpmath computes with many digits", () => {
  assertGreater(golden.elements.length, 30);
  for (const one of golden.elements) {
    const logits = numbers(one.logits);
    const targets = logits.map(() => one.target);
    checkCase(one, (out) => ELEMENTS[one.name]!(logits, targets, one.settings as never, out));
  }
});

Deno.test("softmax focal loss is what mpmath computes with many digits", () => {
  for (const one of golden.softmax) {
    const [logits, targets] = [numbers(one.logits), numbers(one.targets)];
    checkCase(one, (out) => softmaxFocalInto(logits, targets, one.settings, out));
  }
});

Deno.test("losses of masks are what mpmath computes with many digits", () => {
  for (const one of golden.overlaps) {
    const [logits, targets] = [numbers(one.logits), numbers(one.targets)];
    checkCase(one, (out) => OVERLAPS[one.name]!(logits, targets, one.settings, out));
  }
});

Deno.test("losses of boxes are torchvision's", () => {
  for (const one of golden.boxes) {
    const [predicted, target] = [numbers(one.predicted), numbers(one.target)];
    checkCase(one, (out) => BOXES[one.name]!(predicted, target, {}, out), AS_FLOAT64);
  }
});

Deno.test("conventions give the value and gradient of their libraries", () => {
  const { columns, cases } = golden.conventions;
  const [logits, targets] = [golden.conventions.logits, golden.conventions.targets].map(numbers);
  for (const { convention, settings, value, gradient } of cases) {
    const what = `${convention} ${JSON.stringify(settings)}`;
    const found = sigmoidFocal(logits!, targets!, { ...settings, convention, columns });
    assertClose(what, [found.value], String(value), EXACT);
    assertClose(what, found.gradient, gradient, EXACT);
  }
});
