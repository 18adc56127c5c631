// The whole way of a picture on the emulated GPU, with the model on the processor: it finds its
// tensors by address in the emulated memory. Compared with the processor's way on the same pictures.
import { assertAlmostEquals, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { type CudaEmulator, testWithEmulator } from "../../tests/support/cuda_emulator.ts";
import { decodeJpeg } from "../../tests/support/decoded_jpeg.ts";
import { inferOnce, makeLoadRequest, placeSquares } from "../../tests/support/perceiver_bench.ts";
import { sharedPath } from "../../tests/support/shared.ts";
import { FoveaError } from "../core/errors.ts";
import type { Picture } from "../core/frame.ts";
import { tensorView } from "../core/tensor.ts";
import { planDecode } from "../detector/decode_plan.ts";
import { resolveSpec } from "../detector/resolve_spec.ts";
import { loadLibOnnxRuntime } from "../engine/libonnxruntime.ts";
import { SharedArena } from "../native/arena.ts";
import { readKernelPtx } from "../native/cuda_kernels.ts";
import { cudaDriverPlaces } from "../native/cuda_places.ts";
import { CudaSession } from "../native/cuda_session.ts";
import { readModel } from "../onnx/read_model.ts";
import { type AddressableEngine, DevicePerceiver } from "./device_perceiver.ts";
import { loadPerceiver } from "./load_perceiver.ts";
import type { InferReply, LoadReply, LoadRequest } from "./protocol.ts";

const MODELS = [
  ...["yolo_v8", "yolo_v8_float16", "yolo_v8_uint8_nhwc", "yolo_v5", "yolox", "yolo_end2end"],
  ...["detr", "detr_deploy", "nanodet_plus"],
] as const;

/** The same model with everything around it on the emulated GPU. */
async function loadOnDevice(
  emulator: CudaEmulator,
  request: LoadRequest,
  { outputDims }: LoadReply,
): Promise<DevicePerceiver> {
  const engine = await loadLibOnnxRuntime(request.model, request.engineOptions);
  const spec = resolveSpec(readModel(request.model), { outputDims });
  for (const { name, type, dims, values } of spec.extraInputs) {
    const data = tensorView(type, new ArrayBuffer(8 * values.length), 0, values.length);
    values.forEach((value, i) => data[i] = type === "int64" ? BigInt(value) : value);
    engine.setInput(name, { type, dims, data });
  }
  const places = cudaDriverPlaces(emulator.path, null);
  const session = new CudaSession(places, 0, await readKernelPtx());
  const params = { ...request.decode, classFilter: null };
  const addressable = engine as AddressableEngine;
  return new DevicePerceiver(addressable, session, { spec }, planDecode(spec), params);
}

/** Pixels differ by less than a thousandth, so scores and boxes differ by little. */
function assertSame(found: InferReply, expected: InferReply): void {
  assertEquals(found.nonFinite, expected.nonFinite);
  const [ours, theirs] = [found.detections, expected.detections];
  assertEquals([...ours.anchorIndex], [...theirs.anchorIndex]);
  assertEquals([...ours.classIndex], [...theirs.classIndex]);
  for (let i = 0; i < ours.count; i++) assertAlmostEquals(ours.score[i]!, theirs.score[i]!, 0.02);
  for (let i = 0; i < 4 * ours.count; i++) {
    assertAlmostEquals(ours.xyxyPx[i]!, theirs.xyxyPx[i]!, 1);
  }
}

/** What a monitor is told, as near as the pixels. */
function assertSameWatch(found: InferReply, expected: InferReply): void {
  assertSame(found, expected);
  const [ours, theirs] = [found.monitor!, expected.monitor!];
  assertEquals(ours.image, theirs.image);
  assertSame({ ...found, detections: ours.detections }, {
    ...expected,
    detections: theirs.detections,
  });
  assertEquals(ours.anchors.positives, theirs.anchors.positives);
  assertAlmostEquals(
    ours.anchors.focalLoss,
    theirs.anchors.focalLoss,
    0.02 * theirs.anchors.focalLoss,
  );
}

for (const name of MODELS) {
  testWithEmulator(`DevicePerceiver finds what Perceiver finds: ${name}`, async (emulator) => {
    const path = new URL(`../../models/tiny/${name}.onnx`, import.meta.url);
    const request = makeLoadRequest(await Deno.readFile(path));
    const arena = new SharedArena();
    const picture = placeSquares(arena);
    const onProcessor = await loadPerceiver(request);
    await using _ = onProcessor.perceiver;
    const { reply } = onProcessor;
    assertEquals([reply.kernels, reply.provider], ["wasm", "cpu"]);
    const expected = await inferOnce(onProcessor, arena, picture);
    assertGreater(expected.detections.count, 2);
    await using onDevice = await loadOnDevice(emulator, request, reply);
    for (const order of ["forward", "shuffled"] as const) {
      emulator.setOrder(order);
      assertSame(await inferOnce({ perceiver: onDevice, reply }, arena, picture), expected);
    }
    // The lowest score comes with each picture.
    for (const confidence of [1, 0.01]) {
      assertSame(
        await inferOnce({ perceiver: onDevice, reply }, arena, picture, confidence),
        await inferOnce(onProcessor, arena, picture, confidence),
      );
    }
    assertSameWatch(
      await inferOnce({ perceiver: onDevice, reply }, arena, picture, 0.3, true),
      await inferOnce(onProcessor, arena, picture, 0.3, true),
    );
    const [runMs] = await onDevice.measure(1);
    assertGreater(runMs!, 0);
  });
}

testWithEmulator(
  "DevicePerceiver refuses a run of nothing but NaN, and goes on",
  async (emulator) => {
    const path = new URL("../../models/tiny/yolo_v8_nan.onnx", import.meta.url);
    const request = makeLoadRequest(await Deno.readFile(path));
    const arena = new SharedArena();
    const picture = placeSquares(arena);
    const { perceiver, reply } = await loadPerceiver(request);
    await perceiver[Symbol.asyncDispose]();
    await using onDevice = await loadOnDevice(emulator, request, reply);
    for (let run = 0; run < 2; run++) {
      const error = await assertRejects(
        () => inferOnce({ perceiver: onDevice, reply }, arena, picture),
        FoveaError,
      );
      assertEquals(error.code, "OUTPUT_NOT_FINITE");
    }
  },
);

testWithEmulator("DevicePerceiver waits for the GPU and tells what it says", async (emulator) => {
  const path = new URL("../../models/tiny/yolo_v8.onnx", import.meta.url);
  const request = makeLoadRequest(await Deno.readFile(path));
  const arena = new SharedArena();
  const picture = placeSquares(arena);
  const { perceiver, reply } = await loadPerceiver(request);
  await perceiver[Symbol.asyncDispose]();
  await using onDevice = await loadOnDevice(emulator, request, reply);
  await assertRejects(
    () =>
      onDevice.infer(
        {
          arenaId: 7,
          memoryBytes: 0,
          picture,
          confidence: 0.5,
          monitored: false,
          seq: 0,
          tap: null,
        },
        () => {},
      ),
    TypeError,
  );
  emulator.fail("cuLaunchKernel", 701, 3);
  const error = await assertRejects(
    () => inferOnce({ perceiver: onDevice, reply }, arena, picture),
    FoveaError,
  );
  assertEquals(error.code, "GPU_FAILED");
  const { detections } = await inferOnce({ perceiver: onDevice, reply }, arena, picture);
  assertGreater(detections.count, 2);
});

const REAL = ["yolox_nano_416x416", "yolov8n"] as const;

for (const name of REAL) {
  const model = sharedPath(`models/${name}.onnx`);
  const folder = sharedPath("coco64/images");
  if (model === null || folder === null) {
    Deno.test({
      name: `DevicePerceiver on a real model: ${name} [skipped: no shared/models, coco64]`,
      ignore: true,
      fn: () => {},
    });
    continue;
  }
  testWithEmulator(`DevicePerceiver finds what Perceiver finds: ${name}`, async (emulator) => {
    const request = makeLoadRequest(await Deno.readFile(model));
    const arena = new SharedArena();
    const [file] = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const picture = await placeJpeg(arena, `${folder}/${file}`);
    const onProcessor = await loadPerceiver(request);
    await using _ = onProcessor.perceiver;
    const { reply } = onProcessor;
    const expected = await inferOnce(onProcessor, arena, picture);
    assertGreater(expected.detections.count, 2);
    await using onDevice = await loadOnDevice(emulator, request, reply);
    assertSame(await inferOnce({ perceiver: onDevice, reply }, arena, picture), expected);
  });
}

async function placeJpeg(arena: SharedArena, path: string): Promise<Picture> {
  const { width, height, data } = await decodeJpeg(path);
  const byteOffset = arena.allocate(data.length);
  new Uint8Array(arena.buffer).set(data, byteOffset);
  return {
    format: "rgb24",
    width,
    height,
    colorRange: "full",
    colorMatrix: "bt601",
    planes: [{ byteOffset, strideBytes: 3 * width }],
  };
}
