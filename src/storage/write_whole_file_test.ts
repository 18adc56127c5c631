import { assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { readTextIfThere, writeWholeFile } from "./write_whole_file.ts";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("writeWholeFile() makes folders, replaces what was there, and leaves nothing else", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a/b/state.json`;
    await writeWholeFile(path, "old");
    await writeWholeFile(path, new TextEncoder().encode("new"));
    assertEquals(await readTextIfThere(path), "new");
    const names = Array.from(Deno.readDirSync(`${folder}/a/b`), ({ name }) => name);
    assertEquals(names, ["state.json"]);
  }));

Deno.test("writeWholeFile() that cannot write keeps what was there", () =>
  withFolder(async (folder) => {
    const path = `${folder}/state.json`;
    await Deno.mkdir(path);
    const error = await assertRejects(() => writeWholeFile(path, "x"), FoveaError);
    assertEquals(error.code, "SINK_OPEN");
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assertEquals(names, ["state.json"]);
  }));

Deno.test("readTextIfThere() tells a missing file from one that cannot be read", () =>
  withFolder(async (folder) => {
    assertEquals(await readTextIfThere(`${folder}/none`), null);
    const error = await assertRejects(() => readTextIfThere(folder), FoveaError);
    assertEquals(error.code, "STATE_INVALID");
  }));
