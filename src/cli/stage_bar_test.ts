import { assertEquals } from "@std/assert";
import { ManualClock } from "../core/clock.ts";
import { formatStage, StageBar } from "./stage_bar.ts";

Deno.test("StageBar draws a new stage at once, then ten times a second, and erases itself", async () => {
  const written: string[] = [];
  const clock = new ManualClock();
  const bar = new StageBar({
    ...{ write: (text) => written.push(text), columns: () => 80, isTerminal: true, clock },
  });
  for (let done = 1; done <= 20; done++) {
    bar.update({ stage: "looking", done, total: 20 });
    await clock.advance(10);
  }
  bar.update({ stage: "training", done: 1, total: 120 });
  bar.finish();
  assertEquals(written.length, 4);
  assertEquals(
    written[2],
    `\r${formatStage({ stage: "training", done: 1, total: 120 }, 80)}\x1b[K`,
  );
  assertEquals(written[3], "\r\x1b[K");
});

Deno.test("StageBar writes nothing where nobody sees it, and fits the terminal", () => {
  const bar = new StageBar({
    ...{ write: () => assertEquals(true, false), columns: () => 80, isTerminal: false },
    clock: new ManualClock(),
  });
  bar.update({ stage: "judging", done: 1, total: 2 });
  bar.finish();
  assertEquals(formatStage({ stage: "judging", done: 1, total: 2 }, 20).length, 19);
});
