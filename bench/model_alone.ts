/** Main isolate to worker. */
export type AloneRequest =
  | { readonly kind: "load"; readonly model: string; readonly threads: number }
  | { readonly kind: "run"; readonly runs: number };

/** Worker to main isolate: how long each run took, in milliseconds. */
export interface AloneReply {
  readonly runMs: readonly number[];
}

/** What running a model with nothing around it gave. */
export interface AloneRun {
  /** Runs per second of wall time, all workers together. */
  readonly fps: number;
  /** Time of each run, in milliseconds. */
  readonly runMs: readonly number[];
}

/**
 * The limit that the loop is compared with: `workers` threads, each with a session of its own,
 * that run the bare model on a fixed input at the same time.
 */
export class ModelAlone implements Disposable {
  readonly #workers: readonly Worker[];

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
  }

  /** Loads the model at `path` into each worker and runs it once. */
  static async load(path: string, workers: number, threads = 1): Promise<ModelAlone> {
    const alone = new ModelAlone(
      Array.from(
        { length: workers },
        () => new Worker(new URL("./model_alone_worker.ts", import.meta.url), { type: "module" }),
      ),
    );
    const request: AloneRequest = { kind: "load", model: path, threads };
    await Promise.all(alone.#workers.map((worker) => ask(worker, request)));
    return alone;
  }

  /** Runs the model `runs` times in total, shared out evenly. */
  async run(runs: number): Promise<AloneRun> {
    const each = Math.ceil(runs / this.#workers.length);
    const startedMs = performance.now();
    const replies = await Promise.all(
      this.#workers.map((worker) => ask(worker, { kind: "run", runs: each })),
    );
    const seconds = (performance.now() - startedMs) / 1000;
    const runMs = replies.flatMap((reply) => reply.runMs);
    return { fps: runMs.length / seconds, runMs };
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

function ask(worker: Worker, request: AloneRequest): Promise<AloneReply> {
  return new Promise((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<AloneReply>) => resolve(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot run the model alone: ${event.message}`));
    };
    worker.postMessage(request);
  });
}
