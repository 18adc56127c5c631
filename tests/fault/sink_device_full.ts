// Writes to a device that is always full, again and again, and prints what it saw. A process of
// its own, because only a program that may do everything may touch /dev/full and /proc.
import { FoveaError } from "../../src/core/errors.ts";
import { openSink } from "../../src/sink/open_sink.ts";
import { makeFrame } from "../support/fake_frame.ts";
import { makeResult } from "../support/fake_result.ts";

const ROUNDS = 20;
const DEVICE = "/dev/full";

/** Counts descriptors of the full device only: the runtime opens files of its own at any time. */
function countOpenOutputs(): number {
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`) === DEVICE;
    } catch {
      return false; // The descriptor that listed the folder.
    }
  }).length;
}

async function writeUntilFull(path: string): Promise<FoveaError> {
  await using sink = await openSink(path);
  using frame = makeFrame({ format: "i420", width: 64, height: 48 });
  try {
    for (let seq = 0; seq < 100; seq++) await sink.write(makeResult({ seq }), frame);
  } catch (error) {
    if (error instanceof FoveaError) return error;
    throw error;
  }
  throw new Error("a full device took everything");
}

async function main(path: string): Promise<void> {
  // Shows that an open output would be counted.
  const held = await Deno.open(path, { write: true });
  const openWithOneHeld = countOpenOutputs();
  held.close();
  const errors = [];
  for (let round = 0; round < ROUNDS; round++) errors.push((await writeUntilFull(path)).toJSON());
  const report = { errors, openWithOneHeld, openAfter: countOpenOutputs() };
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
}

if (import.meta.main) await main(Deno.args[0]!);
