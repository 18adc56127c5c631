import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { PaceKeeper, TrainingPace } from "./training_pace.ts";

/** A pace whose rests take time on a clock of the test's own. */
class TestPace extends TrainingPace {
  nowMs = 0;
  readonly rests: number[] = [];
  onRest: (() => void) | null = null;

  override rest(restMs: number): void {
    this.rests.push(restMs);
    this.nowMs += restMs;
    this.onRest?.();
  }

  work(keeper: PaceKeeper, workMs: number): void {
    this.nowMs += workMs;
    keeper.keep();
  }
}

Deno.test("PaceKeeper rests as long as the share asks for", () => {
  for (const share of [0.5, 0.25, 0.1]) {
    const pace = new TestPace();
    const keeper = new PaceKeeper(pace, () => pace.nowMs, () => false);
    pace.share = share;
    for (let block = 0; block < 200; block++) pace.work(keeper, 0.3);
    assertAlmostEquals(200 * 0.3 / pace.nowMs, share, 0.01);
  }
});

Deno.test("PaceKeeper does not rest at full pace, nor because of what was not computing", () => {
  const pace = new TestPace();
  const keeper = new PaceKeeper(pace, () => pace.nowMs, () => false);
  for (let block = 0; block < 50; block++) pace.work(keeper, 1);
  assertEquals(pace.rests, []);
  pace.share = 0.5;
  pace.nowMs += 1_000;
  keeper.resume();
  pace.work(keeper, 1);
  assertEquals(pace.rests, [1]);
});

Deno.test("PaceKeeper holds on until the pace changes or the job is over", () => {
  const pace = new TestPace();
  let over = false;
  const keeper = new PaceKeeper(pace, () => pace.nowMs, () => over);
  pace.share = 0;
  pace.onRest = () => {
    if (pace.rests.length === 5) pace.share = 1;
  };
  pace.work(keeper, 1);
  assertEquals(pace.rests.length, 5);
  pace.share = 0;
  pace.onRest = () => {
    over = pace.rests.length === 8;
  };
  pace.work(keeper, 1);
  assertEquals(pace.rests.length, 8);
});

Deno.test("TrainingPace is seen through its memory, and refuses what is no share", () => {
  const pace = new TrainingPace();
  const other = new TrainingPace(pace.memory);
  const { turn } = other;
  pace.share = 1e-9;
  assertEquals(other.share, 0.001);
  assertEquals(other.turn, turn + 1);
  pace.share = 0;
  assertEquals(other.share, 0);
  for (const share of [-0.1, 1.1, NaN]) {
    assertThrows(() => pace.share = share, RangeError, "Cannot train at a pace");
  }
  // Somebody woke it between looking and resting: it does not rest.
  pace.rest(60_000, turn);
});
