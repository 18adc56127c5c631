// deno-lint-ignore-file no-console
/*
 * The same job as plain_deno.ts, through fovea's public interface.
 *
 *   deno run -A bench/peers/fovea_loop.ts <clip> <model> [--threads N] [--workers N] [--frames N]
 */
import { loadDetector, openCamera, perceive } from "@fovea/fovea";

function readFlag(name: string, otherwise: number): number {
  const index = Deno.args.indexOf(`--${name}`);
  return index < 0 ? otherwise : Number(Deno.args[index + 1]);
}

async function main(): Promise<void> {
  const [clip, model] = Deno.args;
  await using camera = await openCamera(clip!);
  await using detector = await loadDetector(model!, {
    threads: readFlag("threads", 1),
    workers: readFlag("workers", 1),
    // As the plain script has it, whatever the model's manifest says: the same work for both.
    confidence: 0.25,
  });
  const finishedMs: number[] = [];
  let detections = 0;
  const maxFrames = readFlag("frames", Number.MAX_SAFE_INTEGER);
  for await (const result of perceive(camera, detector, { maxFrames })) {
    if (result.kind !== "frame") continue;
    detections += result.detections.length;
    finishedMs.push(performance.now());
  }
  console.log(JSON.stringify({ detections, finishedMs }));
}

await main();
