import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Xyxy } from "../../core/xyxy.ts";
import { judgeFrame } from "./judge_frame.ts";

const [CAR, VAN, PHONE] = [0, 1, 2];
const HERE: Xyxy = [0, 0, 10, 10];
const THERE: Xyxy = [50, 50, 60, 60];
const PLACE: Xyxy = [80, 80, 90, 90];

function box(classIndex: number, xyxyPx: Xyxy, score = 0.9) {
  return { classIndex, xyxyPx, score };
}

Deno.test("judgeFrame() counts hits, falses and losses by class", () => {
  const known = { targets: [box(CAR, HERE), box(VAN, THERE)], ignored: [PLACE] };
  const found = [box(CAR, HERE), box(CAR, PLACE), box(CAR, [20, 20, 30, 30]), box(VAN, THERE, 0.2)];
  const { classes } = judgeFrame("f", found, known, null);
  assertEquals(
    classes.map(({ classIndex, targets, hits, falses }) => {
      return [classIndex, targets, hits, falses];
    }),
    [[CAR, 1, 1, 1], [VAN, 1, 0, 0]],
  );
  assertAlmostEquals(
    classes[1]!.lossSum,
    0.25 * 0.8 ** 2 * -Math.log(0.2),
    1e-9,
  );
});

Deno.test("judgeFrame() judges a class that nobody looked for only on what is known", () => {
  const known = { targets: [box(CAR, HERE)], ignored: [] };
  const found = [box(PHONE, HERE), box(PHONE, THERE)];
  const phones = (judged: ReadonlySet<number> | null) =>
    judgeFrame("f", found, known, judged).classes.find((one) => one.classIndex === PHONE)!.falses;
  assertEquals([phones(new Set([CAR, VAN])), phones(null)], [1, 2]);
});

Deno.test("judgeFrame() counts a second detection of the same object as false", () => {
  const known = { targets: [box(CAR, HERE)], ignored: [] };
  const { classes } = judgeFrame("f", [box(CAR, HERE), box(CAR, [0, 0, 10, 11], 0.5)], known, null);
  assertEquals([classes[0]!.hits, classes[0]!.falses], [1, 1]);
});
