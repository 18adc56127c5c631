import { FoveaError } from "../core/errors.ts";
import type { FromWorker, Requests } from "./protocol.ts";

interface Pending {
  readonly name: keyof Requests;
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onRead: (() => void) | null;
}

let leftBusy = 0;

/**
 * How many workers of this process were ended while they were at something. Their threads may still
 * be inside a native library, which an orderly exit of the process would pull down under them.
 */
export function countBusyWorkersLeft(): number {
  return leftBusy;
}

/** One perception worker and what was asked of it; it answers in the order it is asked. */
export class WorkerChannel {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #onHead: (name: keyof Requests | null) => void;
  #nextId = 0;
  #broken: FoveaError | null = null;

  /**
   * Starts the worker.
   *
   * @param entry The program it runs.
   * @param onHead Is told what the worker begins with now, or `null` where nothing is left.
   */
  constructor(entry: URL, onHead: (name: keyof Requests | null) => void = ignore) {
    this.#onHead = onHead;
    this.#worker = new Worker(entry, { type: "module", name: "fovea perception" });
    this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#receive(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#break(`Cannot go on: the perception worker died: ${event.message}`);
    };
    this.#worker.onmessageerror = () => {
      this.#break("Cannot go on: a message of the perception worker could not be read");
    };
  }

  /** Why it cannot be asked any more; `null` where it can. */
  get broken(): FoveaError | null {
    return this.#broken;
  }

  /**
   * Asks the worker, behind everything that it was asked before.
   *
   * @param onRead Called as soon as a picture's pixels are no longer needed.
   */
  ask<Name extends keyof Requests>(
    name: Name,
    body: Requests[Name]["request"],
    transfer: Transferable[] = [],
    onRead: (() => void) | null = null,
  ): Promise<Requests[Name]["reply"]> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    const id = this.#nextId++;
    return new Promise<Requests[Name]["reply"]>((resolve, reject) => {
      this.#worker.postMessage({ id, name, body }, transfer);
      const isHead = this.#pending.size === 0;
      this.#pending.set(id, { name, resolve: resolve as (body: unknown) => void, reject, onRead });
      if (isHead) this.#onHead(name);
    });
  }

  /**
   * Ends the worker at once, whatever it does, and rejects what is under way and everything that
   * follows. What native code was doing then goes on until it is done.
   *
   * @param first What the request is rejected with that the worker is at; `reason` by default.
   */
  end(reason: FoveaError, first: FoveaError = reason): void {
    this.#worker.terminate();
    const [head] = this.#pending;
    if (head !== undefined && this.#broken === null) {
      leftBusy++;
      this.#pending.delete(head[0]);
      head[1].reject(first);
    }
    this.#refuse(reason);
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if (message.kind === "read") {
      pending.onRead?.();
      return;
    }
    this.#pending.delete(message.id);
    const [next] = this.#pending.values();
    this.#onHead(next?.name ?? null);
    if (message.kind === "reply") pending.resolve(message.body);
    else pending.reject(FoveaError.fromJSON(message.error));
  }

  #break(message: string): void {
    const hint = "Load the detector anew; if it happens again, run doctor";
    this.#refuse(new FoveaError("WORKER_CRASHED", message, { hint }));
  }

  /** Rejects what is under way and everything that follows; the first reason stays. */
  #refuse(error: FoveaError): void {
    this.#broken ??= error;
    for (const pending of this.#pending.values()) pending.reject(this.#broken);
    this.#pending.clear();
    this.#onHead(null);
  }
}

function ignore(): void {}
