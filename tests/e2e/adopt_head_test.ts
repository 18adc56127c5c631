import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type Detector,
  FoveaError,
  type FrameResult,
  type HeadOptions,
  HeadWeights,
  loadDetector,
  perceive,
} from "../../mod.ts";
import { BLUE, cellCamera, RED, tinyModel } from "../support/cell_camera.ts";
import { exchanged } from "../support/exchanged_head.ts";

/** Odd versions are the head in the file, even ones see red as blue. */
function headOf(detector: Detector, version: number): HeadWeights {
  const shipped = detector.shippedHead!;
  return version % 2 === 1 ? shipped.withVersion(version) : exchanged(shipped, version);
}

function classesOf({ detections }: FrameResult): string[] {
  return detections.map(({ className }) => className);
}

for (
  const [model, workers, engine] of [
    ["yolo_v8", 1, "libonnxruntime"],
    ["yolox", 3, "libonnxruntime"],
    ["yolox", 3, "onnxruntime-node"],
    ["yolo26", 2, "libonnxruntime"],
    ["fovea_street", 2, "onnxruntime-node"],
  ] as const
) {
  Deno.test(`a thousand heads follow one another in ${model}, ${workers} workers of ${engine}`, async () => {
    const frames = 250;
    const swapsPerFrame = 4;
    await using camera = cellCamera(frames, (seq) => [{ x: seq % 16, y: 5, rgb: RED }]);
    await using detector = await loadDetector(tinyModel(model), {
      head: true,
      workers,
      engine,
      confidence: 0.5,
      overrides: { classNames: ["red", "blue"] },
    });
    let version = 0;
    let last = -1;
    const results: FrameResult[] = [];
    const seen = new Set<number>();
    for await (const result of perceive(camera, detector)) {
      results.push(result);
      seen.add(result.headVersion);
      // The version says exactly which head saw this picture.
      const isShipped = result.headVersion === 0 || result.headVersion % 2 === 1;
      assertEquals(classesOf(result), [isShipped ? "red" : "blue"], `frame ${result.seq}`);
      assert(result.headVersion >= last, "versions follow the order of the pictures");
      last = result.headVersion;
      for (let i = 0; i < swapsPerFrame; i++) {
        const { version: served } = await detector.adoptHead(headOf(detector, ++version));
        assertEquals([served, detector.head!.version], [version, version]);
      }
    }
    assertEquals(results.map(({ seq }) => seq), Array.from({ length: frames }, (_, i) => i));
    assertEquals([version, camera.leases.out], [frames * swapsPerFrame, 0]);
    assert(seen.size > frames / 2);
  });
}

Deno.test("adoptHead() is in force for every picture that is begun after it, and for none before", async () => {
  await using camera = cellCamera(40, () => [{ x: 3, y: 3, rgb: BLUE }]);
  await using detector = await loadDetector(tinyModel("yolo_v8"), { head: true, workers: 3 });
  // Nobody waits for the change: it takes its place in line behind what was begun.
  const changes: Promise<unknown>[] = [];
  const versions: number[] = [];
  for await (const result of perceive(camera, detector)) {
    versions.push(result.headVersion);
    if (result.seq === 10) changes.push(detector.adoptHead(headOf(detector, 2)));
    assertEquals(classesOf(result), [result.headVersion === 0 ? "blue" : "red"]);
  }
  await Promise.all(changes);
  assertEquals(versions.indexOf(2), versions.filter((version) => version === 0).length);
  assert(versions.indexOf(2) > 10 && versions.at(-1) === 2);
});

Deno.test("a head that does not fit is refused, and the old one goes on", async () => {
  await using camera = cellCamera(3, () => [{ x: 3, y: 3, rgb: RED }]);
  await using detector = await loadDetector(tinyModel("yolo_v8"), { head: true });
  const shipped = detector.shippedHead!;
  const values = shipped.layers.map((_, i) => shipped.layer(i));
  const { model, classNames, layers } = shipped;
  const wrong: readonly (readonly [HeadWeights, string])[] = [
    [
      new HeadWeights({ model: "0".repeat(64), classNames, layers, values, version: 1 }),
      "made for",
    ],
    [
      new HeadWeights({ model, classNames: ["red", "green"], layers, values, version: 1 }),
      "class 1",
    ],
    [new HeadWeights({ model, classNames: ["red"], layers, values, version: 1 }), "has 1 classes"],
    [
      new HeadWeights({
        model,
        classNames,
        version: 1,
        layers: layers.map((layer) => ({ ...layer, name: `other ${layer.name}` })),
        values,
      }),
      'its layer 0 is "other',
    ],
  ];
  for (const [head, words] of wrong) {
    const error = await assertRejects(() => detector.adoptHead(head), FoveaError, words);
    assertEquals(error.code, "HEAD_MISMATCH");
  }
  await assertRejects(() => detector.adoptHead(exchanged(shipped, 0)), RangeError, "version 0");
  for await (const result of perceive(camera, detector)) {
    assertEquals([result.headVersion, ...classesOf(result)], [0, "red"]);
  }
  assertEquals(detector.head!.hash, shipped.hash);
});

Deno.test("a detector without its head says so, and reports version 0", async () => {
  await using camera = cellCamera(2, () => [{ x: 3, y: 3, rgb: RED }]);
  await using detector = await loadDetector(tinyModel("yolo_v8"));
  await using other = await loadDetector(tinyModel("yolo_v8"), { head: true });
  assertEquals([detector.head, detector.shippedHead, detector.headLayout], [null, null, null]);
  const error = await assertRejects(() => detector.adoptHead(other.shippedHead!), FoveaError);
  assertEquals(error.code, "HEAD_UNSUPPORTED");
  assertStringIncludes(error.hint!, "head: true");
  for await (const { headVersion } of perceive(camera, detector)) assertEquals(headVersion, 0);
});

Deno.test("an exposed detector finds what the model itself finds, to the bit", async () => {
  const models = ["yolo_v8", "yolox", "yolo26", "nanodet_joint", "yolo_v5_joint", "detr_linear"];
  for (const model of models) {
    const found: FrameResult[][] = [];
    for (const head of [false, true, { form: "matmul" as const }]) {
      await using camera = cellCamera(6, (seq) => [
        { x: seq, y: 3, rgb: [250 - 9 * seq, 10, 30] },
        { x: 9, y: seq, rgb: [20, 20, 255 - 7 * seq] },
      ]);
      await using detector = await loadDetector(tinyModel(model), { head, confidence: 0.1 });
      found.push(await Array.fromAsync(perceive(camera, detector)));
    }
    const detections = found.map((results) => results.map((result) => result.detections));
    assertEquals(detections[1], detections[0], model);
    assertEquals(detections[2], detections[0], model);
    assert(detections[0]!.flat().length >= 12, model);
  }
});

Deno.test("a detector begins with a head it is given, and grows for its new classes", async () => {
  for (const model of ["yolo_v8", "yolox", "yolo26", "nanodet_joint", "yolo_v5_joint"]) {
    await using plain = await loadDetector(tinyModel(model), {
      head: true,
      overrides: { classNames: ["red", "blue"] },
    });
    const head = withGrey(plain.shippedHead!);
    await using detector = await loadDetector(tinyModel(model), {
      head: { weights: head },
      confidence: 0.5,
      workers: 2,
      overrides: { classNames: ["red", "blue"] },
    });
    assertEquals(detector.spec.classNames, ["red", "blue", "white"], model);
    assertEquals([detector.head!.version, detector.shippedHead!.version], [5, 0]);
    await using camera = cellCamera(4, () => [
      { x: 1, y: 1, rgb: RED },
      { x: 8, y: 2, rgb: BLUE },
      { x: 4, y: 8, rgb: [255, 255, 255] },
    ]);
    for await (const result of perceive(camera, detector)) {
      const names = classesOf(result);
      assertEquals([...new Set(names)].sort(), ["blue", "red", "white"], model);
      assertEquals(result.headVersion, 5);
    }
    // The file's own head never sees the new class.
    await detector.adoptHead(detector.shippedHead!);
    await using again = cellCamera(1, () => [{ x: 1, y: 1, rgb: RED }]);
    for await (const result of perceive(again, detector)) {
      assertEquals([result.headVersion, ...classesOf(result)], [0, "red"]);
    }
  }
});

/** The head with a class for cells that are red, green and blue at once. */
function withGrey(head: HeadWeights): HeadWeights {
  const classCount = head.classNames.length;
  const layers = head.layers.map((layer) => ({
    ...layer,
    rows: layer.rows + layer.classRows.length,
    classRows: layer.classRows.map((row, i) => row + i),
    objectnessRows: layer.objectnessRows.map((row, i) =>
      layer.classRows.length === 0 ? row : row + i
    ),
  }));
  const values = head.layers.map((layer, i) => {
    const { weight, bias } = head.layer(i);
    if (layer.classRows.length === 0) return { weight, bias };
    const { channels, classRows } = layer;
    const reports = weight.some((value) => value !== 0);
    const gain = Math.max(...weight) || 0;
    const rows: number[] = [];
    const biases: number[] = [];
    for (let row = 0; row < layer.rows; row++) {
      rows.push(...weight.subarray(row * channels, (row + 1) * channels));
      biases.push(bias[row]!);
      const ends = classRows.some((first) => row === first + classCount - 1);
      if (!ends) continue;
      // Stronger than red alone and blue alone, so that white is white.
      rows.push(...Array(channels).fill(reports ? gain : 0));
      biases.push(reports ? -2.4 * (gain < 1 ? 255 * gain : gain) : -20);
    }
    return { weight: Float32Array.from(rows), bias: Float32Array.from(biases) };
  });
  const { model } = head;
  return new HeadWeights({
    model,
    version: 5,
    classNames: [...head.classNames, "white"],
    layers,
    values,
  });
}

Deno.test("loadDetector() refuses heads it cannot expose, and options it does not know", async () => {
  const refused = await assertRejects(
    () => loadDetector(tinyModel("yolo_v8_quantised_head"), { head: true }),
    FoveaError,
    "quantised",
  );
  assertEquals(refused.code, "HEAD_UNSUPPORTED");
  for (const head of [{ from: "matmul" }, { form: "gemm" }]) {
    const error = await assertRejects(
      () => loadDetector(tinyModel("yolo_v8"), { head: head as HeadOptions }),
      FoveaError,
    );
    assertEquals(error.code, "USAGE");
  }
  await using other = await loadDetector(tinyModel("yolox"), { head: true });
  const stranger = await assertRejects(
    () => loadDetector(tinyModel("yolo_v8"), { head: { weights: other.shippedHead! } }),
    FoveaError,
    "made for the model",
  );
  assertEquals(stranger.code, "HEAD_MISMATCH");
});

Deno.test("adoptHead() after the end says that the detector is disposed", async () => {
  const detector = await loadDetector(tinyModel("yolo_v8"), { head: true });
  const head = headOf(detector, 2);
  await detector[Symbol.asyncDispose]();
  const error = await assertRejects(() => detector.adoptHead(head), FoveaError);
  assertEquals([error.code, detector.head!.version], ["DISPOSED", 0]);
});

Deno.test("heads are kept in a folder, and a model is loaded from there", async () => {
  const folder = await Deno.makeTempDir({ prefix: "fovea_heads_" });
  try {
    const options = { head: { cacheFolder: folder, form: "matmul" as const } };
    const hashes: string[] = [];
    for (let i = 0; i < 2; i++) {
      await using detector = await loadDetector(tinyModel("fovea_street"), options);
      hashes.push(detector.shippedHead!.hash);
    }
    assertEquals(hashes[0], hashes[1]);
    const kept = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(kept.length, 1);
    assertEquals(kept[0]!.endsWith(".exposed"), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
