import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { type OutputPlan, planOutput } from "./output_path.ts";

function planPictures(path: string): OutputPlan & { kind: "pictures" } {
  const plan = planOutput(path);
  if (plan.kind !== "pictures") throw new TypeError(`${path} is ${plan.kind}`);
  return plan;
}

Deno.test("planOutput() tells outputs by their extension, in any case", () => {
  assertEquals(planOutput("a/b.mp4"), { kind: "mp4", path: "a/b.mp4" });
  assertEquals(planOutput("B.MP4"), { kind: "mp4", path: "B.MP4" });
  assertEquals(planOutput("a.mjpeg").kind, "mjpeg");
  assertEquals(planOutput("a.mjpg").kind, "mjpeg");
  assertEquals(planOutput("a.ndjson").kind, "ndjson");
  assertEquals(planOutput("a.jsonl").kind, "ndjson");
  assertEquals(planOutput("a.png"), { kind: "picture", path: "a.png", picture: "png" });
  assertEquals(planOutput("a.jpeg"), { kind: "picture", path: "a.jpeg", picture: "jpeg" });
});

Deno.test("planOutput() numbers pictures by a pattern", () => {
  const plan = planPictures("out/frames/%06d.png");
  assertEquals([plan.folder, plan.picture], ["out/frames/", "png"]);
  assertEquals(plan.pathOf(42), "out/frames/000042.png");
  assertEquals(plan.pathOf(12_345_678), "out/frames/12345678.png");
  const bare = planPictures("%d.jpg");
  assertEquals([bare.folder, bare.pathOf(7)], [".", "7.jpg"]);
  assertEquals(planPictures("50%%_%03d.jpg").pathOf(7), "50%_007.jpg");
});

Deno.test("planOutput() takes a percent sign in a folder as it is", () => {
  assertEquals(planOutput("50%d/a.png").kind, "picture");
  assertEquals(planPictures("%d/%d.png").pathOf(3), "%d/3.png");
});

Deno.test("planOutput() refuses the rest and lists what is possible", () => {
  for (
    const [path, reason] of [
      ["out.avi", "nothing is known about .avi files"],
      ["out", "it has no file extension"],
      ["folder.mp4/out", "it has no file extension"],
      ["", "it has no file extension"],
      ["%d_%d.png", "its name holds more than one number"],
      ["%099d.png", "its number has more than 12 digits"],
    ] as const
  ) {
    const error = assertThrows(() => planOutput(path), FoveaError, reason);
    assertEquals(error.code, "SINK_OPEN");
    assertMatch(error.hint!, /\.mp4, \.mjpeg, \.png, \.jpg, \.ndjson.*frames\/%06d\.png/);
  }
});
