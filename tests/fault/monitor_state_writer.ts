// Watches a made-up street and keeps the state in a file at every frame, as fast as it can; prints
// the frame after each write. A process of its own, because it is killed.
import { formatMonitorState, parseMonitorState } from "../../src/monitor/monitor_state.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import {
  readTextIfThere,
  removeLeftovers,
  writeWholeFile,
} from "../../src/storage/write_whole_file.ts";
import { driftedAt, frameAt, STREET } from "../support/monitor_frames.ts";

async function main(path: string): Promise<void> {
  const text = await readTextIfThere(path);
  const state = text === null ? null : parseMonitorState(text, path);
  await removeLeftovers(path);
  const monitor = new Monitor(STREET, { warmUpFrames: 50, state });
  const first = 1 + (state?.frames.at(-1)?.seq ?? -1);
  for (let seq = first;; seq++) {
    monitor.observe(seq % 400 < 350 ? frameAt(seq) : driftedAt(seq));
    if (monitor.state === null) continue;
    await writeWholeFile(path, formatMonitorState(monitor.state));
    await Deno.stdout.write(new TextEncoder().encode(`${seq}\n`));
  }
}

if (import.meta.main) await main(Deno.args[0]!);
