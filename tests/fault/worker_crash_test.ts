// A perception worker that dies takes nothing with it: what came before stays, in order, all
// memory comes back, and the next detector is fine.
import { assertEquals, assertRejects } from "@std/assert";
import { loadDetector, openCamera, perceive } from "../../mod.ts";
import { FoveaError } from "../../src/core/errors.ts";
import { LoadedDetector } from "../../src/pipeline/loaded_detector.ts";
import type { InferReply, LoadReply, LoadRequest } from "../../src/pipeline/protocol.ts";
import { WorkerLane } from "../../src/pipeline/worker_lane.ts";
import { makeBitmap } from "../support/bitmap.ts";
import { ScriptedCamera } from "../support/scripted_camera.ts";

const LOADED = {
  spec: { input: { width: 8, height: 8, type: "float32" }, outputs: {}, classNames: ["thing"] },
  engine: "test",
  provider: "cpu",
  outputDims: {},
  openRows: [],
  arenaOutputs: [],
  tap: null,
  candidatesMax: 1,
  inputCopies: 0,
} as unknown as LoadReply;

const MODEL = { name: "test", sha256: "", bytes: 0 };

const NOTHING: InferReply = {
  detections: {
    count: 0,
    xyxyPx: new Float32Array(0),
    score: new Float32Array(0),
    classIndex: new Int32Array(0),
    anchorIndex: new Int32Array(0),
  },
  nonFinite: 0,
  headVersion: 0,
  tap: null,
  monitor: null,
  timingsMs: { preprocess: 0, infer: 0, decodeOutputs: 0, nms: 0, monitor: 0, total: 0 },
};

/** A worker that finds nothing, and dies at its `lives`-th picture. */
async function lane(lives: number): Promise<WorkerLane> {
  const source = `let left = ${lives}; self.onmessage = ({ data: { id, name } }) => {
    if (name === "infer" && --left === 0) throw new Error("out of memory");
    const nothing = ${JSON.stringify(NOTHING)};
    for (const key of ["xyxyPx", "score"]) nothing.detections[key] = new Float32Array(0);
    for (const key of ["classIndex", "anchorIndex"]) nothing.detections[key] = new Int32Array(0);
    const body = { load: ${JSON.stringify(LOADED)}, infer: nothing }[name] ?? null;
    self.postMessage({ id, kind: "reply", body });
  };`;
  const made = new WorkerLane(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  await made.load({ model: new Uint8Array(1), head: null } as unknown as LoadRequest);
  return made;
}

Deno.test("a worker that dies ends the run after the results before it, with nothing lost", async () => {
  const lanes = [await lane(3), await lane(1000)];
  await using detector = new LoadedDetector(lanes, LOADED, MODEL, 0, 0.25);
  const camera = new ScriptedCamera(50);
  const seqs: number[] = [];
  const error = await assertRejects(async () => {
    for await (const { seq } of perceive(camera, detector)) seqs.push(seq);
  }, FoveaError);
  assertEquals([error.code, error.hint?.includes("Load the detector anew")], [
    "WORKER_CRASHED",
    true,
  ]);
  assertEquals(seqs, seqs.map((_, i) => i));
  assertEquals([camera.leases.out, camera.arena.usedBytes], [0, 0]);
  const again = new ScriptedCamera(5);
  await assertRejects(
    async () => {
      for await (const _ of perceive(again, detector));
    },
    FoveaError,
    "worker died",
  );
  assertEquals([again.leases.out, again.arena.usedBytes], [0, 0]);
});

Deno.test("the detector that is loaded after a crash works", async () => {
  const dead = await lane(1);
  const camera = new ScriptedCamera(1);
  await using broken = new LoadedDetector([dead], LOADED, MODEL, 0, 0.25);
  await assertRejects(() => perceive(camera, broken).next(), FoveaError, "worker died");
  const picture = await Deno.makeTempFile({ suffix: ".bmp" });
  try {
    await makeBitmap(picture, 128, 96, [{ xyxyPx: [16, 24, 24, 32], rgb: [255, 40, 40] }]);
    await using real = await openCamera(picture);
    await using detector = await loadDetector(
      new URL("../../models/tiny/yolo_v8.onnx", import.meta.url),
    );
    const { value } = await perceive(real, detector).next();
    assertEquals(value?.detections.map(({ className }) => className), ["red"]);
  } finally {
    await Deno.remove(picture);
  }
});
