import { assertEquals, assertThrows } from "@std/assert";
import { CocoWriter, StreetWorld } from "../../src/world/mod.ts";
import { findHeldOut, HELD_OUT_SEED_MIN, joinDatasets, streetUri } from "./held_out.ts";

const PLAN = { streets: 2, framesEach: 20, weather: null };

Deno.test("streetUri() names a held-out street with two seconds between its frames", () => {
  const clear = streetUri(HELD_OUT_SEED_MIN, PLAN);
  assertEquals(clear, "synthetic:street?seed=1000000&fps=0.5&frames=20");
  const night = streetUri(HELD_OUT_SEED_MIN + 1, { ...PLAN, weather: "night:3" });
  assertEquals(night, "synthetic:street?seed=1000001&fps=0.5&frames=20&weather=night:3");
});

Deno.test("streetUri() refuses the streets that detectors are trained on", () => {
  assertThrows(() => streetUri(HELD_OUT_SEED_MIN - 1, PLAN), RangeError, "is training");
});

Deno.test("findHeldOut() takes what was drawn by the same plan and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(await findHeldOut(PLAN, folder), null);
    const description = [0, 1].map((i) => streetUri(HELD_OUT_SEED_MIN + i, PLAN)).join(" ");
    const annotations = `${folder}/annotations.json`;
    await Deno.writeTextFile(annotations, JSON.stringify({ info: { description } }));
    assertEquals(await findHeldOut(PLAN, folder), { images: folder, annotations });
    assertEquals(await findHeldOut({ ...PLAN, streets: 3 }, folder), null);
    assertEquals(await findHeldOut({ ...PLAN, weather: "rain:1" }, folder), null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("joinDatasets() counts pictures and annotations anew and keeps them together", () => {
  const size = { width: 160, height: 96 };
  const parts = [1, 2].map((seed) => {
    const world = new StreetWorld({ seed, ...size });
    const writer = new CocoWriter(world.classNames, size);
    for (const seq of [0, 5]) writer.add(world.at(seq), `${seed}/${seq}.png`);
    return writer.dataset(`street ${seed}`);
  });
  const joined = joinDatasets(parts);
  assertEquals(joined.images.map(({ id }) => id), [0, 1, 2, 3]);
  assertEquals(joined.images.map((image) => image.file_name), [
    "1/0.png",
    "1/5.png",
    "2/0.png",
    "2/5.png",
  ]);
  const ids = joined.annotations.map(({ id }) => id);
  assertEquals(ids, ids.map((_, i) => i + 1));
  const boxesOf = (name: string): unknown[] => {
    const image = joined.images.find(({ file_name }) => file_name === name);
    return joined.annotations.filter(({ image_id }) => image_id === image?.id).map((a) => a.bbox);
  };
  const second = parts[1]!.annotations.filter(({ image_id }) => image_id === 5);
  assertEquals(boxesOf("2/5.png"), second.map(({ bbox }) => bbox));
  assertThrows(() => joinDatasets([]), RangeError, "there are none");
});
