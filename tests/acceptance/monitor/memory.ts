import { type Figure, figureOf } from "../../../bench/figure.ts";
import type { Target } from "./target.ts";

const SCRIPT = new URL("./memory_run.ts", import.meta.url).pathname;
const MB = 2 ** 20;

/** What a monitor holds after 5,000 and after 20,000 frames, in a process of its own. */
export const memory: Target<readonly []> = {
  name: "memory",
  needs: [],
  async measure(): Promise<readonly Figure[]> {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--v8-flags=--expose-gc", SCRIPT],
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`Cannot measure memory: ${decoder.decode(stderr)}`);
    const { early, late } = JSON.parse(decoder.decode(stdout)) as { early: number; late: number };
    return [
      figureOf("memory.growth", "monitor, heap, frame 5000 to 20000", "MB", [(late - early) / MB], {
        kind: "at most",
        bound: 0.5,
      }),
    ];
  },
};
