// Draws frames of synthetic:street with their boxes for training and judging detectors.
//
//   deno run --allow-read --allow-write models/training/render.ts --out FOLDER/train \
//     --seeds 1:150 --per-seed 24 --size 640x384 --weather clear,clear,night:1,fog:1+blur:1
//
// models/training/README.md says what the two files hold and how NumPy reads them.
//
// deno-lint-ignore-file no-console -- it is a command
import { parseArgs } from "node:util";
import { RenderPool } from "./render_pool.ts";
import { planRender, type RenderPlan } from "./render_plan.ts";

/** What every number of a row of boxes means. */
const COLUMNS = [
  "image",
  "class",
  "x1",
  "y1",
  "x2",
  "y2",
  "visible",
  "truncated",
  "ignore",
  "track",
] as const;

const USAGE = `render.ts --out PATH [options]
  --out PATH        writes PATH.rgb and PATH.json
  --seeds A:B       streets, from seed A to B; 1:50
  --per-seed N      frames of each street and weather; 20
  --stride N        frames between two that are taken; 61
  --size WxH        size of the pictures; 640x384
  --weather LIST    kinds with severities, "clear" for none, "+" joins two; clear
  --density X       amount of traffic, or "mixed": each street its own; mixed
  --tractors        let the class "tractor" come in
  --workers N       threads; as many as there are cores`;

async function main(args: readonly string[]): Promise<number> {
  let plan: RenderPlan;
  try {
    plan = planRender(readFlags(args));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const { out, width, height, jobs, count } = plan;
  const bytes = 3 * width * height;
  const boxes: number[][] = [];
  const images: { seed: number; seq: number; weather: string }[] = new Array(count);
  using file = await Deno.open(`${out}.rgb`, { write: true, create: true, truncate: true });
  await using pool = new RenderPool(plan.workers);
  let done = 0;
  await pool.renderAll(jobs, { width, height }, async (job, reply) => {
    await file.seek(job.first * bytes, Deno.SeekMode.Start);
    for (let written = 0; written < reply.pixels.length;) {
      written += await file.write(reply.pixels.subarray(written));
    }
    job.seqs.forEach((seq, i) => {
      images[job.first + i] = { seed: job.seed, seq, weather: job.weather };
    });
    for (const [i, ...rest] of reply.boxes) boxes.push([job.first + i!, ...rest]);
    done += job.seqs.length;
    console.error(`${done} of ${count} frames`);
  });
  boxes.sort((a, b) => a[0]! - b[0]!);
  const classes = plan.classNames;
  const description = { count, height, width, classes, columns: COLUMNS, images, boxes };
  await Deno.writeTextFile(`${out}.json`, JSON.stringify(description));
  console.error(`${out}.rgb: ${count * bytes} bytes; ${out}.json: ${boxes.length} boxes`);
  return 0;
}

function readFlags(args: readonly string[]): Record<string, string | boolean | undefined> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: text,
      seeds: text,
      "per-seed": text,
      stride: text,
      size: text,
      weather: text,
      density: text,
      tractors: { type: "boolean" },
      workers: text,
    },
  });
  return values;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
