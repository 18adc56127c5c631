// deno-lint-ignore-file no-console
// Appends frames to a replay buffer until it is killed or has written enough, and prints what was
// kept. Frames go on from the last one in the buffer, so that each has its own number.
import { FoveaError } from "../../src/core/errors.ts";
import { ReplayBuffer } from "../../src/refine/replay_buffer.ts";
import { makeReplayRows, REPLAY_LAYOUT, REPLAY_MODEL } from "../support/replay_frames.ts";

async function main([folder, bytesMax, frames]: readonly string[]): Promise<void> {
  await using buffer = await ReplayBuffer.open(folder!, {
    model: REPLAY_MODEL,
    layout: REPLAY_LAYOUT,
    bytesMax: Number(bytesMax),
  });
  const known = [...buffer.frames("clean"), ...buffer.frames("drifted")];
  const first = known.reduce((next, { meta }) => Math.max(next, Number(meta.seq) + 1), 0);
  console.log("open");
  for (let seq = first; seq < first + Number(frames); seq++) {
    try {
      const stratum = seq % 3 === 0 ? "drifted" : "clean";
      await buffer.append(stratum, makeReplayRows(seq), { seq });
      console.log(`kept ${seq}`);
    } catch (error) {
      if (!(error instanceof FoveaError)) throw error;
      console.log(`${error.code} ${seq} of ${buffer.frames("clean").length}`);
    }
  }
  console.log("done");
  // Only being killed, or the end of its input, ends it.
  for await (const _ of Deno.stdin.readable) continue;
}

if (import.meta.main) await main(Deno.args);
