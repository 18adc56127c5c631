import { assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { StatsFile } from "./stats_file.ts";

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-stats-" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

Deno.test("StatsFile replaces the file only when it is committed", () =>
  withFolder(async (folder) => {
    const path = `${folder}/stats.json`;
    await Deno.writeTextFile(path, "old");
    {
      await using file = await StatsFile.create(path);
      assertEquals(await Deno.readTextFile(path), "old");
      await file.commit({ frames: 3 });
    }
    assertEquals(JSON.parse(await Deno.readTextFile(path)), { frames: 3 });
    assertEquals(names(folder), ["stats.json"]);
  }));

Deno.test("StatsFile leaves nothing behind when it is not committed", () =>
  withFolder(async (folder) => {
    {
      await using _file = await StatsFile.create(`${folder}/stats.json`);
    }
    assertEquals(names(folder), []);
  }));

Deno.test("StatsFile refuses a folder and a missing folder before anything runs", () =>
  withFolder(async (folder) => {
    for (const path of [folder, `${folder}/none/stats.json`]) {
      const error = await assertRejects(() => StatsFile.create(path), FoveaError, "Cannot create");
      assertEquals(error.code, "SINK_OPEN");
    }
    assertEquals(names(folder), []);
  }));

Deno.test("StatsFile reports a place that was taken meanwhile and leaves nothing behind", () =>
  withFolder(async (folder) => {
    const path = `${folder}/stats.json`;
    {
      await using file = await StatsFile.create(path);
      await Deno.mkdir(path);
      const error = await assertRejects(() => file.commit({}), FoveaError, "Cannot write");
      assertEquals(error.code, "SINK_WRITE");
    }
    assertEquals(names(folder), ["stats.json"]);
  }));
