// deno-lint-ignore-file no-console
/*
 * Runs the loop over a clip and tells what memory the process holds every few frames.
 *
 *   deno run -A bench/peers/memory_run.ts <clip> <model> <frames> <step>
 */
import { loadDetector, openCamera, perceive } from "@fovea/fovea";

async function main(): Promise<void> {
  const [clip, model, frames, step] = Deno.args;
  await using camera = await openCamera(clip!);
  await using detector = await loadDetector(model!);
  const samples: Record<string, number>[] = [];
  let frame = 0;
  for await (const result of perceive(camera, detector, { maxFrames: Number(frames) })) {
    if (result.kind !== "frame" || ++frame % Number(step) !== 0) continue;
    const { rss, external, heapUsed } = Deno.memoryUsage();
    samples.push({ frame, rss, external, heapUsed });
  }
  console.log(JSON.stringify(samples));
}

await main();
