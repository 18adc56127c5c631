import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { parseYoloLabels, readLabelBook } from "./label_book.ts";

async function withFiles(
  files: Readonly<Record<string, string>>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-labels-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SIZE = { width: 200, height: 100 };

Deno.test("readLabelBook() reads YOLO files with the names beside them", () =>
  withFiles({
    "classes.txt": "crate\nbarrel\n",
    "yard_000062.txt": "1 0.5 0.5 0.2 0.4\r\n\r\n0 0.1 0.2 0.1 0.2\n",
    "yard_000007.txt": "",
  }, async (folder) => {
    const book = await readLabelBook(folder, ["car"]);
    assertEquals(book.categories, ["crate", "barrel"]);
    assertEquals(book.pictures.map(({ id }) => id), [7, 62]);
    const [empty, full] = book.pictures;
    assertEquals(book.boxesOf(empty!, SIZE), []);
    const [box] = book.boxesOf(full!, SIZE);
    assertEquals([box!.category, box!.xyxyPx.map(Math.round)], [1, [80, 30, 120, 70]]);
  }));

Deno.test("readLabelBook() takes the detector's names where a folder has none", () =>
  withFiles({ "a.txt": "0 0.5 0.5 0.2 0.4\n" }, async (folder) => {
    assertEquals((await readLabelBook(folder, ["car"])).categories, ["car"]);
  }));

Deno.test("readLabelBook() reads COCO files, crowds as places about which nothing is claimed", () =>
  withFiles({
    "coco.json": JSON.stringify({
      images: [{ id: 5, file_name: "five.jpg" }],
      categories: [{ id: 9, name: "car" }],
      annotations: [
        { id: 1, image_id: 5, category_id: 9, bbox: [1, 2, 3, 4] },
        { id: 2, image_id: 5, category_id: 9, bbox: [1, 2, 3, 4], iscrowd: 1 },
      ],
    }),
  }, async (folder) => {
    const book = await readLabelBook(`${folder}/coco.json`, []);
    assertEquals(book.boxesOf(book.pictures[0]!, SIZE), [
      { category: 0, xyxyPx: [1, 2, 4, 6], isCrowd: false },
      { category: 0, xyxyPx: [1, 2, 4, 6], isCrowd: true },
    ]);
  }));

Deno.test("labels that are none are refused by their place", async () => {
  for (const line of ["2 .5 .5 .1 .1", "0 1.5 .5 .1 .1", "0 .5 .5 0 .1", "0 .5 .5", "x 0 0 1 1"]) {
    const error = assertThrows(() => parseYoloLabels(`0 .5 .5 .1 .1\n${line}`, 2, "a.txt"));
    assertEquals((error as FoveaError).code, "ANNOTATIONS_INVALID");
    assertEquals((error as FoveaError).message.includes("line 2 of a.txt"), true);
  }
  await withFiles({ "classes.txt": "car" }, async (folder) => {
    const error = await assertRejects(() => readLabelBook(folder, []), FoveaError);
    assertEquals(error.code, "ANNOTATIONS_INVALID");
  });
});
