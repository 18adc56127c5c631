import { assertEquals } from "@std/assert";
import { resolve, summary } from "../../tests/support/recognition.ts";
import type { TensorSpec } from "../core/tensor.ts";

function int64(name: string, dims: readonly number[]): TensorSpec {
  return { name, type: "int64", dims };
}

Deno.test("RT-DETR and D-FINE are told by logits and boxes of the same queries", () => {
  const outputs = { logits: [1, 300, 80], pred_boxes: [1, 300, 4] };
  const spec = resolve({ inputs: { pixel_values: [1, 3, 640, 640] }, outputs });
  assertEquals(summary(spec), ["detr", 80, "rgb", "unit", "stretch"]);
  assertEquals(spec.options, { rows: 300, format: "pair", activation: "sigmoid", channels: 80 });
  assertEquals([spec.outputs, spec.needsNms], [{ logits: "logits", boxes: "pred_boxes" }, false]);
  const full = resolve({
    outputs: { ...outputs, last_hidden_state: [1, 300, 256], intermediate: [1, 6, 300, 256] },
  });
  assertEquals(full.outputs, spec.outputs);
  const four = resolve({ outputs: { logits: [1, 300, 4], pred_boxes: [1, 300, 4] } });
  assertEquals([four.outputs["boxes"], four.classNames.length], ["pred_boxes", 4]);
  const custom = resolve({
    outputs: { out_a: [1, 100, 4], out_b: [1, 100, 7] },
    nodes: [["TopK", ["x", "k"], ["a", "b"]]],
  });
  assertEquals([custom.outputs, custom.classNames.length], [
    { logits: "out_b", boxes: "out_a" },
    7,
  ]);
});

Deno.test("DETR is told by 92 channels: a softmax with no object at the end", () => {
  const spec = resolve({
    inputs: { pixel_values: [-1, 3, -1, -1], pixel_mask: int64("pixel_mask", [-1, -1, -1]) },
    outputs: { logits: [1, 100, 92], pred_boxes: [1, 100, 4] },
  });
  assertEquals(summary(spec), ["detr", 91, "rgb", "normal", "stretch"]);
  assertEquals([spec.options["activation"], spec.options["channels"]], ["softmax", 92]);
  const many = resolve({ outputs: { logits: [1, 300, 92], pred_boxes: [1, 300, 4] } });
  assertEquals(many.options["activation"], "softmax");
  const [mask] = spec.extraInputs;
  assertEquals([mask?.name, mask?.type, mask?.dims], ["pixel_mask", "int64", [1, 640, 640]]);
  assertEquals(new Set(mask?.values), new Set([1]));
});

Deno.test("Deformable DETR and RF-DETR are told by 91 channels or RF-DETR's names", () => {
  const deformable = resolve({ outputs: { logits: [1, 300, 91], pred_boxes: [1, 300, 4] } });
  assertEquals(summary(deformable), ["detr", 91, "rgb", "normal", "stretch"]);
  assertEquals(deformable.options["activation"], "sigmoid");
  const rf = { dets: [1, 300, 4], labels: [1, 300, 91] };
  const roboflow = resolve({ inputs: { input: [1, 3, 560, 560] }, outputs: rf });
  assertEquals(summary(roboflow), ["detr", 91, "rgb", "normal", "stretch"]);
  assertEquals(roboflow.classNames[1], "person");
  const tuned = { outputs: { dets: [1, 300, 4], labels: [1, 300, 4] } };
  const deformed = { ...tuned, nodes: [["GridSample", ["a", "b"], ["c"]]] as const };
  assertEquals([resolve(deformed).classNames.length, resolve(deformed).outputs], [3, {
    logits: "labels",
    boxes: "dets",
  }]);
  const named = resolve(deformed, { overrides: { classNames: ["a", "b", "c"] } });
  assertEquals(named.classNames, ["a", "b", "c"]);
});

Deno.test("deployed RT-DETR and D-FINE get their size and give labels, boxes and scores", () => {
  const spec = resolve({
    inputs: {
      images: [-1, 3, 640, 480],
      orig_target_sizes: int64("orig_target_sizes", [-1, 2]),
    },
    outputs: { labels: int64("labels", [-1, 300]), boxes: [-1, 300, 4], scores: [-1, 300] },
  });
  assertEquals(summary(spec), ["detr", 80, "rgb", "unit", "stretch"]);
  assertEquals(spec.options["format"], "picked");
  assertEquals(spec.extraInputs, [
    { name: "orig_target_sizes", type: "int64", dims: [1, 2], values: [480, 640] },
  ]);
});

Deno.test("Ultralytics' RT-DETR is told by its metadata, in both layouts", () => {
  const metadata = {
    author: "Ultralytics",
    description: "Ultralytics RT-DETR-l model",
    names: "['a', 'b', 'c']",
  };
  const joined = resolve({ outputs: { output0: [1, 300, 7] }, metadata });
  assertEquals(summary(joined), ["detr", 3, "rgb", "unit", "stretch"]);
  assertEquals(joined.options["format"], "joined");
  const head = { ...metadata, head: "RTDETRDecoder" };
  const listed = resolve({ outputs: { output0: [1, 300, 6] }, metadata: head });
  assertEquals([listed.options["format"], listed.classNames.length], ["listed", 3]);
});

Deno.test("without names, boxes are told from logits of four classes by their sigmoid", () => {
  const outputs = { a: [1, 300, 4], b: [1, 300, 4] };
  const nodes = [
    ["Conv", ["images", "w"], ["a"]],
    ["Sigmoid", ["x"], ["y"]],
    ["Gather", ["y", "index"], ["b"]],
  ] as const;
  const spec = resolve({ outputs, nodes });
  assertEquals(spec.outputs, { logits: "a", boxes: "b" });
  assertEquals(spec.findings[0]!.source, "graph");
  const unclear = resolve({ outputs });
  assertEquals([unclear.outputs["boxes"], unclear.findings[0]!.source], ["a", "assumed"]);
});

Deno.test("scores that the graph made probabilities are not activated again", () => {
  const outputs = { scores: [1, 300, 80], boxes: [1, 300, 4] };
  const sampled = ["GridSample", ["f", "g"], ["s"]] as const;
  const sigmoid = resolve({ outputs, nodes: [sampled, ["Sigmoid", ["x"], ["scores"]]] });
  assertEquals([sigmoid.options["activation"], sigmoid.classNames.length], ["none", 80]);
  const softmax = resolve({
    outputs: { scores: [1, 100, 92], boxes: [1, 100, 4] },
    nodes: [["Softmax", ["x"], ["scores"]]],
  });
  assertEquals([softmax.options["activation"], softmax.classNames.length], ["none", 91]);
  const logits = resolve({ outputs, nodes: [sampled, ["MatMul", ["x", "w"], ["scores"]]] });
  assertEquals(logits.options["activation"], "sigmoid");
});

Deno.test("RT-DETR without metadata is told by its attention, not taken for end-to-end YOLO", () => {
  const nodes = [["GridSample", ["a", "b"], ["c"]], ["TopK", ["x", "k"], ["d", "e"]]] as const;
  const listed = resolve({ outputs: { output0: [1, 300, 6] }, nodes });
  assertEquals([listed.family, listed.options["format"]], ["detr", "listed"]);
  const joined = resolve({ outputs: { output0: [1, 300, 84] }, nodes });
  assertEquals([joined.family, joined.options["format"]], ["detr", "joined"]);
  assertEquals(joined.findings[0]!.source, "graph");
});

Deno.test("picked boxes without a size to scale them to are a guess that can be corrected", () => {
  const outputs = { labels: int64("labels", [1, 300]), boxes: [1, 300, 4], scores: [1, 300] };
  const unit = (options: Parameters<typeof resolve>[1] = {}, inputs = {}) => {
    const images = { images: [1, 3, 640, 640], ...inputs };
    const spec = resolve({ inputs: images, outputs }, options);
    const finding = spec.findings.find(({ about }) => about === "options.boxes")!;
    return [spec.options["boxes"], finding.source];
  };
  assertEquals(unit(), ["pixels", "assumed"]);
  const size = int64("orig_target_sizes", [1, 2]);
  assertEquals(unit({}, { orig_target_sizes: size }), ["pixels", "names"]);
  assertEquals(unit({ overrides: { options: { boxes: "relative" } } }), ["relative", "flag"]);
});
