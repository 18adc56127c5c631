import { assertEquals } from "@std/assert";
import { StreamWatch } from "./stream_watch.ts";

function show(watch: StreamWatch): string {
  return watch.reason === null ? watch.state : `${watch.state}: ${watch.reason}`;
}

Deno.test("StreamWatch is live until it knows better", () => {
  const watch = new StreamWatch(3);
  assertEquals(show(watch), "live");
  watch.observePicture({ hash: 1, isBlack: false });
  assertEquals(show(watch), "live");
});

Deno.test("StreamWatch counts equal pictures in a row only", () => {
  const watch = new StreamWatch(3);
  const states = [1, 1, 2, 2, 2, 2, 1].map((hash) => {
    watch.observePicture({ hash, isBlack: false });
    return watch.state;
  });
  assertEquals(states, ["live", "live", "live", "live", "frozen", "frozen", "live"]);
});

Deno.test("StreamWatch says black before frozen", () => {
  const watch = new StreamWatch(2);
  for (let i = 0; i < 5; i++) watch.observePicture({ hash: 7, isBlack: true });
  assertEquals(show(watch), "black: the pictures are black");
});

Deno.test("StreamWatch tells silence and loss once, and a loss wins", () => {
  const watch = new StreamWatch(2);
  assertEquals([watch.observeSilence(1000.4), watch.observeSilence(2000)], [true, false]);
  assertEquals(show(watch), "stale: no picture for 1000 ms");
  assertEquals([watch.observeLoss("gone"), watch.observeLoss("refused")], [true, false]);
  assertEquals([watch.observeSilence(3000), show(watch)], [false, "blind: refused"]);
});

Deno.test("StreamWatch does not compare pictures across a loss", () => {
  const watch = new StreamWatch(2);
  watch.observePicture({ hash: 1, isBlack: false });
  watch.observeLoss("gone");
  watch.observePicture({ hash: 1, isBlack: false });
  assertEquals(watch.state, "live");
});
