import { assertEquals } from "@std/assert";
import { type HealthFacts, HealthMachine } from "./health.ts";

const CALM: HealthFacts = {
  state: "live",
  isCalibrated: true,
  isCrossing: false,
  statisticShare: 0,
  isMeasuredBad: false,
};
const CROSSING: HealthFacts = { ...CALM, isCrossing: true, statisticShare: 1.2 };

function run(machine: HealthMachine, facts: HealthFacts, frames: number): string {
  let health = "";
  for (let i = 0; i < frames; i++) health = machine.observe(facts).health;
  return health;
}

Deno.test("health is warming until calibrated, then healthy", () => {
  const machine = new HealthMachine();
  assertEquals(run(machine, { ...CALM, isCalibrated: false }, 10), "warming");
  assertEquals(run(machine, CALM, 1), "healthy");
  assertEquals(machine.observe(CALM).why, null);
});

Deno.test("one crossing makes drifting, and 100 calm frames make healthy again", () => {
  const machine = new HealthMachine();
  assertEquals(run(machine, CROSSING, 1), "drifting");
  assertEquals(run(machine, CALM, 99), "drifting");
  assertEquals(run(machine, CALM, 1), "healthy");
});

Deno.test("a signal above half its threshold keeps a drift alive", () => {
  const machine = new HealthMachine();
  run(machine, CROSSING, 1);
  for (let i = 0; i < 20; i++) {
    run(machine, CALM, 50);
    assertEquals(run(machine, { ...CALM, statisticShare: 0.6 }, 1), "drifting");
  }
});

Deno.test("three crossings within 100 frames make degraded, spread wider they do not", () => {
  const close = new HealthMachine();
  for (let i = 0; i < 2; i++) {
    run(close, CROSSING, 1);
    run(close, CALM, 20);
  }
  assertEquals(run(close, CROSSING, 1), "degraded");
  const wide = new HealthMachine();
  for (let i = 0; i < 10; i++) {
    assertEquals(run(wide, CROSSING, 1), "drifting");
    run(wide, CALM, 60);
  }
});

Deno.test("bad labels make degraded at once, and healthy only after calm", () => {
  const machine = new HealthMachine();
  assertEquals(run(machine, { ...CALM, isMeasuredBad: true }, 1), "degraded");
  assertEquals(run(machine, CALM, 50), "degraded");
  assertEquals(run(machine, CALM, 50), "healthy");
});

for (const state of ["stale", "frozen", "black", "blind"] as const) {
  Deno.test(`a ${state} stream is blind, whatever else, and changes no verdict`, () => {
    const machine = new HealthMachine();
    run(machine, CROSSING, 1);
    const { health, why } = machine.observe({ ...CROSSING, state });
    assertEquals([health, why], ["blind", `the stream is ${state}`]);
    run(machine, { ...CALM, state }, 500);
    assertEquals(run(machine, CALM, 1), "drifting");
  });
}

Deno.test("a restored machine goes on as the first would have", () => {
  const facts = [CROSSING, ...Array(30).fill(CALM), CROSSING, ...Array(150).fill(CALM)];
  for (const cut of [1, 20, 32, 100]) {
    const [whole, first, second] = [1, 2, 3].map(() => new HealthMachine());
    const wanted = facts.map((fact) => whole!.observe(fact).health);
    const before = facts.slice(0, cut).map((fact) => first!.observe(fact).health);
    second!.restore(JSON.parse(JSON.stringify(first)));
    const after = facts.slice(cut).map((fact) => second!.observe(fact).health);
    assertEquals([...before, ...after], wanted);
  }
});
