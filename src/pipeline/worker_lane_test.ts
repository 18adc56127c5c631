import { assertEquals, assertRejects } from "@std/assert";
import { makeFrame } from "../../tests/support/fake_frame.ts";
import { FoveaError } from "../core/errors.ts";
import type { LoadReply, LoadRequest } from "./protocol.ts";
import { countBusyWorkersLeft } from "./worker_channel.ts";
import { WorkerLane } from "./worker_lane.ts";

const LOADED = {
  spec: { input: { width: 8, height: 8, type: "float32" }, outputs: {} },
  engine: "test",
  provider: "cpu",
  outputDims: {},
  candidatesMax: 1,
  arenaOutputs: [],
  tap: null,
  inputCopies: 0,
} as unknown as LoadReply;

function makeRequest(): LoadRequest {
  return { model: new Uint8Array(1), head: null } as unknown as LoadRequest;
}

/** A worker that answers `load` and `attach`, and does `onInfer` when it gets a picture. */
function workerThat(onInfer: string): URL {
  const reply = { kind: "reply", body: LOADED };
  const source = `self.onmessage = ({ data: { id, name } }) => {
    if (name === "infer") { ${onInfer} }
    else self.postMessage({ id, ...${JSON.stringify(reply)} });
  };`;
  return new URL(`data:application/javascript,${encodeURIComponent(source)}`);
}

const WISH = { confidence: 0.5, monitored: false, tap: null };

function pictureOnLease() {
  return makeFrame({ format: "gray8", width: 4, height: 4 });
}

Deno.test("a lane whose worker dies rejects what is under way and everything after", async () => {
  await using lane = new WorkerLane(workerThat('throw new Error("out of memory")'));
  await lane.load(makeRequest());
  const frames = [pictureOnLease(), pictureOnLease()];
  for (const frame of frames) {
    const error = await assertRejects(() => lane.infer(frame, WISH), FoveaError, "worker died");
    assertEquals([error.code, frame.disposed], ["WORKER_CRASHED", true]);
  }
  assertEquals(lane.inFlight, 0);
});

Deno.test("a lane hands a lease back as soon as the worker has read the picture", async () => {
  const lane = new WorkerLane(workerThat('self.postMessage({ id, kind: "read" });'));
  await lane.load(makeRequest());
  const frame = pictureOnLease();
  const handedBack = Promise.withResolvers<void>();
  const watched = new Proxy(frame, {
    get: (target, key) => {
      if (key === Symbol.dispose) handedBack.resolve();
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const reply = lane.infer(watched, WISH);
  const rejected = assertRejects(() => reply, FoveaError, "it is disposed");
  await handedBack.promise;
  assertEquals([frame.disposed, lane.inFlight], [true, 1]);
  await lane[Symbol.asyncDispose]();
  assertEquals((await rejected).code, "DISPOSED");
});

Deno.test("a lane passes an error of the worker on with its code and hint", async () => {
  const error = { code: "ENGINE_FAILED", message: "Cannot run", hint: "Try again" };
  const entry = workerThat(
    `self.postMessage({ id, kind: "error", error: ${JSON.stringify(error)} });`,
  );
  await using lane = new WorkerLane(entry);
  await lane.load(makeRequest());
  const frame = pictureOnLease();
  const told = await assertRejects(() => lane.infer(frame, WISH), FoveaError, "Cannot run");
  assertEquals([told.code, told.hint, frame.disposed], ["ENGINE_FAILED", "Try again", true]);
});

Deno.test("a lane refuses pictures after it was disposed, and still frees them", async () => {
  const lane = new WorkerLane(workerThat(""));
  await lane.load(makeRequest());
  await lane[Symbol.asyncDispose]();
  await lane[Symbol.asyncDispose]();
  const frame = pictureOnLease();
  const error = await assertRejects(() => lane.infer(frame, WISH), FoveaError);
  assertEquals([error.code, frame.disposed], ["DISPOSED", true]);
});

Deno.test("a lane whose worker dies or hangs while it loads can be given up", async () => {
  const dying = `data:application/javascript,self.onmessage = () => { throw new Error("no") }`;
  await using dead = new WorkerLane(new URL(dying));
  const told = await assertRejects(() => dead.load(makeRequest()), FoveaError, "worker died");
  assertEquals(told.code, "WORKER_CRASHED");

  const hanging = new WorkerLane(
    new URL("data:application/javascript,self.onmessage = () => { for (;;); }"),
  );
  const rejected = assertRejects(() => hanging.load(makeRequest()), FoveaError, "given up");
  const before = countBusyWorkersLeft();
  hanging.abandon();
  hanging.abandon();
  assertEquals(countBusyWorkersLeft(), before + 1);
  assertEquals((await rejected).code, "DISPOSED");
  await hanging[Symbol.asyncDispose]();
});
