import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { layers, picture, resolve, summary } from "../../tests/support/recognition.ts";
import type { FakeModel } from "../../tests/support/fake_model.ts";
import { FoveaError } from "../core/errors.ts";
import type { ResolveOptions } from "./resolve_spec.ts";

// Goal: full-size models of every family are told by what their exporters leave in the file. The
// shapes are those of the real exports; the graphs hold only what is looked at.

Deno.test("YOLOv8 and its like are told by channels first on the usual grid", () => {
  const spec = resolve({ outputs: { output0: [1, 84, 8400] } });
  assertEquals(summary(spec), ["yolo-v8", 80, "rgb", "unit", "center"]);
  assertEquals(spec.options, { rows: 8400, layout: "columns", scores: "probability" });
  assertEquals(spec.needsNms, true);
  const wide = resolve({
    inputs: { images: [1, 3, 384, 640] },
    outputs: { output0: [1, 7, 5040] },
  });
  assertEquals(summary(wide), ["yolo-v8", 3, "rgb", "unit", "center"]);
  const p2 = resolve({ outputs: { output0: [1, 84, 34000] } });
  assertEquals(p2.options["rows"], 34000);
  const p6 = resolve({ inputs: picture(1280), outputs: { output0: [1, 84, 34000] } });
  assertEquals(p6.family, "yolo-v8");
});

Deno.test("YOLOv8 with the rows first is told by its last layers, or by 80 classes", () => {
  const assumed = resolve({ outputs: { output0: [1, 8400, 84] } });
  assertEquals([assumed.family, assumed.options["layout"]], ["yolo-v8", "rows"]);
  const custom = resolve({ outputs: { output0: [1, 8400, 9] }, ...layers(5, 64) });
  assertEquals(summary(custom), ["yolo-v8", 5, "rgb", "unit", "center"]);
  const plain = resolve({
    outputs: { output0: [1, 2100, 12] },
    inputs: picture(320),
    ...layers(8, 4),
  });
  assertEquals([plain.family, plain.classNames.length], ["yolo-v8", 8]);
});

Deno.test("YOLOv8 without a sigmoid at its end gives logits", () => {
  const parts: FakeModel = {
    outputs: { output0: [1, 84, 8400] },
    weights: { a: [64, 8, 1, 1], b: [80, 8, 1, 1] },
    nodes: [
      ["Conv", ["images", "a"], ["x"]],
      ["Conv", ["images", "b"], ["y"]],
      ["Concat", ["x", "y"], ["output0"]],
    ],
  };
  assertEquals(resolve(parts).options["scores"], "logit");
  const stated = resolve(parts, { overrides: { options: { scores: "probability" } } });
  assertEquals(stated.options["scores"], "probability");
});

Deno.test("YOLOv5 and YOLOv7 are told by three predictions for every cell", () => {
  const spec = resolve({ outputs: { output0: [1, 25200, 85] } });
  assertEquals(summary(spec), ["yolo-v5", 80, "rgb", "unit", "center"]);
  const heads = { "339": [1, 3, 80, 80, 85], "391": [1, 3, 40, 40, 85], "443": [1, 3, 20, 20, 85] };
  const old = resolve({ outputs: { output: [1, 25200, 85], ...heads } });
  assertEquals([old.family, old.outputs], ["yolo-v5", { predictions: "output" }]);
  assertEquals(
    old.findings.find(({ about }) => about === "outputs.ignored")?.value,
    "339, 391, 443",
  );
  const p6 = resolve({ inputs: picture(1280), outputs: { output: [1, 102000, 8] } });
  assertEquals([p6.family, p6.classNames.length], ["yolo-v5", 3]);
  const tiny = resolve({ inputs: picture(416), outputs: { output: [1, 2535, 6] } });
  assertEquals([tiny.family, tiny.classNames.length], ["yolo-v5", 1]);
});

Deno.test("YOLOX is told by names, last layers, or 80 classes", () => {
  const named = resolve({
    inputs: picture(416),
    outputs: { output: [1, 3549, 8] },
    weights: { "head.obj_preds.0.weight": [1, 64, 1, 1] },
  });
  assertEquals(summary(named), ["yolox", 3, "bgr", "raw", "topleft"]);
  assertEquals(named.options, { rows: 3549, boxes: "grid", strides: [8, 16, 32] });
  const built = resolve({ outputs: { output0: [1, 8400, 8] }, ...layers(1, 4, 3) });
  assertEquals([built.family, built.classNames.length], ["yolox", 3]);
  const assumed = resolve({ outputs: { output: [1, 8400, 85] } });
  assertEquals([assumed.family, assumed.classNames.length], ["yolox", 80]);
});

Deno.test("YOLOX with its decoding in the graph is told by the exponential", () => {
  const parts = layers(1, 4, 3);
  const spec = resolve({
    outputs: { y: [1, 8400, 8] },
    ...parts,
    nodes: [...parts.nodes!, ["Exp", ["output0"], ["e"]], ["Mul", ["e", "output0"], ["y"]]],
  });
  assertEquals([spec.family, spec.options["boxes"]], ["yolox", "pixels"]);
});

Deno.test("YOLOv6 is told from YOLOX by its missing objectness layer", () => {
  const parts = layers(4, 80);
  const spec = resolve({
    outputs: { outputs: [1, 8400, 85] },
    ...parts,
    nodes: [...parts.nodes!, ["Sub", ["output0", "output0"], ["outputs"]]],
  });
  assertEquals(summary(spec), ["yolox", 80, "rgb", "unit", "center"]);
  assertEquals(spec.options["boxes"], "pixels");
});

Deno.test("NanoDet is told by names, by last layers, or by a stride of 64", () => {
  const gfl = { weights: { "head.gfl_cls.0.weight": [112, 96, 1, 1] } };
  for (const [side, rows] of [[320, 2125], [416, 3598]] as const) {
    const inputs = { data: [1, 3, side, side] };
    const spec = resolve({ inputs, outputs: { output: [1, rows, 112] }, ...gfl });
    assertEquals(summary(spec), ["nanodet", 80, "bgr", "normal", "stretch"]);
    assertEquals(spec.options, { rows, strides: [8, 16, 32, 64], regMax: 7, centreOffset: 0 });
    const bare = resolve({ inputs, outputs: { output: [1, rows, 112] } });
    assertEquals([bare.family, bare.classNames.length], ["nanodet", 80]);
  }
  const custom = resolve({ inputs: picture(320), outputs: { output: [1, 2125, 35] } });
  assertEquals([custom.family, custom.classNames.length], ["nanodet", 3]);
  const joint = resolve({
    inputs: picture(320),
    outputs: { output0: [1, 2100, 43] },
    ...layers(43),
  });
  assertEquals(summary(joint), ["nanodet", 11, "bgr", "normal", "center"]);
  assertEquals(joint.options["centreOffset"], 0.5);
  const apart = resolve({
    inputs: picture(320),
    outputs: { output0: [1, 2100, 112] },
    ...layers(80, 32),
  });
  assertEquals([apart.family, apart.classNames.length], ["nanodet", 80]);
});

Deno.test("NanoDet's distribution is as long as the named classes leave room", () => {
  const overrides = { classNames: ["a", "b", "c"] };
  const parts = { inputs: picture(320), outputs: { output: [1, 2125, 47] } };
  const spec = resolve({ ...parts, weights: { "head.gfl_cls.0.weight": [1] } }, { overrides });
  assertEquals([spec.options["regMax"], spec.classNames.length], [10, 3]);
});

Deno.test("end-to-end YOLO is told by six numbers in rows that are no grid", () => {
  const bare = resolve({ outputs: { output0: [1, 300, 6] } });
  assertEquals(summary(bare), ["yolo-end2end", 80, "rgb", "unit", "center"]);
  assertEquals([bare.options, bare.needsNms], [{ rows: 300 }, false]);
  const modulo: FakeModel = {
    outputs: { output0: [1, 100, 6] },
    nodes: [["Mod", ["index", "three"], ["class"]]],
    constants: { three: [3] },
  };
  assertEquals(resolve(modulo).classNames.length, 3);
  const grid = resolve({ outputs: { output0: [1, 8400, 6] }, ...layers(2, 64) });
  assertEquals([grid.family, grid.classNames.length], ["yolo-v8", 2]);
  const inside = resolve({
    inputs: picture(64),
    outputs: { output0: [1, 84, 6] },
    metadata: { args: "{'nms': True}", names: "['a']" },
  });
  assertEquals([inside.family, inside.classNames], ["yolo-end2end", ["a"]]);
});

Deno.test("end-to-end YOLO is a guess unless the exporter or the graph says so", () => {
  const source = (parts: FakeModel) => resolve(parts).findings[0]!.source;
  const outputs = { output0: [1, 300, 6] };
  assertEquals(source({ outputs }), "assumed");
  assertEquals(source({ outputs, nodes: [["TopK", ["x", "k"], ["a", "b"]]] }), "graph");
  assertEquals(source({ outputs, metadata: { end2end: "True" } }), "metadata");
});

Deno.test("an output that gives as many boxes as it finds is told by its open rows", () => {
  const spec = resolve({
    outputs: { output0: [1, -1, 6] },
    nodes: [["NonMaxSuppression", ["b", "s"], ["kept"]]],
  }, { outputDims: { output0: [1, 0, 6] } });
  assertEquals([spec.family, spec.options], ["yolo-end2end", { rows: 4096, openRows: true }]);
  assertStringIncludes(spec.findings[0]!.why, "[1, ?, 6]");
});

Deno.test("YOLOv8's layout is as sure as what the layers or the names say", () => {
  const source = (parts: FakeModel, options: ResolveOptions = {}) =>
    resolve(parts, options).findings[0]!.source;
  const outputs = { output0: [1, 9, 8400] };
  assertEquals(source({ outputs, ...layers(5, 64) }), "graph");
  assertEquals(source({ outputs: { output0: [1, 84, 8400] } }), "shapes");
  assertEquals(source({ outputs }, { overrides: { classNames: [..."abcde"] } }), "shapes");
  assertEquals(source({ outputs }), "assumed");
});

Deno.test("keypoints, masks and angles without metadata are not taken for classes", () => {
  const cases: readonly (readonly [number[], number[], string])[] = [
    [[1, 56, 8400], [1, 64, 51], "pose"],
    [[1, 8400, 56], [1, 64, 51], "pose, rows first"],
    [[1, 20, 8400], [15, 64, 1], "oriented boxes"],
    [[1, 8400, 20], [15, 64, 1], "oriented boxes, rows first"],
    [[1, 116, 8400], [80, 64, 32], "masks"],
  ];
  for (const [dims, channels, what] of cases) {
    const parts = { outputs: { output0: dims }, ...layers(...channels) };
    const error = assertThrows(() => resolve(parts), FoveaError, "more than boxes", what);
    assertEquals(error.code, "MODEL_UNSUPPORTED");
  }
  const forced = { outputs: { output0: [1, 56, 8400] }, ...layers(1, 64, 51) };
  const spec = resolve(forced, { overrides: { family: "yolo-v8" } });
  assertEquals(spec.classNames.length, 52);
  const open = resolve({ outputs: { output0: [1, 84, 8400] }, ...layers(512, 64) });
  assertEquals(open.family, "yolo-v8", "scores against texts have no layer of classes");
});

Deno.test("the first of two heads of one shape is a guess", () => {
  const spec = resolve({ outputs: { output0: [1, 84, 8400], aux: [1, 84, 8400] } });
  assertEquals(spec.outputs, { predictions: "output0" });
  const ignored = spec.findings.find(({ about }) => about === "outputs.ignored");
  assertEquals([ignored?.value, ignored?.source], ["aux", "assumed"]);
});

Deno.test("boxes are in what the family can have them in", () => {
  const parts = {
    outputs: { output: [1, 8400, 85] },
    weights: { "head.obj_preds.0.weight": [1] },
  };
  const error = assertThrows(
    () => resolve(parts, { overrides: { options: { boxes: "relative" } } }),
    FoveaError,
    "Cannot decode yolox with boxes relative",
  );
  assertEquals([error.code, error.hint], ["USAGE", "Use grid or pixels"]);
});

Deno.test("models that are no detectors are refused with what was found and what helps", () => {
  const heads = { a: [1, 3, 80, 80, 85], b: [1, 3, 40, 40, 85], c: [1, 3, 20, 20, 85] };
  const cases: readonly (readonly [FakeModel, string, string])[] = [
    [{ outputs: heads }, '"a" [1, 3, 80, 80, 85]', "--grid"],
    [{ outputs: { y: [100, 7] } }, "suppression inside", "--end2end"],
    [{ outputs: { y: [1, 1000] } }, "classifier", "detection model"],
    [{ outputs: { y: [1, 77, 11] } }, '"y" [1, 77, 11]', "--family"],
    [{ outputs: { y: [1, 116, 8400], p: [1, 32, 160, 160] } }, "segments", "detection model"],
    [
      { outputs: { y: [1, 56, 8400] }, metadata: { task: "pose" } },
      "made to pose",
      "detection model",
    ],
    [
      { outputs: { y: [1, 1000] }, metadata: { task: "classify" } },
      "made to classify",
      "detection model",
    ],
    [
      { outputs: { boxes: [1, 8400, 4], scores: [1, 8400, 80] } },
      '"boxes" [1, 8400, 4], "scores" [1, 8400, 80]',
      "one output",
    ],
    [{ outputs: { y: [1, 4, 8400] } }, "no room for any class", "at least one class"],
    [
      { outputs: { y: [1, 84, 8400] }, metadata: { names: "['a', 'b']" } },
      "80 classes, the metadata names 2",
      "class names",
    ],
    [{ outputs: { y: [1, 25200, 5] } }, "no room for any class", "at least one class"],
  ];
  for (const [parts, message, hint] of cases) {
    const error = assertThrows(() => resolve(parts), FoveaError);
    assertEquals(error.code, "MODEL_UNSUPPORTED");
    assertStringIncludes(error.message, message);
    assertStringIncludes(error.hint!, hint);
  }
});

Deno.test("a family that is asked for must fit, and settles what is unclear", () => {
  const outputs = { y: [1, 8400, 20] };
  assertThrows(() => resolve({ outputs }), FoveaError, "unknown");
  for (const [family, classes] of [["yolox", 15], ["yolo-v8", 16]] as const) {
    const spec = resolve({ outputs }, { overrides: { family } });
    assertEquals([spec.family, spec.classNames.length], [family, classes]);
    assertEquals(spec.findings[0]!.source, "flag");
  }
  const spec = resolve({ outputs }, { manifest: { family: "yolox" } });
  assertEquals([spec.family, spec.findings[0]!.source], ["yolox", "manifest"]);
  const error = assertThrows(
    () => resolve({ outputs: { y: [1, 84, 8400] } }, { overrides: { family: "yolox" } }),
    FoveaError,
    "yolox is asked for",
  );
  assertStringIncludes(error.message, "look like yolo-v8");
  const joined = resolve({ outputs: { y: [1, 300, 7] } }, { overrides: { family: "detr" } });
  assertEquals(joined.options["format"], "joined");
});
