import { assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type FakeModel, fakeModel } from "../../tests/support/fake_model.ts";
import type { DetectorSpec } from "../core/detector_spec.ts";
import { FoveaError } from "../core/errors.ts";
import { needsProbe, planProbe, type ResolveOptions, resolveSpec } from "./resolve_spec.ts";

const YOLO_V8: FakeModel = { outputs: { output0: [1, 84, 8400] } };

function resolve(parts: FakeModel, options: ResolveOptions = {}): DetectorSpec {
  return resolveSpec(fakeModel(parts), options);
}

function source(spec: DetectorSpec, about: string): string | undefined {
  return spec.findings.find((finding) => finding.about === about)?.source;
}

Deno.test("resolveSpec() lets flags go before the manifest and the manifest before metadata", () => {
  const parts = { outputs: { y: [1, 6, 8400] }, metadata: { names: "['m0', 'm1']" } };
  const manifest = {
    classes: ["f0", "f1"],
    input: { channels: "bgr", letterbox: { anchor: "topleft", padValue: 0, rounding: "down" } },
  } as const;
  const overrides = { classNames: ["o0", "o1"], letterbox: { padValue: 7 } } as const;
  assertEquals(resolve(parts).classNames, ["m0", "m1"]);
  const stated = resolve(parts, { manifest });
  assertEquals([stated.classNames, source(stated, "classes")], [["f0", "f1"], "manifest"]);
  assertEquals([stated.input.channels, source(stated, "input.channels")], ["bgr", "manifest"]);
  const both = resolve(parts, { manifest, overrides });
  assertEquals([both.classNames, source(both, "classes")], [["o0", "o1"], "flag"]);
  assertEquals(both.input.letterbox, {
    mode: "letterbox",
    anchor: "topleft",
    padValue: 7,
    rounding: "down",
  });
  assertEquals([both.input.channels, source(both, "input.letterbox")], ["bgr", "flag"]);
});

Deno.test("resolveSpec() tells about the input in words that people can check", () => {
  function told(overrides: ResolveOptions["overrides"], about: string) {
    const { findings } = resolve(YOLO_V8, { overrides: overrides ?? null });
    const { value, source, why } = findings.find((finding) => finding.about === about)!;
    return [value, source, why];
  }
  const usual = "Ultralytics models are trained so";
  assertEquals(told({}, "input.letterbox"), ["center, padded with 114", "assumed", usual]);
  assertEquals(told({}, "input.scaling"), ["0-1", "assumed", usual]);
  assertEquals(
    told({ letterbox: { anchor: "topleft", rounding: "down" } }, "input.letterbox"),
    ["topleft, padded with 114, sides rounded down", "flag", "the flag states it"],
  );
  assertEquals(told({ letterbox: { mode: "stretch" } }, "input.letterbox")[0], "stretch");
  const scaling = { scale: 2, bias: [1, 2, 3] } as const;
  assertEquals(told({ scaling }, "input.scaling")[0], '{"scale":2,"bias":[1,2,3]}');
});

Deno.test("resolveSpec() knows four kinds of scaling", () => {
  function numbers(options: ResolveOptions) {
    const { scale, bias } = resolve(YOLO_V8, options).input;
    return [...scale, ...bias];
  }
  assertEquals(numbers({ overrides: { scaling: "0-255" } }), [1, 1, 1, 0, 0, 0]);
  const unit = 1 / 255;
  assertEquals(numbers({ overrides: { scaling: "0-1" } }), [unit, unit, unit, 0, 0, 0]);
  const own = { scale: 2, bias: [3, 4, 5] } as const;
  assertEquals(numbers({ overrides: { scaling: own } }), [2, 2, 2, 3, 4, 5]);
  const rgb = numbers({ overrides: { scaling: "imagenet" } });
  // The mean colour becomes 0, and one deviation above it becomes 1.
  const mean = [123.675, 116.28, 103.53];
  mean.forEach((value, i) => assertAlmostEquals(value * rgb[i]! + rgb[3 + i]!, 0, 1e-9));
  assertAlmostEquals((123.675 + 58.395) * rgb[0]! + rgb[3]!, 1, 1e-9);
  const bgr = numbers({ overrides: { scaling: "imagenet", channels: "bgr" } });
  assertEquals(bgr.slice(0, 3), rgb.slice(0, 3).toReversed());
});

Deno.test("resolveSpec() leaves scaling to a graph that does it, and to uint8 inputs", () => {
  const div: FakeModel = {
    ...YOLO_V8,
    nodes: [
      ["Cast", ["images"], ["a"]],
      ["Div", ["a", "full"], ["b"]],
      ["Conv", ["b", "w"], ["c"]],
    ],
    constants: { full: [255] },
  };
  const scaled = resolve(div);
  assertEquals([scaled.input.scale, source(scaled, "input.scaling")], [[1, 1, 1], "graph"]);
  const mean: FakeModel = {
    ...YOLO_V8,
    nodes: [
      ["Sub", ["images", "mean"], ["a"]],
      ["Div", ["a", "deviation"], ["b"]],
      ["Conv", ["b", "w"], ["c"]],
    ],
    constants: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
  };
  assertAlmostEquals(resolve(mean).input.scale[0], 1 / 255);
  const bytes = { name: "images", type: "uint8", dims: [1, 640, 640, 3] } as const;
  const spec = resolve({ ...YOLO_V8, inputs: { images: bytes } });
  assertEquals([spec.input.type, spec.input.layout], ["uint8", "nhwc"]);
  assertEquals([spec.input.scale, source(spec, "input.scaling")], [[1, 1, 1], "shapes"]);
  const forced = resolve(div, { overrides: { scaling: "0-1" } });
  assertAlmostEquals(forced.input.scale[0], 1 / 255);
});

Deno.test("resolveSpec() says that a convention is Ultralytics' own, or assumed", () => {
  assertEquals(source(resolve(YOLO_V8), "input.scaling"), "assumed");
  const own = resolve({ ...YOLO_V8, metadata: { author: "Ultralytics" } });
  assertEquals(source(own, "input.scaling"), "metadata");
});

Deno.test("resolveSpec() settles the size of an open input", () => {
  const open = (metadata: Record<string, string> = {}): FakeModel => ({
    inputs: { images: [-1, 3, -1, -1] },
    outputs: { output0: [-1, 84, -1] },
    metadata,
  });
  const dims = { output0: [1, 84, 8400] };
  const usual = resolve(open(), { outputDims: dims });
  assertEquals([usual.input.width, usual.input.height], [640, 640]);
  assertEquals(source(usual, "input.size"), "assumed");
  const stated = resolve(open({ imgsz: "[480, 640]", stride: "32" }), {
    outputDims: { output0: [1, 84, 6300] },
  });
  assertEquals([stated.input.width, stated.input.height], [640, 480]);
  assertEquals(source(stated, "input.size"), "metadata");
  const flagged = resolve(open({ imgsz: "[480, 640]" }), {
    overrides: { width: 320, height: 320 },
    outputDims: { output0: [1, 84, 2100] },
  });
  assertEquals([flagged.input.width, source(flagged, "input.size")], [320, "flag"]);
  const odd = assertThrows(
    () => planProbe(fakeModel(open({ stride: "64" })), { overrides: { width: 96 } }),
    FoveaError,
    "steps of 64",
  );
  assertEquals(odd.code, "USAGE");
  assertEquals(planProbe(fakeModel(open({ stride: "64" }))).picture.dims, [1, 3, 640, 640]);
});

Deno.test("resolveSpec() refuses another size than a fixed input has", () => {
  const error = assertThrows(
    () => resolve(YOLO_V8, { overrides: { width: 320 } }),
    FoveaError,
    'input "images" is fixed at 640x640',
  );
  assertEquals(error.code, "USAGE");
  assertEquals(resolve(YOLO_V8, { overrides: { width: 640 } }).input.width, 640);
});

Deno.test("needsProbe() asks for a run only where a shape is open beyond the batch", () => {
  assertEquals(needsProbe(fakeModel({ outputs: { y: [1, 84, 8400] } })), false);
  assertEquals(needsProbe(fakeModel({ outputs: { y: [-1, 84, 8400] } })), false);
  assertEquals(needsProbe(fakeModel({ outputs: { y: [1, 84, -1] } })), true);
  assertEquals(needsProbe(fakeModel({ outputs: { y: [-1] } })), true);
  assertThrows(() => resolve({ outputs: { y: [1, 84, -1] } }), FoveaError, "is open");
});

Deno.test("planProbe() tells every input with its constants", () => {
  const size = { name: "orig_target_sizes", type: "int64", dims: [-1, 2] } as const;
  const plan = planProbe(fakeModel({
    inputs: { images: [-1, 3, 320, 640], orig_target_sizes: size },
    outputs: {},
  }));
  assertEquals(plan.picture, { name: "images", type: "float32", dims: [1, 3, 320, 640] });
  assertEquals(plan.extraInputs, [{ ...size, dims: [1, 2], values: [640, 320] }]);
});

Deno.test("resolveSpec() refuses inputs that it cannot feed", () => {
  const cases: readonly (readonly [FakeModel["inputs"] & object, string])[] = [
    [{}, "no input takes a picture: there is none"],
    [{ a: [1, 10] }, 'no input takes a picture: "a" [1, 10]'],
    [{ a: [1, 3, 64, 64], b: [1, 3, 64, 64] }, "2 inputs take a picture"],
    [{ a: [1, 1, 64, 64] }, "not a picture of 3 channels"],
    [{ a: [4, 3, 64, 64] }, "4 pictures at once"],
    [{ a: { name: "a", type: "int8", dims: [1, 3, 64, 64] } }, "holds int8 elements"],
    [{ a: [1, 3, 64, 16_416] }, "16416x64 pixels, at most 16384"],
    [{ a: [1, 3, 64, 64], pixel_mask: [1, 99_999, 99_999] }, '"pixel_mask" [1, 99999, 99999]'],
    [{ a: [1, 3, 64, 64], scale_factor: [1, 2] }, "it wants 2 inputs"],
    [{ a: [1, 3, 64, 64], orig_target_sizes: [1, 4] }, '"orig_target_sizes" [1, 4]'],
  ];
  for (const [inputs, words] of cases) {
    const error = assertThrows(() => resolve({ ...YOLO_V8, inputs }), FoveaError);
    assertEquals(error.code, "MODEL_UNSUPPORTED");
    assertStringIncludes(error.message, words);
    assertEquals(error.hint !== null, true);
  }
});

Deno.test("resolveSpec() checks overrides before anything else", () => {
  const overrides = { famly: "yolox" } as unknown as NonNullable<ResolveOptions["overrides"]>;
  const error = assertThrows(() => resolve(YOLO_V8, { overrides }), FoveaError, '"famly"');
  assertEquals(error.code, "USAGE");
});

Deno.test("resolveSpec() gives plain data that survives another isolate", () => {
  const spec = resolve(YOLO_V8);
  assertEquals(structuredClone(spec), spec);
});
