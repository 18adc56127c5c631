import type { RenderJob } from "./render_plan.ts";
import type { RenderReply } from "./render_worker.ts";

/** Workers that draw jobs side by side. */
export class RenderPool implements AsyncDisposable {
  readonly #workers: Worker[];

  /** Starts workers. */
  constructor(count: number) {
    this.#workers = Array.from(
      { length: count },
      () => new Worker(new URL("./render_worker.ts", import.meta.url), { type: "module" }),
    );
  }

  /** Draws all jobs and hands over their frames, one job at a time, in the order they are done. */
  async renderAll(
    jobs: readonly RenderJob[],
    size: { readonly width: number; readonly height: number },
    take: (job: RenderJob, reply: RenderReply) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    let taking: Promise<void> = Promise.resolve();
    await Promise.all(this.#workers.map(async (worker) => {
      while (next < jobs.length) {
        const job = jobs[next++]!;
        const reply = await ask(worker, job, size);
        taking = taking.then(() => take(job, reply));
        await taking;
      }
    }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) worker.terminate();
    return Promise.resolve();
  }
}

function ask(
  worker: Worker,
  job: RenderJob,
  size: { readonly width: number; readonly height: number },
): Promise<RenderReply> {
  return new Promise((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<RenderReply>) => resolve(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot draw seed ${job.seed}: ${event.message}`));
    };
    worker.postMessage({ job, size });
  });
}
