import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { createTrainingKernels } from "../native/create_training_kernels.ts";
import { drawJob, JOINT_HEAD, PLAIN_HEAD } from "../../tests/support/training_jobs.ts";
import { TrainingObjective } from "./training_objective.ts";

function nothing(): void {}

for (const backend of ["typescript", "wasm"] as const) {
  Deno.test(`the gradient is the central difference of the loss, ${backend}`, async () => {
    for (const [head, classes] of [[JOINT_HEAD, [0, 1, 2, 3, 4]], [PLAIN_HEAD, [1, 3]]] as const) {
      const job = drawJob({ seed: 31, head, classes, rows: 30, replay: 30 });
      const kernels = await createTrainingKernels(backend);
      const objective = new TrainingObjective(job, kernels);
      const { parameters, gradient, plan } = objective;
      // Away from the reference, where |p - q| has no corner.
      for (let i = 0; i < plan.learning; i++) {
        if (parameters[i] !== 0) parameters[i]! += 0.05 * Math.sin(i);
      }
      objective.evaluate(true, nothing);
      const slopes = gradient.slice();
      // Small, so that hardly any |p - q| turns its corner on the way.
      const step = 2 ** -10;
      let judged = 0;
      for (let i = 0; i < plan.learning; i += 3) {
        const from = parameters[i]!;
        if (from === 0) continue;
        const losses = [step, -step].map((by) => {
          parameters[i] = from + by;
          return objective.evaluate(false, nothing).total;
        });
        parameters[i] = from;
        const difference = (losses[0]! - losses[1]!) / (2 * step);
        assertAlmostEquals(slopes[i]!, difference, 4e-3 + 0.01 * Math.abs(difference), `${i}`);
        if (Math.abs(difference) > 0.05) judged++;
      }
      assertGreater(judged, 5);
    }
  });
}

Deno.test("rows are grouped by the layers that read them, and blocks are looked at between", async () => {
  const job = drawJob({ seed: 32, rows: 300, replay: 200 });
  const objective = new TrainingObjective(job, await createTrainingKernels());
  const { groups, replayGroups, positives, replayPositives } = objective.plan;
  assertEquals(groups.reduce((sum, { count }) => sum + count, 0), 300);
  assertEquals(replayGroups.reduce((sum, { count }) => sum + count, 0), 200);
  assertEquals(positives, job.rows.target.filter((target) => target >= 0).length);
  assertEquals(replayPositives, job.replay!.target.filter((target) => target >= 0).length);
  let blocks = 0;
  objective.evaluate(true, () => void blocks++);
  const expected = [...groups, ...replayGroups]
    .reduce((sum, { count }) => sum + Math.ceil(count / 128), 0);
  assertEquals(blocks, expected);
  assertLess(groups.length, 3);
});
