import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Scene, ScenePlan } from "./scene_plan.ts";

/** Name and news of every scene of a run over `frames` frames, all delivered. */
function play(
  plan: ScenePlan,
  frames: number,
): [frame: number, name: string, said: string | null][] {
  const scenes: [number, string, string | null][] = [];
  let before: Scene | null = null;
  for (let frame = 0; frame < frames; frame++) {
    const scene: Scene = plan.at(frame, frame, before);
    if (scene !== before) scenes.push([frame, scene.name, scene.happened]);
    before = scene;
  }
  return scenes;
}

Deno.test("ScenePlan tells what becomes of a world, and what is new in it", () => {
  const uri = "synthetic:street?weather=night:3@5,fog:1@9,night:1@12&class=tractor@14";
  assertEquals(play(new ScenePlan(uri, []), 20), [
    [0, "clear", null],
    [5, "night:3", "night falls"],
    [9, "night:3 + fog:1", "fog comes in"],
    [12, "night:1 + fog:1", "it gets lighter"],
    [14, "night:1 + fog:1 + tractor", "a class never seen before comes in: tractor"],
  ]);
});

Deno.test("ScenePlan tells when the weather is over", () => {
  const uri = "synthetic:street?weather=rain:0,night:3@5,fog:1@7,night:0@9,fog:0@12,rain:0@13";
  assertEquals(play(new ScenePlan(uri, []), 20), [
    [0, "clear", null],
    [5, "night:3", "night falls"],
    [7, "night:3 + fog:1", "fog comes in"],
    [9, "fog:1", "it is day again"],
    [12, "clear", "the fog is gone"],
  ]);
});

Deno.test("ScenePlan says nothing has happened where a run begins in bad weather", () => {
  assertEquals(play(new ScenePlan("synthetic:street?weather=rain:2", []), 3), [
    [0, "rain:2", null],
  ]);
});

Deno.test("ScenePlan counts degradations by what was delivered, the weather by its frames", () => {
  const plan = new ScenePlan("synthetic:street?weather=dirt:4@100", [
    { kind: "geom", severity: 2, fromFrame: 3 },
  ]);
  const first = plan.at(60, 2, null);
  assertEquals(first.name, "clear");
  const second = plan.at(99, 3, first);
  assertEquals([second.name, second.happened], ["geom:2", "the camera is turned"]);
  assertStrictEquals(plan.at(99, 4, second), second);
  assertEquals(plan.at(100, 4, second).name, "dirt:4 + geom:2");
});

Deno.test("ScenePlan knows nothing about a source without weather and degradations", () => {
  for (const uri of ["clip.mp4", "synthetic:street?seed=9", "synthetic:town", "rtsp://a/b"]) {
    const plan = new ScenePlan(uri, []);
    assertEquals(plan.isKnown, false);
    assertEquals(play(plan, 5), [[0, "clear", null]]);
  }
  assertEquals(new ScenePlan("clip.mp4", [{ kind: "fog", severity: 1 }]).isKnown, true);
});
