import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { TrainingGovernor } from "./training_governor.ts";
import { TrainingPace } from "./training_pace.ts";

function govern(frameMs = 20, frames = 64): { pace: TrainingPace; governor: TrainingGovernor } {
  const pace = new TrainingPace();
  const governor = new TrainingGovernor(pace, { milliwattsMax: 10_000 });
  for (let i = 0; i < frames; i++) governor.observeFrame(frameMs);
  return { pace, governor };
}

function observe(governor: TrainingGovernor, frameMs: number, frames: number): void {
  for (let i = 0; i < frames; i++) governor.observeFrame(frameMs);
}

Deno.test("TrainingGovernor trains at full pace where no frames come", () => {
  const { pace, governor } = govern(20, 3);
  governor.begin();
  assertEquals(pace.share, 1);
  observe(governor, 100, 40);
  assertEquals([pace.share, governor.restraint], [1, null]);
});

Deno.test("TrainingGovernor gives way while frames take longer, and comes back", () => {
  const { pace, governor } = govern();
  governor.begin();
  assertEquals(pace.share, 0.25);
  observe(governor, 22, 100);
  assertAlmostEquals(pace.share, 1 / 32, 0.001);
  assertEquals(governor.restraint, "frames");
  observe(governor, 20.5, 8 * 8);
  assertEquals([pace.share, governor.restraint], [1, null]);
  // What frames took while training is no measure for what they should take.
  observe(governor, 30, 100);
  governor.end();
  assertEquals([pace.share, governor.restraint], [1, null]);
  governor.begin();
  observe(governor, 30, 8);
  assertEquals([pace.share, governor.restraint], [0.125, "frames"]);
});

Deno.test("TrainingGovernor is not taken in by single slow frames", () => {
  const { pace, governor } = govern();
  governor.begin();
  for (let i = 0; i < 8 * 8; i++) governor.observeFrame(i % 4 === 0 ? 200 : 20);
  assertEquals(pace.share, 1);
  observe(governor, NaN, 100);
  observe(governor, 0, 100);
  assertEquals(pace.share, 1);
});

Deno.test("TrainingGovernor holds on while the board is hot or draws too much", () => {
  const { pace, governor } = govern();
  governor.begin();
  const reading = (celsius: number, boardMilliwatts: number | null) => {
    governor.observeBoard({ temperatures: [{ celsius: 40 }, { celsius }], boardMilliwatts });
    return [pace.share, governor.restraint];
  };
  assertEquals(reading(84.9, 9_999), [0.25, null]);
  assertEquals(reading(85, null), [0, "heat"]);
  assertEquals(reading(81, null), [0, "heat"]);
  assertEquals(reading(79, 10_000), [0, "power"]);
  assertEquals(reading(79, 9_600), [0, "power"]);
  assertEquals(reading(79, 9_400), [0.25, null]);
  governor.observeBoard({ temperatures: [], boardMilliwatts: null });
  assertEquals(governor.restraint, null);
});

Deno.test("TrainingGovernor refuses bounds that are none", () => {
  for (const options of [{ slowdownMax: 0 }, { celsiusMax: NaN }, { milliwattsMax: -1 }]) {
    assertThrows(() => new TrainingGovernor(new TrainingPace(), options), RangeError);
  }
});
