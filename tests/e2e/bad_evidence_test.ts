import { assert, assertEquals } from "@std/assert";
import { ADVERSARIES } from "../acceptance/refine/adversary.ts";
import { runTrials } from "../acceptance/refine/adversarial_trials.ts";
import { testWithShared } from "../support/shared.ts";

// A trial of each kind; `deno task accept:refine adversaries` makes two hundred.
testWithShared(
  "no head learnt from bad evidence does harm, and a gate fed its own labels would be fooled",
  [
    "models/yolox_nano_416x416.onnx",
    "media/bottle-detection.mp4",
    "media/truth/bottle-detection.coco.json",
    "coco64/images",
    "coco64/instances.json",
  ],
  async ([model, video, truth, images, instances]) => {
    const files = { model, video, truth, images, instances };
    const rows = await runTrials(files, { trials: ADVERSARIES.length, every: 2 });
    const [honest, fooled] = rows.slice(-2);
    for (const { how, harmful } of rows.slice(0, -2)) assertEquals([how, harmful], [how, 0]);
    const of = (how: string) => rows.find((row) => row.how === how)!;
    for (const how of ["random boxes", "other class", "one scene, other class"]) {
      assertEquals(of(how).accepted, 0, how);
    }
    assertEquals(of("NaN features").refused, 1);
    assertEquals(honest!.accepted, 1);
    assert(fooled!.accepted === 1 && fooled!.harmful === 1);
  },
);
