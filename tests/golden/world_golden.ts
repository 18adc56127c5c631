// Writes world_golden.json: the hashes of the frames that synthetic:street draws.
//
//   deno run --allow-write tests/golden/world_golden.ts
//
// Run it only after a change that is meant to change the pictures, and say so in the commit.
import { StreetWorld, type WorldOptions } from "../../src/world/mod.ts";

/** Frames of one world, hashed together. */
export interface WorldCase {
  /** What is drawn. */
  readonly options: WorldOptions;
  /** Numbers of the frames, in the order in which they are drawn. */
  readonly seqs: readonly number[];
}

/** SHA-256 of a case's frames as RGB bytes, one after the other, in hexadecimal. */
export async function hashFrames({ options, seqs }: WorldCase): Promise<string> {
  const world = new StreetWorld(options);
  const { width, height } = world.settings;
  const bytes = 3 * width * height;
  const frames = new Uint8Array(bytes * seqs.length);
  seqs.forEach((seq, i) => world.renderRgb(seq, frames.subarray(bytes * i, bytes * (i + 1))));
  const digest = await crypto.subtle.digest("SHA-256", frames);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The cases whose hashes are kept. */
export function listCases(): Record<string, WorldCase> {
  const hundred = Array.from({ length: 100 }, (_, seq) => seq);
  const cases: Record<string, WorldCase> = {};
  for (const seed of [1, 2, 3]) cases[`seed ${seed}`] = { options: { seed }, seqs: hundred };
  const kinds = ["night", "fog", "rain", "blur", "noise", "dirt", "moved"] as const;
  for (const kind of kinds) {
    const weather = [{ kind, severity: 3, fromFrame: 2 } as const];
    const options = { seed: 5, width: 160, height: 96, weather };
    cases[`${kind}:3@2`] = { options, seqs: [0, 1, 2, 3, 700, 20_000] };
  }
  const newClasses = [{ className: "tractor", fromFrame: 0 } as const];
  const options = { seed: 8, width: 200, height: 120, fps: 30, density: 2, newClasses };
  cases["tractors"] = { options, seqs: [900, 30, 1_000_000] };
  return cases;
}

async function main(): Promise<void> {
  const hashes: Record<string, string> = {};
  for (const [name, one] of Object.entries(listCases())) hashes[name] = await hashFrames(one);
  const path = new URL("./world_golden.json", import.meta.url);
  await Deno.writeTextFile(path, `${JSON.stringify(hashes, null, 2)}\n`);
}

if (import.meta.main) await main();
