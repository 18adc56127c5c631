import { assertEquals } from "@std/assert";
import { fakeModel } from "../../tests/support/fake_model.ts";
import { lastOperators, traceTail } from "./graph_tail.ts";

Deno.test("traceTail() stops at the last convolutions and lists what lies after them", () => {
  const model = fakeModel({
    outputs: { y: [1, 6, 84] },
    weights: { deep: [8, 3, 3, 3], box: [4, 8, 1, 1], score: [2, 8, 1, 1] },
    nodes: [
      ["Conv", ["images", "deep"], ["a"]],
      ["Tanh", ["a"], ["b"]],
      ["Conv", ["b", "box"], ["boxes"]],
      ["Conv", ["b", "score"], ["logits"]],
      ["Sigmoid", ["logits"], ["scores"]],
      ["Concat", ["boxes", "scores"], ["y"]],
    ],
  });
  const { ops, layers } = traceTail(model, "y");
  assertEquals([...ops].sort(), ["Concat", "Sigmoid"]);
  assertEquals(layers.map(({ weight }) => weight).sort(), ["box", "score"]);
  assertEquals(layers.map(({ channels }) => channels).sort(), [2, 4]);
});

Deno.test("traceTail() sees through the integral of a distribution and through stored types", () => {
  const model = fakeModel({
    outputs: { y: [1, 4, 84] },
    weights: { sides: [64, 8, 1, 1], dfl: [1, 16, 1, 1] },
    nodes: [
      ["Cast", ["sides"], ["sides32"]],
      ["DequantizeLinear", ["sides32", "scale"], ["sidesReal"]],
      ["Conv", ["images", "sidesReal"], ["bins"]],
      ["Softmax", ["bins"], ["shares"]],
      ["Conv", ["shares", "dfl"], ["y"]],
    ],
  });
  const { ops, layers } = traceTail(model, "y");
  assertEquals(layers, [{ weight: "sides", channels: 64 }]);
  assertEquals([...ops].sort(), ["Conv", "Softmax"]);
});

Deno.test("traceTail() ends on a graph without convolutions and on an unknown output", () => {
  const model = fakeModel({ outputs: { y: [1] }, nodes: [["Identity", ["images"], ["y"]]] });
  assertEquals(traceTail(model, "y").layers, []);
  assertEquals(traceTail(model, "z"), { ops: new Set<string>(), layers: [] });
});

Deno.test("lastOperators() sees through what only moves numbers, and into every part", () => {
  const model = fakeModel({
    outputs: { y: [1, 300, 4] },
    nodes: [
      ["Sigmoid", ["a"], ["b"]],
      ["Mul", ["c", "d"], ["e"]],
      ["Concat", ["b", "e"], ["f"]],
      ["Gather", ["f", "index"], ["g"]],
      ["Sub", ["index0", "one"], ["index"]],
      ["Transpose", ["g"], ["y"]],
    ],
  });
  assertEquals([...lastOperators(model, "y")].sort(), ["Mul", "Sigmoid"]);
  assertEquals([...lastOperators(model, "b")], ["Sigmoid"]);
  assertEquals([...lastOperators(model, "images")], []);
});
