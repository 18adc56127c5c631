import { assertEquals } from "@std/assert";
import type { CameraEvent } from "../core/ports.ts";
import { ScriptedCamera } from "../../tests/support/scripted_camera.ts";
import { selectFrames } from "./selected_frames.ts";

/** What a camera hands out, up to the end. */
async function readAll(next: () => Promise<CameraEvent>): Promise<(number | string)[]> {
  const told: (number | string)[] = [];
  for (;;) {
    const event = await next();
    if (event.kind === "end") return told;
    if (event.kind === "state") {
      told.push(event.state);
      continue;
    }
    using frame = event.frame;
    told.push(frame.seq);
  }
}

Deno.test("selectFrames() hands out the frames asked for and gives the others back", async () => {
  const inner = new ScriptedCamera(100);
  await using camera = selectFrames(inner, new Set([9, 2, 5]));
  assertEquals(camera.info.frameCount, 3);
  assertEquals(await readAll(() => camera.next()), [2, 5, 9]);
  // Nothing after the last one was read, and no lease is out.
  assertEquals([inner.asked, inner.leases.out, camera.dropped], [10, 0, 0]);
  assertEquals((await camera.next()).kind, "end");
});

Deno.test("selectFrames() ends with its camera where frames are missing", async () => {
  await using camera = selectFrames(new ScriptedCamera(4), new Set([1, 7]));
  assertEquals(await readAll(() => camera.next()), [1]);
});

Deno.test("selectFrames() of nothing does not read", async () => {
  const inner = new ScriptedCamera(4);
  await using camera = selectFrames(inner, new Set());
  assertEquals([await readAll(() => camera.next()), inner.asked], [[], 0]);
});

Deno.test("selectFrames() passes changes of state on", async () => {
  const inner: ScriptedCamera = new ScriptedCamera((seq) =>
    seq === 1 ? { kind: "state", state: "stale", reason: "no picture" } : inner.frame(seq)
  );
  await using camera = selectFrames(inner, new Set([2]));
  assertEquals(await readAll(() => camera.next()), ["stale", 2]);
});
