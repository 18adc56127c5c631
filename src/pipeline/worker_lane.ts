import { FoveaError } from "../core/errors.ts";
import type { Arena, Frame } from "../core/frame.ts";
import type { StagedHead } from "./head_slots.ts";
import type { InferWish, Lane } from "./lane.ts";
import type { FromWorker, InferReply, LoadReply, LoadRequest, Requests } from "./protocol.ts";
import { regionBytes } from "./region.ts";

interface Pending {
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onRead: (() => void) | null;
}

interface Attachment {
  readonly arenaId: number;
  readonly byteOffset: number;
  readonly sourceWidthMax: number;
}

/** Sources are attached for at least this width, so that small changes do not attach anew. */
const SOURCE_WIDTH_MIN = 1920;

/**
 * A {@linkcode Lane} in a perception worker: one OS thread with an engine, kernels and an adapter
 * of its own. Requests are answered in the order they were made.
 */
export class WorkerLane implements Lane {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #attachments = new Map<Arena, Attachment>();
  #loaded: LoadReply | null = null;
  #inFlight = 0;
  #nextId = 0;
  #nextArenaId = 0;
  #broken: FoveaError | null = null;

  /** Starts the worker; `entry` is the program it runs, the perception worker by default. */
  constructor(entry: URL = new URL("./perception_worker.ts", import.meta.url)) {
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

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Loads the detector; the model's bytes are transferred and gone afterwards. */
  async load(request: LoadRequest): Promise<LoadReply> {
    const models = [request.model, ...request.head === null ? [] : [request.head.model]];
    const buffers = models.map(({ buffer }) => buffer as ArrayBuffer);
    this.#loaded = await this.#ask("load", request, buffers);
    return this.#loaded;
  }

  async infer(frame: Frame, wanted: InferWish): Promise<InferReply> {
    this.#inFlight++;
    try {
      const { arenaId } = this.#attach(frame);
      const memoryBytes = frame.arena.buffer.byteLength;
      const { picture, seq } = frame;
      const body = { arenaId, memoryBytes, picture, seq, ...wanted };
      return await this.#ask("infer", body, [], () => frame[Symbol.dispose]());
    } finally {
      this.#inFlight--;
      frame[Symbol.dispose]();
    }
  }

  async stageHead(head: StagedHead): Promise<void> {
    await this.#ask("stageHead", head);
  }

  commitHead(): Promise<number> {
    return this.#ask("commitHead", null);
  }

  measure(runs: number): Promise<readonly number[]> {
    return this.#ask("measure", { runs });
  }

  async detach(arena: Arena): Promise<void> {
    const attachment = this.#attachments.get(arena);
    if (attachment === undefined) return;
    this.#attachments.delete(arena);
    if (this.#broken === null) await this.#ask("detach", { arenaId: attachment.arenaId });
    arena.free(attachment.byteOffset);
  }

  /** Ends the worker at once, whatever it does, and rejects what is under way. */
  abandon(): void {
    this.#worker.terminate();
    this.#refuse(new FoveaError("DISPOSED", "Cannot use the detector: it was given up"));
  }

  /** Frees the engine and ends the worker. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#broken === null) {
      for (const arena of [...this.#attachments.keys()]) await this.detach(arena);
      await this.#ask("dispose", null);
    }
    this.#worker.terminate();
    this.#refuse(new FoveaError("DISPOSED", "Cannot use the detector: it is disposed"));
  }

  #attach(frame: Frame): Attachment {
    const { arena, picture } = frame;
    const known = this.#attachments.get(arena);
    if (known !== undefined && known.sourceWidthMax >= picture.width) return known;
    if (this.#loaded === null) throw new TypeError("Cannot run a frame before the model is loaded");
    const sourceWidthMax = Math.max(picture.width, SOURCE_WIDTH_MIN);
    const byteOffset = arena.allocate(regionBytes(this.#loaded, sourceWidthMax));
    const attachment = {
      arenaId: known?.arenaId ?? this.#nextArenaId++,
      byteOffset,
      sourceWidthMax,
    };
    this.#attachments.set(arena, attachment);
    const memoryBytes = arena.buffer.byteLength;
    this.#ask("attach", { ...attachment, memory: arena.memory, memoryBytes }).then(() => {
      // Only now has the worker finished the pictures that used the old region.
      if (known !== undefined) arena.free(known.byteOffset);
    }, () => {
      // The same error reaches the frame that follows in the worker's queue.
    });
    return attachment;
  }

  #ask<Name extends keyof Requests>(
    name: Name,
    body: Requests[Name]["request"],
    transfer: Transferable[] = [],
    onRead: (() => void) | null = null,
  ): Promise<Requests[Name]["reply"]> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    const id = this.#nextId++;
    return new Promise<Requests[Name]["reply"]>((resolve, reject) => {
      this.#worker.postMessage({ id, name, body }, transfer);
      this.#pending.set(id, { resolve: resolve as (body: unknown) => void, reject, onRead });
    });
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if (message.kind === "read") {
      pending.onRead?.();
      return;
    }
    this.#pending.delete(message.id);
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
  }
}
