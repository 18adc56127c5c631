/* From the start of a fresh process to its first results, modules compiled before and not. */
import { benchInputs } from "./bench_inputs.ts";
import { benchSize } from "./bench_size.ts";
import { measureStart } from "./measure_start.ts";

const size = benchSize();
const { main } = await benchInputs(size);

Deno.bench({
  name: "two processes to their first detection, cold and warm",
  n: size.starts,
  warmup: 0,
  fn: async () => void await measureStart(main, { ...size, starts: 1 }),
});
