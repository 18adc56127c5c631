import type { Fuzzer, Random } from "./fuzzer.ts";

/** Rounds up to a multiple of 64, and has a planted fault: above 2³¹ the bits wrap around. */
function alignUp(bytes: number): number {
  return (bytes + 63) & ~63;
}

/** Looks for a fault that is there: a fuzzer's machinery that does not find it finds nothing. */
export const fuzzer: Fuzzer = {
  name: "canary",
  run(random: Random, runs: number): void {
    for (let run = 0; run < runs; run++) {
      const bytes = random.int(0, 2 ** random.int(1, 32) - 1);
      const aligned = alignUp(bytes);
      if (aligned < bytes || aligned % 64 !== 0) {
        throw new Error(`alignUp(${bytes}) is ${aligned}`);
      }
    }
  },
};
