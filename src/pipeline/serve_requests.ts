/// <reference lib="deno.worker" />
import { FoveaError } from "../core/errors.ts";
import { loadEngine } from "../engine/load_engine.ts";
import { locateEngine } from "../engine/locate_engine.ts";
import { loadPerceiver } from "./load_perceiver.ts";
import type { PicturePerceiver } from "./picture_perceiver.ts";
import type { FromWorker, Requests, ToWorker } from "./protocol.ts";

/** What a perception worker gets its engine from. */
export interface EngineSource {
  /** See {@linkcode loadEngine}. */
  readonly loadEngine: typeof loadEngine;
  /** See {@linkcode locateEngine}. */
  readonly locateEngine: typeof locateEngine;
}

/** The engines of this machine. */
const THIS_MACHINE: EngineSource = { loadEngine, locateEngine };

/** Lets a worker answer the requests of its lane, one after the other, in the order they came. */
export function serveRequests(
  worker: DedicatedWorkerGlobalScope,
  source: EngineSource = THIS_MACHINE,
): void {
  const server = new RequestServer(source, (message) => worker.postMessage(message));
  let queue: Promise<void> = Promise.resolve();
  worker.onmessage = (event: MessageEvent<ToWorker>) => {
    queue = queue.then(() => server.answer(event.data));
  };
}

/** One worker's side of the protocol. */
class RequestServer {
  readonly #source: EngineSource;
  readonly #post: (message: FromWorker) => void;
  #perceiver: PicturePerceiver | null = null;

  constructor(source: EngineSource, post: (message: FromWorker) => void) {
    this.#source = source;
    this.#post = post;
  }

  /** Answers one request; never rejects. */
  async answer(message: ToWorker): Promise<void> {
    const { id } = message;
    try {
      this.#post({ id, kind: "reply", body: await this.#handle(message) });
    } catch (error) {
      const told = FoveaError.from(error, "ENGINE_FAILED", describeRequest(message));
      this.#post({ id, kind: "error", error: told.toJSON() });
    }
  }

  async #handle(message: ToWorker): Promise<Requests[keyof Requests]["reply"]> {
    switch (message.name) {
      case "locateEngine":
        return await this.#source.locateEngine(
          message.body.engineOptions,
          message.body.modelSha256,
        );
      case "load": {
        const { perceiver, reply } = await loadPerceiver(message.body, this.#source.loadEngine);
        this.#perceiver = perceiver;
        return reply;
      }
      case "dispose":
        await this.#perceiver?.[Symbol.asyncDispose]();
        this.#perceiver = null;
        return null;
      default:
        return await this.#perceive(message);
    }
  }

  async #perceive(message: ToWorker): Promise<Requests[keyof Requests]["reply"]> {
    const perceiver = this.#perceiver;
    if (perceiver === null) throw new TypeError(`Cannot ${message.name}: no detector is loaded`);
    switch (message.name) {
      case "attach":
        await perceiver.attach(message.body);
        return null;
      case "detach":
        perceiver.detach(message.body.arenaId);
        return null;
      case "stageHead":
        perceiver.stageHead(message.body);
        return null;
      case "commitHead":
        return perceiver.commitHead();
      case "measure":
        return await perceiver.measure(message.body.runs);
      case "infer": {
        const { id, body } = message;
        return await perceiver.infer(body, () => this.#post({ id, kind: "read" }));
      }
      default:
        throw new TypeError(`Cannot ${message.name}: it is no request about pictures`);
    }
  }
}

function describeRequest(message: ToWorker): string {
  return message.name === "load" ? "Cannot load the detector" : `Cannot ${message.name}`;
}
