import { FoveaError } from "../core/errors.ts";
import type { TrainedHead, Trainer, TrainingControl, TrainingJob } from "./trainer.ts";
import type { TrainerKind } from "./trainer_kind.ts";
import { TrainingPace } from "./training_pace.ts";
import { faultToError, type FromTrainer, postJob, type ToTrainer } from "./training_protocol.ts";

/** How a trainer is opened. */
export interface OpenTrainerOptions {
  /** What trains: `auto`, the default, is native TensorFlow where it is found, else built in. */
  readonly kind?: TrainerKind;
  /** How much of its time it may compute; all of it by default. */
  readonly pace?: TrainingPace;
}

/** A trainer on a thread of its own. */
export interface ThreadTrainer extends Trainer {
  /** Whether its thread has the lowest priority, so that it takes only what others leave. */
  readonly lowPriority: boolean;
  /** How much of its time it may compute; may be changed while it trains. */
  readonly pace: TrainingPace;
}

/**
 * Opens a trainer on a thread of its own, at the lowest priority where the system allows that, so
 * that training disturbs neither the caller nor the frames. Dispose it with `await using`.
 *
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if what is asked for is not on this machine,
 * `WORKER_CRASHED` if the thread does not start.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openTrainer } from "@fovea/fovea/refine";
 *
 * await using trainer = await openTrainer({ kind: "builtin" });
 * assertEquals(trainer.name, "builtin (wasm)");
 * assertEquals(trainer.pace.share, 1);
 * ```
 */
export async function openTrainer(options: OpenTrainerOptions = {}): Promise<ThreadTrainer> {
  const { kind = "auto", pace = new TrainingPace() } = options;
  const thread = new TrainingThread(pace);
  try {
    return await thread.open(kind);
  } catch (error) {
    await thread[Symbol.asyncDispose]();
    throw error;
  }
}

interface PendingJob {
  readonly control: TrainingControl;
  readonly resolve: (head: TrainedHead) => void;
  /** Ends the job because of the thread. */
  readonly fail: (reason: unknown) => void;
  /** Ends the job because of its user: the thread is told. */
  readonly giveUp: (reason: unknown) => void;
}

/** A trainer seen from the thread of its user. */
class TrainingThread implements ThreadTrainer {
  readonly pace: TrainingPace;
  readonly #worker: Worker;
  readonly #jobs = new Map<number, PendingJob>();
  #name = "";
  #lowPriority = false;
  #nextId = 0;
  #broken: FoveaError | null = null;
  #closing = false;
  #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();

  constructor(pace: TrainingPace) {
    this.pace = pace;
    // Nobody may be waiting for it when it fails.
    this.#opened.promise.catch(() => {});
    this.#worker = new Worker(new URL("./training_worker.ts", import.meta.url), {
      type: "module",
      name: "fovea training",
    });
    this.#worker.onmessage = ({ data }: MessageEvent<FromTrainer>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#break(`Cannot go on training: the thread died: ${event.message}`);
    };
    this.#worker.onmessageerror = () => {
      this.#break("Cannot go on training: a message of the thread could not be read");
    };
  }

  get name(): string {
    return this.#name;
  }

  get lowPriority(): boolean {
    return this.#lowPriority;
  }

  async open(kind: TrainerKind): Promise<ThreadTrainer> {
    this.#post({ kind: "open", trainer: kind, pace: this.pace.memory });
    await this.#opened.promise;
    return this;
  }

  async train(job: TrainingJob, control: TrainingControl = {}): Promise<TrainedHead> {
    if (this.#broken !== null) throw this.#broken;
    if (this.#closing) throw new FoveaError("DISPOSED", "Cannot train: the trainer is disposed");
    const { signal } = control;
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const over = new SharedArrayBuffer(4);
    const { promise, resolve, reject } = Promise.withResolvers<TrainedHead>();
    const giveUp = (reason: unknown) => {
      this.#cancel(id, over);
      reject(reason);
    };
    const onAbort = () => giveUp(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      this.#post({ kind: "train", id, job: postJob(job), over });
      this.#jobs.set(id, { control, resolve, fail: reject, giveUp });
      return await promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#jobs.delete(id);
    }
  }

  /** Ends what is under way, then the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      const error = new FoveaError("DISPOSED", "Cannot train: the trainer is disposed");
      for (const job of this.#jobs.values()) job.giveUp(error);
      if (this.#broken === null) this.#post({ kind: "close" });
      else this.#closed.resolve();
    }
    await this.#closed.promise;
    this.#worker.terminate();
  }

  /** Tells the thread that nobody wants a job any more, also while it rests. */
  #cancel(id: number, over: SharedArrayBuffer): void {
    Atomics.store(new Int32Array(over), 0, 1);
    this.pace.wake();
    if (this.#broken === null) this.#post({ kind: "abort", id });
  }

  #receive(message: FromTrainer): void {
    switch (message.kind) {
      case "open":
        this.#name = message.name;
        this.#lowPriority = message.lowPriority;
        this.#opened.resolve();
        break;
      case "refused":
        this.#opened.reject(faultToError(message.fault));
        break;
      case "step":
        void this.#tellStep(message);
        break;
      case "trained":
        this.#jobs.get(message.id)?.resolve(message.head);
        break;
      case "failed":
        this.#jobs.get(message.id)?.fail(faultToError(message.fault));
        break;
      case "closed":
        this.#closed.resolve();
        break;
    }
  }

  async #tellStep({ id, step, loss }: Extract<FromTrainer, { kind: "step" }>): Promise<void> {
    const job = this.#jobs.get(id);
    try {
      await job?.control.onStep?.(step, loss);
    } catch (error) {
      job?.giveUp(error);
      return;
    }
    if (this.#broken === null) this.#post({ kind: "go on", id });
  }

  #post(message: ToTrainer): void {
    this.#worker.postMessage(message);
  }

  #break(message: string): void {
    this.#broken ??= new FoveaError("WORKER_CRASHED", message, {
      hint: "Open a new trainer; the head that is served stays as it is",
    });
    this.#opened.reject(this.#broken);
    for (const job of this.#jobs.values()) job.fail(this.#broken);
    this.#closed.resolve();
  }
}
