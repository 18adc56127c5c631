import { assertAlmostEquals } from "@std/assert";
import fc from "fast-check";
import { CameraView } from "./camera_view.ts";

function number(min: number, max: number): fc.Arbitrary<number> {
  return fc.double({ min, max, noNaN: true });
}

Deno.test("a look through a projected point meets the point again", () => {
  const pose = fc.record({
    xM: number(-10, 10),
    yM: number(-5, 5),
    zM: number(2, 9),
    yawRad: number(-0.6, 0.6),
    pitchRad: number(0, 0.5),
    rollRad: number(-1, 1),
    fieldOfViewRad: number(0.6, 1.4),
  });
  const out = new Float64Array(3);
  fc.assert(
    fc.property(pose, number(-8, 8), number(12, 90), number(0, 5), (camera, x, y, z) => {
      const view = new CameraView(camera, 320, 200);
      const depth = view.depthOf(x, y, z);
      if (depth < 1) return;
      view.directionInto(out, view.columnOf(x, y, z), view.rowOf(x, y, z));
      assertAlmostEquals(camera.xM + out[0]! * depth, x, 1e-6);
      assertAlmostEquals(camera.yM + out[1]! * depth, y, 1e-6);
      assertAlmostEquals(camera.zM + out[2]! * depth, z, 1e-6);
    }),
    { seed: 3 },
  );
});

Deno.test("yaw turns left, pitch turns down, the field of view fills a 5:3 picture", () => {
  const base = { xM: 0, yM: 0, zM: 0, yawRad: 0, pitchRad: 0, rollRad: 0 };
  const right = Math.PI / 2;
  const level = new CameraView({ ...base, fieldOfViewRad: right }, 500, 300);
  assertAlmostEquals(level.columnOf(1, 1, 0), 500, 1e-6);
  assertAlmostEquals(level.rowOf(0, 1, 0), 150, 1e-6);
  const left = new CameraView({ ...base, yawRad: 0.1, fieldOfViewRad: right }, 500, 300);
  assertAlmostEquals(left.columnOf(-Math.sin(0.1), Math.cos(0.1), 0), 250, 1e-6);
  const down = new CameraView({ ...base, pitchRad: 0.1, fieldOfViewRad: right }, 500, 300);
  assertAlmostEquals(down.rowOf(0, Math.cos(0.1), -Math.sin(0.1)), 150, 1e-6);
});
