/**
 * Trains with a native package and with the built-in trainer, compares both, and prints a
 * {@linkcode BindingCheck} as JSON.
 *
 *     deno run … tools/tensorflow/check_binding.ts <folder with node_modules> <package>
 */
import { BuiltinTrainer, TensorFlowTrainer, type Trainer } from "../../src/refine/mod.ts";
import type { TensorFlowPackage, TrainingJob } from "../../src/refine/mod.ts";
import { drawFullJob } from "../../tests/support/training_jobs.ts";

/** What training with a binding showed. */
export interface BindingCheck {
  /** What computed, with versions. */
  readonly name: string;
  /** Rows of the job that the times are for. */
  readonly rows: number;
  /** The fastest step with the binding, in milliseconds. */
  readonly stepMs: number;
  /** The fastest step of the built-in trainer, in milliseconds. */
  readonly builtinStepMs: number;
}

/** Losses may differ by this share of the first one. */
const TOLERANCE = 1e-3;
const STEPS = 60;

async function main([folder, name]: readonly string[]): Promise<void> {
  const job = drawFullJob(STEPS);
  await using native = await TensorFlowTrainer.create({
    packages: [name as TensorFlowPackage],
    folder: folder!,
  });
  await using builtin = await BuiltinTrainer.create();
  const own = await measure(native, job);
  const other = await measure(builtin, job);
  const apart = Math.max(...own.losses.map((loss, i) => Math.abs(loss - other.losses[i]!)));
  if (!(apart <= TOLERANCE * other.losses[0]!)) {
    throw new Error(`error: its losses are ${own.losses}, and should be ${other.losses}`);
  }
  const check: BindingCheck = {
    name: native.name,
    rows: job.rows.count + job.replay!.count,
    stepMs: own.stepMs,
    builtinStepMs: other.stepMs,
  };
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(check)}\n`));
}

async function measure(
  trainer: Trainer,
  job: TrainingJob,
): Promise<{ readonly losses: readonly number[]; readonly stepMs: number }> {
  let stepMs = Infinity;
  let before = performance.now();
  const { losses } = await trainer.train(job, {
    onStep: () => {
      const now = performance.now();
      stepMs = Math.min(stepMs, now - before);
      before = now;
    },
  });
  return { losses: losses.map(({ total }) => total), stepMs };
}

if (import.meta.main) await main(Deno.args);
