/// <reference lib="deno.worker" />
import { FoveaError } from "../core/errors.ts";
import { loadPerceiver } from "./load_perceiver.ts";
import type { PicturePerceiver } from "./picture_perceiver.ts";
import type { FromWorker, Requests, ToWorker } from "./protocol.ts";

declare const self: DedicatedWorkerGlobalScope;

let perceiver: PicturePerceiver | null = null;
/** Requests are answered one after the other, in the order they came. */
let queue: Promise<void> = Promise.resolve();

self.onmessage = (event: MessageEvent<ToWorker>) => {
  queue = queue.then(() => answer(event.data));
};

async function answer(message: ToWorker): Promise<void> {
  const { id } = message;
  try {
    post({ id, kind: "reply", body: await handle(message) });
  } catch (error) {
    post({
      id,
      kind: "error",
      error: FoveaError.from(error, "ENGINE_FAILED", what(message)).toJSON(),
    });
  }
}

async function handle(message: ToWorker): Promise<Requests[keyof Requests]["reply"]> {
  if (message.name === "load") {
    const loaded = await loadPerceiver(message.body);
    perceiver = loaded.perceiver;
    return loaded.reply;
  }
  if (message.name === "dispose") {
    await perceiver?.[Symbol.asyncDispose]();
    perceiver = null;
    return null;
  }
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
    case "infer":
      return await perceiver.infer(message.body, () => post({ id: message.id, kind: "read" }));
  }
}

function what(message: ToWorker): string {
  return message.name === "load" ? "Cannot load the detector" : `Cannot ${message.name}`;
}

function post(message: FromWorker): void {
  self.postMessage(message);
}
