import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { planStreet } from "../scene/street_plan.ts";
import { type Actor, Cast, classNamesWith } from "./cast.ts";

const SEEDS = [2, 5, 11];

function castOf(seed: number, density = 1): Cast {
  return new Cast(planStreet(seed), density, []);
}

/** Half the sides of the rectangle along the axes that an actor covers on the ground. */
function footprint(cast: Cast, { place, ...rest }: Actor): { x: number; y: number } {
  const { size } = cast.modelOf({ place, ...rest }, { rain: false, coarse: true }).mesh;
  const [hx, hy] = [Math.abs(place.headingX), Math.abs(place.headingY)];
  return { x: hx * size.halfY + hy * size.halfX, y: hy * size.halfY + hx * size.halfX };
}

Deno.test("those who share a lane keep their order and their distance", () => {
  for (const seed of SEEDS) {
    for (const lane of castOf(seed, 2).lanes) {
      const { kind } = lane.plan;
      const least = { road: 6.5, sideRoad: 6.5, bikes: 2, walkers: 0.6 }[kind];
      for (let seconds = 0; seconds < 150; seconds += 1.7) {
        const users = lane.usersAt(seconds).sort((a, b) => a.number - b.number);
        for (let i = 1; i < users.length; i++) {
          assertGreater(users[i - 1]!.wayM - users[i]!.wayM, least, `${kind} ${seconds} s`);
        }
      }
    }
  }
});

Deno.test("no vehicle ever touches another one or a person", () => {
  for (const seed of SEEDS) {
    const cast = castOf(seed, 1.5);
    for (let seconds = 0; seconds < 110; seconds += 2.3) {
      const actors = cast.actorsAt(seconds);
      const prints = actors.map((actor) => footprint(cast, actor));
      for (let i = 0; i < actors.length; i++) {
        for (let k = i + 1; k < actors.length; k++) {
          const [a, b] = [actors[i]!, actors[k]!];
          if (a.className === "pedestrian" && b.className === "pedestrian") continue;
          const apart = Math.abs(a.place.x - b.place.x) > prints[i]!.x + prints[k]!.x - 0.05 ||
            Math.abs(a.place.y - b.place.y) > prints[i]!.y + prints[k]!.y - 0.05;
          assert(
            apart,
            `seed ${seed}, ${seconds} s: ${a.className} ${a.id} and ${b.className} ${b.id}`,
          );
        }
      }
    }
  }
});

Deno.test("identities are unique, positive, and their owners move without jumps", () => {
  const cast = castOf(7, 2);
  let before = new Map<number, Actor>();
  for (let frame = 0; frame < 400; frame++) {
    const actors = cast.actorsAt(frame / 25);
    const now = new Map(actors.map((actor) => [actor.id, actor]));
    assertEquals(now.size, actors.length);
    for (const actor of actors) {
      assert(Number.isInteger(actor.id) && actor.id > 0);
      const last = before.get(actor.id);
      if (last === undefined) continue;
      assertEquals(last.className, actor.className);
      const step = Math.sqrt(
        (last.place.x - actor.place.x) ** 2 + (last.place.y - actor.place.y) ** 2,
      );
      // Nothing here is faster than 16 m/s.
      assert(step < 16 / 25, `${actor.className} ${actor.id} jumped ${step} m`);
    }
    before = now;
  }
});

Deno.test("any moment can be asked for without those before it", () => {
  const sequential = castOf(4);
  const moments = Array.from({ length: 40 }, (_, i) => i * 1.9);
  const expected = moments.map((seconds) => sequential.actorsAt(seconds));
  const jumping = castOf(4);
  for (const i of [31, 2, 39, 0, 17]) assertEquals(jumping.actorsAt(moments[i]!), expected[i]!);
  // Long runs forget what is over and come to the same.
  for (let seconds = 0; seconds < 30_000; seconds += 100) jumping.actorsAt(seconds);
  assertEquals(jumping.actorsAt(moments[17]!), expected[17]!);
});

Deno.test("speeds are what positions change by", () => {
  const cast = castOf(9);
  const [early, late] = [cast.actorsAt(20), cast.actorsAt(20.04)];
  for (const actor of early) {
    const next = late.find(({ id }) => id === actor.id);
    if (next === undefined) continue;
    const step = (next.motion.distanceM - actor.motion.distanceM) / 0.04;
    // The speed is a mean over a few seconds, so it lags a little behind.
    assertAlmostEquals(actor.motion.speedMps, step, 2.6);
  }
});

Deno.test("density 0 is an empty street, more density more traffic", () => {
  assertEquals(castOf(3, 0).actorsAt(50), []);
  const mean = (density: number): number => {
    const cast = castOf(3, density);
    return [10, 40, 70, 100].reduce((sum, s) => sum + cast.actorsAt(s).length, 0);
  };
  assertGreater(mean(1), mean(0.3));
  assertGreater(mean(2), mean(1));
});

Deno.test("a new class comes in after its time and changes nobody who was there before", () => {
  const plan = planStreet(6);
  const plain = new Cast(plan, 1, []);
  const cast = new Cast(plan, 1, [{ className: "tractor", fromS: 30 }]);
  assertEquals(cast.classNames, ["car", "van", "bicycle", "pedestrian", "tractor"]);
  assertEquals(cast.actorsAt(29), plain.actorsAt(29));
  const seen = [40, 60, 80].flatMap((seconds) => cast.actorsAt(seconds));
  assertGreater(seen.filter(({ className }) => className === "tractor").length, 2);
  assertEquals(classNamesWith([]), ["car", "van", "bicycle", "pedestrian"]);
});
