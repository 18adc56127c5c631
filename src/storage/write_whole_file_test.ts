import { assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { readTextIfThere, removeLeftovers, writeWholeFile } from "./write_whole_file.ts";

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

Deno.test("removeLeftovers() removes what is older than the file, and nothing else", () =>
  withFolder(async (folder) => {
    const path = `${folder}/state.json`;
    await removeLeftovers(path);
    const others = [
      "state.json.1.part",
      "state.json.2.part",
      "state.json.old",
      "other.json.1.part",
    ];
    for (const name of ["state.json", ...others]) {
      await Deno.writeTextFile(`${folder}/${name}`, "x");
    }
    for (const name of others) await Deno.utime(`${folder}/${name}`, 1000, 1000);
    await Deno.utime(path, 2000, 2000);
    await Deno.utime(`${folder}/state.json.2.part`, 3000, 3000);
    await removeLeftovers(path);
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    assertEquals(names, ["other.json.1.part", "state.json", "state.json.2.part", "state.json.old"]);
  }));
