import { assertEquals, assertThrows } from "@std/assert";
import type { EvidencedLoss, EvidenceKind } from "../../core/monitor_report.ts";
import { Probation } from "./probation.ts";

function loss(
  focalLoss: number,
  evidence: Exclude<EvidenceKind, "measured"> = "consensus",
): EvidencedLoss {
  return { evidence, interval: null, focalLoss, crossEntropy: focalLoss, targets: 2 };
}

function repeat(probation: Probation, count: number, one: EvidencedLoss) {
  return Array.from({ length: count }, () => probation.observe(one)).findLast((v) => v !== null);
}

Deno.test("Probation passes a head under which the loss stays, and forgets the frames before", () => {
  const probation = new Probation(40);
  repeat(probation, 100, loss(0.4));
  probation.begin();
  assertEquals(repeat(probation, 39, loss(0.45)), undefined);
  assertEquals(probation.observe(loss(0.45))?.isWorse, false);
  probation.end();
  assertEquals(probation.isOn, false);
  probation.begin();
  // What is usual now is 0.45.
  assertEquals(repeat(probation, 20, loss(0.6)), undefined);
  assertEquals(repeat(probation, 20, loss(0.9))?.isWorse, true);
});

Deno.test("Probation compares like with like, the better evidence first", () => {
  const probation = new Probation(30);
  repeat(probation, 20, loss(0.2, "teacher"));
  repeat(probation, 20, loss(0.2, "consensus"));
  probation.begin();
  repeat(probation, 10, loss(0.2, "teacher"));
  // The tracks say that it is worse and the teacher that it is not.
  assertEquals(repeat(probation, 10, loss(2, "consensus")), undefined);
});

Deno.test("Probation does not take the scores' word, nor frames without objects", () => {
  const probation = new Probation(50);
  repeat(probation, 30, loss(0.1, "expected"));
  const empty = { evidence: null, interval: null, focalLoss: null, crossEntropy: null, targets: 0 };
  repeat(probation, 30, empty as EvidencedLoss);
  probation.begin();
  assertEquals(repeat(probation, 50, loss(5, "expected"))?.isWorse, false);
  assertThrows(() => new Probation(0), RangeError);
});
