import { assertEquals, assertRejects } from "@std/assert";
import { ManualLane } from "../../tests/support/manual_lane.ts";
import { FoveaError } from "../core/errors.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import type { StagedHead } from "./head_slots.ts";
import type { Lane } from "./lane.ts";
import { LoadedDetector } from "./loaded_detector.ts";
import { readModelFile } from "./model_file.ts";
import { prepareHead } from "./prepare_head.ts";
import type { LoadReply } from "./protocol.ts";

/** A lane that notes what happens to heads, and fails where it is told to. */
class HeadLane extends ManualLane {
  readonly log: string[];
  readonly #name: string;
  failAt: "stage" | "commit" | null = null;
  stageDone: Promise<void> = Promise.resolve();

  constructor(name: string, log: string[]) {
    super();
    this.#name = name;
    this.log = log;
  }

  override async stageHead({ version }: StagedHead): Promise<void> {
    this.log.push(`${this.#name} stages ${version}`);
    await this.stageDone;
    if (this.failAt === "stage") throw new FoveaError("WORKER_CRASHED", "it died");
  }

  override commitHead(): Promise<number> {
    this.log.push(`${this.#name} serves it`);
    return this.failAt === "commit"
      ? Promise.reject(new FoveaError("WORKER_CRASHED", "it died"))
      : Promise.resolve(this.#name === "a" ? 0.25 : 0.5);
  }
}

async function detectorOf(lanes: readonly Lane[]): Promise<LoadedDetector> {
  const file = await readModelFile(new URL("../../models/tiny/yolo_v8.onnx", import.meta.url));
  const prepared = await prepareHead(file, {}, {});
  const reply = { spec: {}, tap: null } as unknown as LoadReply;
  const identity = { name: "test", sha256: file.sha256, bytes: file.bytes.length };
  return new LoadedDetector(lanes, reply, identity, 0, 0.25, prepared);
}

function twoLanes(): { log: string[]; a: HeadLane; b: HeadLane } {
  const log: string[] = [];
  return { log, a: new HeadLane("a", log), b: new HeadLane("b", log) };
}

function next(detector: LoadedDetector, version: number): HeadWeights {
  return detector.shippedHead!.withVersion(version);
}

Deno.test("adoptHead() lets all lanes get ready before the first one changes over", async () => {
  const { log, a, b } = twoLanes();
  const detector = await detectorOf([a, b]);
  const ready = Promise.withResolvers<void>();
  b.stageDone = ready.promise;
  const change = detector.adoptHead(next(detector, 1));
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assertEquals([log, detector.head!.version], [["a stages 1", "b stages 1"], 0]);
  ready.resolve();
  assertEquals(await change, { version: 1, swapMs: 0.5 });
  assertEquals(log.slice(2), ["a serves it", "b serves it"]);
  assertEquals(detector.head!.version, 1);
});

Deno.test("adoptHead() changes nothing if one lane does not get ready", async () => {
  const { log, a, b } = twoLanes();
  const detector = await detectorOf([a, b]);
  b.failAt = "stage";
  await assertRejects(() => detector.adoptHead(next(detector, 1)), FoveaError, "it died");
  assertEquals([log, detector.head!.version], [["a stages 1", "b stages 1"], 0]);
  b.failAt = null;
  await detector.adoptHead(next(detector, 2));
  assertEquals(detector.head!.version, 2);
});

Deno.test("adoptHead() changes heads one after the other, in the order of the calls", async () => {
  const { log, a, b } = twoLanes();
  const detector = await detectorOf([a, b]);
  const swaps = await Promise.all([1, 2, 3].map((v) => detector.adoptHead(next(detector, v))));
  assertEquals(swaps.map(({ version }) => version), [1, 2, 3]);
  const one = (v: number) => [`a stages ${v}`, `b stages ${v}`, "a serves it", "b serves it"];
  assertEquals(log, [...one(1), ...one(2), ...one(3)]);
});

Deno.test("adoptHead() tells that a lane died while it changed over", async () => {
  const { a, b } = twoLanes();
  const detector = await detectorOf([a, b]);
  a.failAt = "commit";
  await assertRejects(() => detector.adoptHead(next(detector, 1)), FoveaError, "it died");
});
