/*
 * The two engines beside each other on one library: next to no work, 4.9 MB in and out, and a real
 * detector. `compare.ts --only engine` measures the same in pairs.
 */
import { makeAddModel } from "./add_model.ts";
import { benchInputs } from "./bench_inputs.ts";
import { benchSize } from "./bench_size.ts";
import { loadBothEngines } from "./bound_engine.ts";

const size = benchSize();
const { main } = await benchInputs(size);
const models: readonly (readonly [string, Uint8Array])[] = [
  ["add, 4 numbers", makeAddModel([1, 4])],
  ["add, 4.9 MB", makeAddModel([1, 3, 640, 640])],
  ["detector", await Deno.readFile(main.model)],
];

for (const [group, model] of models) {
  const { ours, node } = await loadBothEngines(model);
  const limit = size.small ? { n: 2, warmup: 1 } : {};
  Deno.bench({
    name: `onnxruntime-node, ${group}`,
    group,
    baseline: true,
    ...limit,
    fn: async () => void await node.run(),
  });
  Deno.bench({
    name: `libonnxruntime, ${group}`,
    group,
    ...limit,
    fn: async () => void await ours.run(),
  });
}
