// Consensus targets and object-level losses as the prototypes that define them compute them.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Consensus } from "../../src/monitor/consensus.ts";
import { matchObjects, objectLoss } from "../../src/monitor/object_loss.ts";
import type { TargetBox } from "../../src/monitor/target_box.ts";
import golden from "./monitor_golden.json" with { type: "json" };

function sorted(boxes: readonly (readonly number[])[]): number[][] {
  return boxes.map((box) => [...box]).sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
}

function assertBoxes(found: readonly (readonly number[])[], wanted: readonly number[][]): void {
  assertEquals(found.length, wanted.length);
  const [a, b] = [sorted(found), sorted(wanted)];
  for (const [i, box] of a.entries()) {
    for (const [k, value] of box.entries()) assertAlmostEquals(value, b[i]![k]!, 0.01);
  }
}

function rowOf({ xyxyPx, classIndex }: TargetBox): number[] {
  return [...xyxyPx, classIndex];
}

for (const [index, sequence] of golden.sequences.entries()) {
  Deno.test(`sequence ${index}: targets by the past, targets by a lag, losses`, () => {
    const consensus = new Consensus();
    for (const [t, frame] of sequence.entries()) {
      const detections = frame.detections.map(([x1, y1, x2, y2, score, classIndex]) => ({
        xyxyPx: [x1!, y1!, x2!, y2!] as const,
        score: score!,
        classIndex: classIndex!,
      }));
      consensus.observe(detections, golden.width, golden.height);
      const known = consensus.targets();
      assertBoxes(known.targets.map(rowOf), frame.targets);
      assertBoxes(known.ignored, frame.ignored);
      const matches = matchObjects(detections, known);
      for (const [i, gamma] of golden.gammas.entries()) {
        assertAlmostEquals(objectLoss(matches, gamma).value, frame.losses[i]!, 1e-4);
      }
      if (t < 8) continue;
      const late = consensus.targets(8).targets;
      assertBoxes(
        late.map(({ xyxyPx }) => xyxyPx),
        sequence[t - 8]!.lateTargets.map((b) => b.slice(0, 4)),
      );
    }
  });
}
