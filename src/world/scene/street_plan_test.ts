import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { CameraView } from "../camera_view.ts";
import { isPavement, pavementDepth } from "./ground_paint.ts";
import { buildScenery } from "./scenery.ts";
import { drawScenery } from "./scenery_image.ts";
import { planStreet, ZEBRA_M } from "./street_plan.ts";

const PLANS = Array.from({ length: 60 }, (_, seed) => planStreet(seed));

Deno.test("streets keep to their measures", () => {
  for (const { camera, kerbXM, houseXM, junction, light, laneM, lanes, bikeM } of PLANS) {
    for (const side of [0, 1] as const) {
      assert(kerbXM[side] >= lanes * laneM + bikeM - 1e-9);
      assert(houseXM[side] - kerbXM[side] >= 3.4);
    }
    assert(camera.zM > 4 && camera.zM < 8 && Math.abs(camera.xM) < Math.max(...houseXM) - 1);
    assert(camera.pitchRad > 0 && camera.fieldOfViewRad < 1.2);
    const { sunX, sunY, sunZ } = light;
    assertAlmostEquals(sunX * sunX + sunY * sunY + sunZ * sunZ, 1, 1e-6);
    assertGreater(sunZ, 0.25);
    const [near, far] = junction.zebraYM;
    assert(near > 5 && near + ZEBRA_M < junction.yM - junction.halfM);
    assertGreater(far, junction.yM + junction.halfM);
  }
});

Deno.test("seeds vary what can vary", () => {
  assertEquals(new Set(PLANS.map(({ lanes }) => lanes)).size, 2);
  assertEquals(new Set(PLANS.map(({ driveSide }) => driveSide)).size, 2);
  assertEquals(new Set(PLANS.map(({ bikeSurface }) => bikeSurface)).size, 4);
  assertGreater(new Set(PLANS.map(({ light }) => light.sun.g > 0)).size, 1);
});

Deno.test("the road lies between the kerbs, pavement beside it, with a gap for the side street", () => {
  for (const plan of PLANS.slice(0, 10)) {
    const { junction, kerbXM } = plan;
    for (const y of [0, junction.yM - junction.halfM - 4, 120]) {
      assert(!isPavement(plan, kerbXM[1] - 0.01, y) && !isPavement(plan, 0.01 - kerbXM[0], y));
      assert(isPavement(plan, kerbXM[1] + 0.01, y) && isPavement(plan, -kerbXM[0] - 0.01, y));
    }
    assert(!isPavement(plan, kerbXM[1] + 3, junction.yM));
    assertAlmostEquals(pavementDepth(plan, kerbXM[1] + 2, 120), 2, 1e-9);
  }
});

Deno.test("nothing that stands on the pavement reaches into the road, and lamps are many", () => {
  for (const plan of PLANS.slice(0, 12)) {
    const { furniture } = buildScenery(plan);
    assertGreater(furniture.lamps.length, 8);
    assertEquals(furniture.signals.length, 4);
    for (const { bounds } of furniture.solids) {
      // Arms of lamps and crowns of trees hang over it, higher than any van.
      if (bounds.z0 > 1.2) continue;
      const side = bounds.x0 < 0 ? 0 : 1;
      const inner = side === 0 ? -bounds.x1 : bounds.x0;
      assertGreater(inner, plan.kerbXM[side]);
    }
  }
});

Deno.test("every camera sees its street: nothing stands in front of it", () => {
  for (const plan of PLANS.slice(0, 24)) {
    const { ground, width, height } = drawScenery(
      new CameraView(plan.camera, 64, 40),
      buildScenery(plan),
      false,
    );
    const lower = ground.subarray(width * height / 2);
    const share = lower.reduce((sum, part) => sum + part, 0) / lower.length / 255;
    assertGreater(share, 0.6, `seed ${plan.seed}`);
  }
});
