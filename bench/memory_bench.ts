/* Memory over a long clip: fails where it grows by more than the target. */
import { benchInputs } from "./bench_inputs.ts";
import { benchSize } from "./bench_size.ts";
import { isMet } from "./figure.ts";
import { measureMemory } from "./measure_memory.ts";

const size = benchSize();
const { long } = await benchInputs(size);

Deno.bench({
  name: `memory stays flat from frame ${size.memoryFrom} to ${size.memoryTo}`,
  n: 1,
  warmup: 0,
  fn: async () => {
    const missed = (await measureMemory(long, size)).filter((figure) => isMet(figure) === false);
    if (missed.length > 0 && !size.small) {
      throw new Error(
        missed.map(({ what, value, unit }) => `${what}: ${value} ${unit}`).join("; "),
      );
    }
  },
});
