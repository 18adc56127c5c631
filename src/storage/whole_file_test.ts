import { assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { WholeFile } from "./whole_file.ts";

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-whole-" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

Deno.test("WholeFile replaces the file only when it is committed", () =>
  withFolder(async (folder) => {
    const path = `${folder}/stats.json`;
    await Deno.writeTextFile(path, "old");
    {
      await using file = await WholeFile.create(path);
      assertEquals(await Deno.readTextFile(path), "old");
      await file.commitJson({ frames: 3 });
    }
    assertEquals(JSON.parse(await Deno.readTextFile(path)), { frames: 3 });
    assertEquals(names(folder), ["stats.json"]);
  }));

Deno.test("WholeFile leaves nothing behind when it is not committed", () =>
  withFolder(async (folder) => {
    {
      await using _file = await WholeFile.create(`${folder}/stats.json`);
    }
    assertEquals(names(folder), []);
  }));

Deno.test("WholeFile refuses a folder and a missing folder before anything runs", () =>
  withFolder(async (folder) => {
    for (const path of [folder, `${folder}/none/stats.json`]) {
      const error = await assertRejects(() => WholeFile.create(path), FoveaError, "Cannot create");
      assertEquals(error.code, "SINK_OPEN");
    }
    assertEquals(names(folder), []);
  }));

Deno.test("WholeFile reports a place that was taken meanwhile and leaves nothing behind", () =>
  withFolder(async (folder) => {
    const path = `${folder}/stats.json`;
    {
      await using file = await WholeFile.create(path);
      await Deno.mkdir(path);
      const error = await assertRejects(() => file.commitJson({}), FoveaError, "Cannot write");
      assertEquals(error.code, "SINK_WRITE");
    }
    assertEquals(names(folder), ["stats.json"]);
  }));

Deno.test("WholeFile writes pieces in order and makes the folder where it may", () =>
  withFolder(async (folder) => {
    const path = `${folder}/new/deep/pieces.txt`;
    {
      await using file = await WholeFile.create(path, true);
      await file.commit(["a", "ß\n", ""]);
    }
    assertEquals(await Deno.readTextFile(path), "aß\n");
    assertEquals(names(`${folder}/new/deep`), ["pieces.txt"]);
  }));
