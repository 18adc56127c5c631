// The truth against the pixels: boxes and shares are compared with the numbers of the owners in the
// canvas, which the painter writes pixel by pixel.
import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import type { TrueObject } from "../core/frame_truth.ts";
import { ActorLighting } from "./actor_lighting.ts";
import { ToneCurve } from "./color.ts";
import { Cast } from "./motion/cast.ts";
import { buildScenery } from "./scene/scenery.ts";
import { planStreet } from "./scene/street_plan.ts";
import { StageCache } from "./stage_cache.ts";
import { weatherAt } from "./weather/weather.ts";
import { checkWorldOptions } from "./world_options.ts";

const LEVELS = weatherAt([], 0);

/** A street's drawer and what it draws on, made once for each seed. */
function openStreet(seed: number) {
  const settings = checkWorldOptions({ seed, width: 320, height: 192 });
  const plan = planStreet(seed);
  const tone = new ToneCurve();
  const cast = new Cast(plan, 1, []);
  const lighting = new ActorLighting(buildScenery(plan), tone);
  return new StageCache(settings, cast, tone, lighting).get(LEVELS);
}

/** The box around all pixels of an owner, and how many they are. */
function extentOf(owners: Uint16Array, width: number, number: number) {
  const box = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity, pixels: 0 };
  owners.forEach((owner, pixel) => {
    if (owner !== number) return;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    box.x1 = Math.min(box.x1, x);
    box.y1 = Math.min(box.y1, y);
    box.x2 = Math.max(box.x2, x + 1);
    box.y2 = Math.max(box.y2, y + 1);
    box.pixels++;
  });
  return box;
}

Deno.test("boxes of objects that nothing hides fit their pixels to one pixel", () => {
  let compared = 0;
  for (const seed of [4, 5, 9]) {
    const { drawer, stage } = openStreet(seed);
    for (const seconds of [3, 21, 44, 71]) {
      const objects = drawer.draw(stage, LEVELS, seconds, false);
      const { owners, width } = drawer.canvas;
      const numbers = drawer.numbers();
      for (const { trackId, visible, xyxyPx: [x1, y1, x2, y2] } of objects) {
        if (visible < 1 || (x2 - x1) * (y2 - y1) < 60) continue;
        const box = extentOf(owners, width, numbers.get(trackId)!);
        assert(box.x1 - x1 > -1 && box.x1 - x1 <= 1, `left ${x1} ${box.x1}`);
        assert(box.y1 - y1 > -1 && box.y1 - y1 <= 1, `top ${y1} ${box.y1}`);
        assert(x2 - box.x2 > -1 && x2 - box.x2 <= 1, `right ${x2} ${box.x2}`);
        assert(y2 - box.y2 > -1 && y2 - box.y2 <= 1, `bottom ${y2} ${box.y2}`);
        compared++;
      }
    }
  }
  assertGreater(compared, 40);
});

Deno.test("visible shares are counted pixels; what is hidden lies inside its box", () => {
  let hidden = 0;
  for (const seed of [4, 12]) {
    const { drawer, stage } = openStreet(seed);
    const objects = drawer.draw(stage, LEVELS, 37, false);
    const { owners, width } = drawer.canvas;
    const numbers = drawer.numbers();
    for (const { trackId, visible, xyxyPx: [x1, y1, x2, y2] } of objects) {
      const box = extentOf(owners, width, numbers.get(trackId)!);
      if (visible === 0) assertEquals(box.pixels, 0);
      if (visible < 1) hidden++;
      if (box.pixels === 0) continue;
      assert(box.x1 > x1 - 1 && box.y1 > y1 - 1 && box.x2 < x2 + 1 && box.y2 < y2 + 1);
      assertGreater(visible, 0);
    }
  }
  assertGreater(hidden, 5);
});

Deno.test("boxes move evenly: in a second no edge of an object in full view jumps", () => {
  const { drawer, stage } = openStreet(5);
  let before = new Map<number, TrueObject>();
  for (let frame = 0; frame < 25; frame++) {
    const objects = drawer.draw(stage, LEVELS, 10 + frame / 25, false);
    for (const { trackId, xyxyPx, truncated } of objects) {
      const last = before.get(trackId);
      if (last === undefined || truncated > 0.02 || last.truncated > 0.02) continue;
      xyxyPx.forEach((edge, i) => assertAlmostEquals(edge, last.xyxyPx[i]!, 14));
    }
    before = new Map(objects.map((object) => [object.trackId, object]));
  }
});
