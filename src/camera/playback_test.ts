import { assertEquals } from "@std/assert";
import { Playback } from "./playback.ts";

Deno.test("Playback starts with the first picture it is asked for", () => {
  const playback = new Playback(false);
  assertEquals([playback.dueMs(400, 5000), playback.dueMs(440, 5001), playback.dueMs(480, 5100)], [
    5000,
    5040,
    5080,
  ]);
});

Deno.test("Playback catches up after a short delay and shifts after a long one", () => {
  const playback = new Playback(false);
  playback.dueMs(0, 0);
  assertEquals(playback.dueMs(40, 900), 40);
  assertEquals(playback.dueMs(80, 1200), 1200);
  assertEquals(playback.dueMs(120, 1200), 1240);
});

Deno.test("Playback for a reader that is waited for goes on from where it is", () => {
  const playback = new Playback(true);
  playback.dueMs(0, 0);
  assertEquals([playback.dueMs(40, 90), playback.dueMs(80, 500), playback.dueMs(120, 500)], [
    40,
    500,
    540,
  ]);
});
