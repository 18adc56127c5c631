/*
 * The model beside itself with its head exposed, without and with a tap, on both engines; and what
 * it takes to expose a head, to get the next one ready and to change over. `compare.ts --only head`
 * measures the same in pairs, and a thousand changes in a running loop.
 */
import { ENGINE_NAMES } from "../src/engine/engine_names.ts";
import { resolveSpec } from "../src/detector/resolve_spec.ts";
import { exposeHead } from "../src/onnx/expose_head.ts";
import { findHeads } from "../src/onnx/find_heads.ts";
import { readModel } from "../src/onnx/read_model.ts";
import { benchInputs } from "./bench_inputs.ts";
import { benchSize } from "./bench_size.ts";
import { loadHeadPair } from "./head_pair.ts";

const size = benchSize();
const { main } = await benchInputs(size);
const limit = size.small ? { n: 2, warmup: 1 } : {};

for (const engine of ENGINE_NAMES) {
  const { plain, exposed, slots, head, outputs } = await loadHeadPair(main.model, engine);
  const group = `head, ${engine}`;
  Deno.bench({
    name: `the model, ${engine}`,
    group,
    baseline: true,
    ...limit,
    fn: async () => void await plain.run(),
  });
  Deno.bench({
    name: `its head exposed, ${engine}`,
    group,
    ...limit,
    fn: async () => {
      exposed.selectOutputs(outputs);
      await exposed.run();
    },
  });
  Deno.bench({
    name: `features and logits fetched, ${engine}`,
    group,
    ...limit,
    fn: async () => {
      exposed.selectOutputs(null);
      await exposed.run();
    },
  });
  const packed = head.packed();
  Deno.bench({
    name: `get the next head ready and change over, ${engine}`,
    group: `another head, ${engine}`,
    ...limit,
    fn: () => {
      slots.stage({ version: 1, packed });
      slots.commit();
    },
  });
}

const bytes = await Deno.readFile(main.model);
const model = readModel(bytes);
const { classNames } = resolveSpec(model);

Deno.bench({
  name: "find the head",
  group: "expose",
  ...limit,
  fn: () => void findHeads(model, { classCount: classNames.length }),
});
Deno.bench({
  name: "read the model, find the head and expose it",
  group: "expose",
  ...limit,
  fn: () => {
    const read = readModel(bytes);
    exposeHead(bytes, read, findHeads(read, { classCount: classNames.length }));
  },
});
