import { assertEquals } from "@std/assert";
import type { TrueObject } from "../../core/frame_truth.ts";
import { makeDetection } from "../../../tests/support/fake_result.ts";
import { matchTruth } from "./match_truth.ts";

function object(xyxyPx: TrueObject["xyxyPx"], facts: Partial<TrueObject> = {}): TrueObject {
  return {
    trackId: 1,
    classIndex: 0,
    className: "car",
    xyxyPx,
    visible: 1,
    truncated: 0,
    speedMps: 0,
    ...facts,
  };
}

const car = { className: "car" };

Deno.test("matchTruth() counts what is found, missed and false", () => {
  const truth = {
    seq: 0,
    objects: [
      object([0, 0, 40, 20]),
      object([100, 0, 140, 20]),
      object([200, 0, 240, 20], { className: "van" }),
    ],
  };
  const { there, found, falseAlarms } = matchTruth([
    makeDetection([2, 0, 42, 20], car),
    makeDetection([120, 0, 160, 20], car),
    makeDetection([200, 0, 240, 20], car),
  ], truth);
  assertEquals([...there], [["car", 2], ["van", 1]]);
  assertEquals([...found], [["car", 1]]);
  assertEquals(falseAlarms, 2);
});

Deno.test("matchTruth() gives an object to one detection, the better one", () => {
  const truth = { seq: 0, objects: [object([0, 0, 40, 20])] };
  const twice = [makeDetection([4, 0, 44, 20], car), makeDetection([0, 0, 40, 20], car)];
  const { found, falseAlarms } = matchTruth(twice, truth);
  assertEquals([found.get("car"), falseAlarms], [1, 1]);
});

Deno.test("matchTruth() takes the object that a detection overlaps most", () => {
  const truth = { seq: 0, objects: [object([0, 0, 40, 20]), object([10, 0, 50, 20])] };
  const both = [makeDetection([9, 0, 49, 20], car), makeDetection([0, 0, 40, 20], car)];
  const { found, falseAlarms } = matchTruth(both, truth);
  assertEquals([found.get("car"), falseAlarms], [2, 0]);
});

Deno.test("matchTruth() neither asks for what can hardly be seen, nor minds that it is found", () => {
  const hidden = object([0, 0, 40, 20], { visible: 0.1 });
  const tiny = object([60, 0, 64, 4]);
  const { there, found, falseAlarms } = matchTruth(
    [makeDetection([0, 0, 40, 20], car)],
    { seq: 0, objects: [hidden, tiny] },
  );
  assertEquals([there.size, found.size, falseAlarms], [0, 0, 0]);
});
