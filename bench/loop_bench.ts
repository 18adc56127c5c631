/*
 * The loop beside the bare model in one process, with one and with two workers. One iteration is a
 * run over many frames; loading is not counted. `compare.ts` measures the same in pairs.
 */
import { loadDetector } from "@fovea/fovea";
import { benchInputs } from "./bench_inputs.ts";
import { benchSize } from "./bench_size.ts";
import { runLoop } from "./loop_run.ts";
import { ModelAlone } from "./model_alone.ts";

const size = benchSize();
const { main } = await benchInputs(size);
const frames = Math.min(size.frames, 120);

for (const workers of [1, 2]) {
  const group = `${frames} frames, ${workers === 1 ? "1 worker" : `${workers} workers`}`;

  Deno.bench({
    name: `the model alone, ${workers}`,
    group,
    baseline: true,
    n: size.rounds,
    warmup: 0,
    fn: async (b) => {
      using alone = await ModelAlone.load(main.model, workers);
      b.start();
      await alone.run(frames);
      b.end();
    },
  });

  Deno.bench({
    name: `the loop, ${workers}`,
    group,
    n: size.rounds,
    warmup: 0,
    fn: async (b) => {
      await using detector = await loadDetector(main.model, { workers });
      b.start();
      await runLoop(main.clip, detector, frames);
      b.end();
    },
  });
}
