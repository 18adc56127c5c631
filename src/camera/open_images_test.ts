import { assertEquals, assertRejects } from "@std/assert";
import { makeBitmap } from "../../tests/support/bitmap.ts";
import { FoveaError } from "../core/errors.ts";
import { openImages } from "./open_camera.ts";

/** A folder with images 10, 20 and 30 pixels wide. */
async function withImages(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-images-" });
  try {
    for (const width of [10, 20, 30]) await makeBitmap(`${folder}/${width}.bmp`, width, 8, []);
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openImages() hands images out in the order they are given, one more than once", () =>
  withImages(async (folder) => {
    const names = ["30", "10", "30"];
    await using camera = await openImages(names.map((name) => `${folder}/${name}.bmp`));
    assertEquals([camera.info.kind, camera.info.frameCount], ["file", 3]);
    const seen: [number, number][] = [];
    for (;;) {
      const event = await camera.next();
      if (event.kind === "end") break;
      if (event.kind !== "frame") continue;
      using frame = event.frame;
      seen.push([frame.seq, frame.picture.width]);
    }
    assertEquals(seen, [[0, 30], [1, 10], [2, 30]]);
  }));

Deno.test("openImages() refuses an empty list and a first image that is none", () =>
  withImages(async (folder) => {
    await assertRejects(() => openImages([]), RangeError);
    const error = await assertRejects(() => openImages([`${folder}/no.bmp`]), FoveaError);
    assertEquals(error.code, "CAMERA_OPEN");
  }));

Deno.test("openImages() ends with an error that names the image that cannot be read", () =>
  withImages(async (folder) => {
    await using camera = await openImages([`${folder}/10.bmp`, `${folder}/no.bmp`]);
    const error = await assertRejects(async () => {
      for (;;) {
        const event = await camera.next();
        if (event.kind === "frame") event.frame[Symbol.dispose]();
        if (event.kind === "end") return;
      }
    }, FoveaError);
    assertEquals(error.code, "CAMERA_LOST");
    assertEquals(error.message.includes("no.bmp"), true);
  }));
