import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { Dice } from "../random.ts";
import { drawCar } from "./car_model.ts";
import { drawCyclist } from "./cyclist_model.ts";
import { MeshBuilder } from "./mesh_builder.ts";
import { type Model, PLACEMENT_SIZE } from "./model.ts";
import { drawPerson } from "./person_model.ts";
import { drawTractor } from "./tractor_model.ts";
import { drawVan } from "./van_model.ts";

const MODELS: Readonly<Record<string, (dice: Dice, coarse: boolean) => Model>> = {
  car: drawCar,
  van: drawVan,
  tractor: drawTractor,
  bicycle: drawCyclist,
  pedestrian: (dice, coarse) => drawPerson(dice, { rain: false, coarse }),
  umbrella: (dice, coarse) => drawPerson(dice, { rain: true, coarse }),
};

/** The corners of the space that a model takes up in some poses. */
function spaceOf(model: Model): { low: number[]; high: number[] } {
  const [low, high] = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]];
  const { mesh } = model;
  const placements = new Float64Array(mesh.parts * PLACEMENT_SIZE);
  for (let step = 0; step < 8; step++) {
    model.poseInto(placements, { distanceM: step * 0.21, speedMps: 1.4, seconds: step });
    for (let part = 0; part < mesh.parts; part++) {
      const p = placements.subarray(part * PLACEMENT_SIZE);
      for (let v = mesh.partStarts[part]!; v < mesh.partStarts[part + 1]!; v++) {
        for (let axis = 0; axis < 3; axis++) {
          const value = p[4 * axis]! * mesh.positions[3 * v]! +
            p[4 * axis + 1]! * mesh.positions[3 * v + 1]! +
            p[4 * axis + 2]! * mesh.positions[3 * v + 2]! + p[4 * axis + 3]!;
          low[axis] = Math.min(low[axis]!, value);
          high[axis] = Math.max(high[axis]!, value);
        }
      }
    }
  }
  return { low: low as number[], high: high as number[] };
}

for (const [name, draw] of Object.entries(MODELS)) {
  Deno.test(`a ${name} stands on the ground and keeps to its size`, () => {
    for (let seed = 0; seed < 12; seed++) {
      for (const coarse of [false, true]) {
        const model = draw(new Dice(seed), coarse);
        const { size } = model.mesh;
        const { low, high } = spaceOf(model);
        assert(low[2]! > -0.09 && low[2]! < 0.12, `${seed}: ${low[2]}`);
        // A step or a mirror may reach out of the space that counts for traffic.
        assert(high[2]! < size.z * 1.12 + 0.25 && high[2]! > size.z * 0.8, `${seed}: ${high[2]}`);
        assert(-low[1]! < size.halfY * 1.35 + 0.4 && high[1]! < size.halfY * 1.35 + 0.4, `${seed}`);
        assert(high[0]! < size.halfX + 0.45 && -low[0]! < size.halfX + 0.45, `${seed}`);
      }
    }
  });

  Deno.test(`a coarse ${name} has fewer triangles and the same outline`, () => {
    for (let seed = 20; seed < 26; seed++) {
      const [fine, coarse] = [draw(new Dice(seed), false), draw(new Dice(seed), true)];
      assert(coarse.mesh.finishOf.length <= fine.mesh.finishOf.length);
      assertEquals(coarse.mesh.size, fine.mesh.size);
      const [a, b] = [spaceOf(fine), spaceOf(coarse)];
      for (let axis = 0; axis < 3; axis++) {
        // Mirrors and handles are left out; round things get corners.
        const slack = axis === 0 ? 0.24 : 0.06;
        assertAlmostEquals(a.low[axis]!, b.low[axis]!, slack);
        assertAlmostEquals(a.high[axis]!, b.high[axis]!, slack);
      }
    }
  });
}

Deno.test("models of different seeds look different", () => {
  for (const draw of Object.values(MODELS)) {
    const looks = new Set(
      Array.from(
        { length: 8 },
        (_, seed) => JSON.stringify(draw(new Dice(seed), false).mesh.finishes),
      ),
    );
    assertGreater(looks.size, 5);
  }
});

Deno.test("closed shapes of the builder enclose their space: faces look outwards", () => {
  const builder = new MeshBuilder();
  const finish = builder.finish({ color: { r: 1, g: 1, b: 1 }, gloss: 0 });
  builder.block(finish, [-1, -2, 0], [1, 2, 3]);
  assertAlmostEquals(volumeOf(builder), 24, 1e-6);
  const bar = new MeshBuilder();
  bar.finish({ color: { r: 1, g: 1, b: 1 }, gloss: 0 });
  bar.bar(0, [0, 0, 0], [0.3, 0.2, 1], [0.5, 0.5], 64);
  assertAlmostEquals(volumeOf(bar), Math.PI * 0.25 * Math.sqrt(1.13), 0.01);
  const ball = new MeshBuilder();
  ball.finish({ color: { r: 1, g: 1, b: 1 }, gloss: 0 });
  ball.ball(0, [1, 2, 3], [1, 1, 2], 48, 32);
  assertAlmostEquals(volumeOf(ball), 8 / 3 * Math.PI, 0.06);
});

Deno.test("normals have length 1; blunt edges are smoothed and sharp ones are not", () => {
  const builder = new MeshBuilder();
  builder.finish({ color: { r: 1, g: 1, b: 1 }, gloss: 0 });
  builder.block(0, [0, 0, 0], [1, 1, 1]);
  const block = builder.build({ halfX: 1, halfY: 1, z: 1 });
  assertEquals(block.positions.length / 3, 24, "each corner of a block has three normals");
  const ball = new MeshBuilder();
  ball.finish({ color: { r: 1, g: 1, b: 1 }, gloss: 0 });
  ball.ball(0, [0, 0, 0], [1, 1, 1], 16, 12);
  const { normals, positions } = ball.build({ halfX: 1, halfY: 1, z: 1 });
  for (let k = 0; k < normals.length; k += 3) {
    const [x, y, z] = normals.subarray(k, k + 3);
    assertAlmostEquals(x! * x! + y! * y! + z! * z!, 1, 1e-5);
    const along = x! * positions[k]! + y! * positions[k + 1]! + z! * positions[k + 2]!;
    assertGreater(along, 0.97);
  }
});

/** Volume inside a closed surface whose faces look outwards: the divergence theorem. */
function volumeOf(builder: MeshBuilder): number {
  const { positions, triangles } = builder.build({ halfX: 1, halfY: 1, z: 1 });
  let volume = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((i) => {
      const k = 3 * triangles[t + i]!;
      return [positions[k]!, positions[k + 1]!, positions[k + 2]!] as const;
    });
    volume += (a![0] * (b![1] * c![2] - b![2] * c![1]) - a![1] * (b![0] * c![2] - b![2] * c![0]) +
      a![2] * (b![0] * c![1] - b![1] * c![0])) / 6;
  }
  return volume;
}
