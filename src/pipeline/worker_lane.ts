import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Arena, Frame } from "../core/frame.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import type { LocatedEngine } from "../engine/locate_engine.ts";
import { HangWatch } from "./hang_watch.ts";
import type { StagedHead } from "./head_slots.ts";
import type { InferWish, Lane } from "./lane.ts";
import type { InferReply, LoadReply, LoadRequest, LocateRequest } from "./protocol.ts";
import { regionBytes } from "./region.ts";
import { WorkerChannel } from "./worker_channel.ts";

interface Attachment {
  readonly arenaId: number;
  readonly byteOffset: number;
  readonly sourceWidthMax: number;
}

/** What a lane does about a worker that does not answer. */
export interface LaneGuard {
  /** How long one picture may take, in milliseconds. */
  readonly limitMs: number;
  /** Where time comes from. */
  readonly clock: Clock;
  /** What the next worker is loaded with. */
  readonly reload: () => LoadRequest;
  /** The head that is served now; `null` where none is exposed. */
  readonly head: () => HeadWeights | null;
  /** Is told when a worker is replaced, and why. */
  readonly tell: (error: FoveaError) => void;
}

/** Sources are attached for at least this width, so that small changes do not attach anew. */
const SOURCE_WIDTH_MIN = 1920;
/** Workers in a row that may hang before the lane is given up. */
const HANGS_MAX = 3;

const PERCEPTION_WORKER = new URL("./perception_worker.ts", import.meta.url);

/**
 * A {@linkcode Lane} in a perception worker: one OS thread with an engine, kernels and an adapter
 * of its own. Requests are answered in the order they were made.
 *
 * With a {@linkcode LaneGuard} a worker that does not answer in time is ended and another one is
 * loaded in its place: its picture is lost, and those behind it run on the next worker.
 */
export class WorkerLane implements Lane {
  readonly #entry: URL;
  readonly #guard: LaneGuard | null;
  readonly #watch: HangWatch | null;
  #channel: WorkerChannel;
  #attachments = new Map<Arena, Attachment>();
  #loaded: LoadReply | null = null;
  #inFlight = 0;
  #nextArenaId = 0;
  #hangs = 0;
  /** Loading of the worker that takes the place of one that hung; never rejects. */
  #replacing: Promise<void> | null = null;
  /** What others were rejected with because the worker hung at something else. */
  #superseded: FoveaError | null = null;
  /** Whether nothing is to be loaded any more. */
  #closing = false;

  /** Starts the worker; `entry` is the program it runs, the perception worker by default. */
  constructor(entry: URL = PERCEPTION_WORKER, guard: LaneGuard | null = null) {
    this.#entry = entry;
    this.#guard = guard;
    this.#watch = guard &&
      new HangWatch(guard.clock, guard.limitMs, () => this.#replace(guard));
    this.#channel = this.#open();
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Asks for the built engine of a model, in the cache of the engine's options. */
  locateEngine(request: LocateRequest): Promise<LocatedEngine> {
    return this.#channel.ask("locateEngine", request);
  }

  /** Loads the detector; the model's bytes are transferred and gone afterwards. */
  async load(request: LoadRequest): Promise<LoadReply> {
    const models = [request.model, ...request.head === null ? [] : [request.head.model]];
    const buffers = models.map(({ buffer }) => buffer as ArrayBuffer);
    this.#loaded = await this.#channel.ask("load", request, buffers);
    return this.#loaded;
  }

  async infer(frame: Frame, wanted: InferWish): Promise<InferReply> {
    this.#inFlight++;
    try {
      for (;;) {
        if (this.#replacing !== null) await this.#replacing;
        try {
          const reply = await this.#inferOnce(frame, wanted);
          this.#hangs = 0;
          return reply;
        } catch (error) {
          // It was waiting behind the picture that hung, its pixels unread.
          if (error !== this.#superseded || frame.disposed) throw error;
        }
      }
    } finally {
      this.#inFlight--;
      frame[Symbol.dispose]();
    }
  }

  async stageHead(head: StagedHead): Promise<void> {
    if (this.#replacing !== null) await this.#replacing;
    await this.#channel.ask("stageHead", head);
  }

  commitHead(): Promise<number> {
    // The worker that is being loaded gets the head that is served by then.
    if (this.#replacing !== null) return this.#replacing.then(() => 0);
    return this.#channel.ask("commitHead", null);
  }

  measure(runs: number): Promise<readonly number[]> {
    return this.#channel.ask("measure", { runs });
  }

  async detach(arena: Arena): Promise<void> {
    const attachment = this.#attachments.get(arena);
    if (attachment === undefined) return;
    this.#attachments.delete(arena);
    const channel = this.#channel;
    if (channel.broken === null) {
      await channel.ask("detach", { arenaId: attachment.arenaId }).catch((error) => {
        if (error !== this.#superseded) throw error;
      });
    }
    // Native code of a worker that hung may still write there.
    if (channel === this.#channel) arena.free(attachment.byteOffset);
  }

  /** Ends the worker at once, whatever it does, and rejects what is under way. */
  abandon(): void {
    this.#end("Cannot use the detector: it was given up");
  }

  /** Frees the engine and ends the worker. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    try {
      if (this.#channel.broken !== null || this.#replacing !== null) return;
      for (const arena of [...this.#attachments.keys()]) await this.detach(arena);
      await this.#channel.ask("dispose", null);
    } finally {
      this.#end("Cannot use the detector: it is disposed");
    }
  }

  #open(): WorkerChannel {
    const watch = this.#watch;
    if (watch === null) return new WorkerChannel(this.#entry);
    return new WorkerChannel(this.#entry, (name) => {
      if (name === "infer") watch.begin();
      else watch.rest();
    });
  }

  #end(message: string): void {
    this.#closing = true;
    this.#watch?.[Symbol.dispose]();
    this.#channel.end(new FoveaError("DISPOSED", message));
  }

  /** Ends a worker that hangs and loads another one. */
  #replace(guard: LaneGuard): void {
    const hung = this.#channel;
    const late = new FoveaError(
      "ENGINE_TIMEOUT",
      `Cannot run the model: its worker gave no answer for ${Math.round(guard.limitMs)} ms`,
      { hint: "Raise runTimeoutMs, or look what keeps this machine or its GPU busy" },
    );
    this.#hangs++;
    if (this.#closing || this.#hangs > HANGS_MAX) {
      this.#watch?.[Symbol.dispose]();
      hung.end(late);
      return;
    }
    this.#superseded = new FoveaError("ENGINE_TIMEOUT", "Cannot go on: the worker was replaced");
    // Regions are not given back: what hangs may still write to them.
    this.#attachments = new Map();
    this.#loaded = null;
    this.#channel = this.#open();
    this.#replacing = this.#reload(guard);
    hung.end(this.#superseded, late);
    guard.tell(late);
  }

  async #reload(guard: LaneGuard): Promise<void> {
    const channel = this.#channel;
    try {
      let head = guard.head();
      await this.load(guard.reload());
      // Another one may have been adopted meanwhile.
      while (guard.head() !== head) {
        head = guard.head()!;
        await channel.ask("stageHead", { version: head.version, packed: head.packed() });
        await channel.ask("commitHead", null);
      }
    } catch (error) {
      if (this.#closing) return;
      channel.end(FoveaError.from(error, "ENGINE_FAILED", "Cannot load the model once more"));
    } finally {
      this.#replacing = null;
    }
  }

  async #inferOnce(frame: Frame, wanted: InferWish): Promise<InferReply> {
    const { arenaId } = this.#attach(frame);
    const memoryBytes = frame.arena.buffer.byteLength;
    const { picture, seq } = frame;
    const body = { arenaId, memoryBytes, picture, seq, ...wanted };
    return await this.#channel.ask("infer", body, [], () => frame[Symbol.dispose]());
  }

  #attach(frame: Frame): Attachment {
    const { arena, picture } = frame;
    const attachments = this.#attachments;
    const known = attachments.get(arena);
    if (known !== undefined && known.sourceWidthMax >= picture.width) return known;
    if (this.#channel.broken !== null) throw this.#channel.broken;
    if (this.#loaded === null) throw new TypeError("Cannot run a frame before the model is loaded");
    const sourceWidthMax = Math.max(picture.width, SOURCE_WIDTH_MIN);
    const byteOffset = arena.allocate(regionBytes(this.#loaded, sourceWidthMax));
    const attachment = {
      arenaId: known?.arenaId ?? this.#nextArenaId++,
      byteOffset,
      sourceWidthMax,
    };
    attachments.set(arena, attachment);
    const memoryBytes = arena.buffer.byteLength;
    const body = { ...attachment, memory: arena.memory, memoryBytes };
    this.#channel.ask("attach", body).then(() => {
      // Only now has the worker finished the pictures that used the old region.
      if (known !== undefined) arena.free(known.byteOffset);
    }, () => {
      // The same error reaches the frame that follows in the worker's queue.
    });
    return attachment;
  }
}
