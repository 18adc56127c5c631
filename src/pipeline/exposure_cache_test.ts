import {
  assertEquals,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { RECIPES } from "../../models/tiny/build.ts";
import { FoveaError } from "../core/errors.ts";
import { type ExposedHead, exposeHead } from "../onnx/expose_head.ts";
import { findHeads } from "../onnx/find_heads.ts";
import { readModel } from "../onnx/read_model.ts";
import { keepExposed } from "./exposure_cache.ts";

let keys = 0;

/** A key that nothing used before, so that what this process keeps is of no matter. */
function newKey(): string {
  return (keys++).toString(16).padStart(64, "e");
}

function make(): ExposedHead {
  const bytes = RECIPES["yolox"]!();
  const model = readModel(bytes);
  return exposeHead(bytes, model, findHeads(model, { classCount: 2 }));
}

function never(): ExposedHead {
  throw new Error("made anew");
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea_exposed_" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Copies a kept file to another key, as if another process had written it. */
async function copyKept(folder: string, from: string, to: string): Promise<void> {
  await Deno.copyFile(`${folder}/${from}.exposed`, `${folder}/${to}.exposed`);
}

Deno.test("keepExposed() makes a model once in a process", async () => {
  const key = newKey();
  const first = await keepExposed(key, null, make);
  assertStrictEquals(await keepExposed(key, null, never), first);
  assertNotStrictEquals(await keepExposed(newKey(), null, make), first);
});

Deno.test("keepExposed() reads what another process kept, to the bit", async () => {
  await withFolder(async (folder) => {
    const [key, other] = [newKey(), newKey()];
    const made = await keepExposed(key, `${folder}/new/folder`, make);
    await copyKept(`${folder}/new/folder`, key, other);
    const read = await keepExposed(other, `${folder}/new/folder`, never);
    assertEquals(read, made);
    const left = [...Deno.readDirSync(`${folder}/new/folder`)].map(({ name }) => name);
    assertEquals(left.sort(), [`${key}.exposed`, `${other}.exposed`].sort());
  });
});

Deno.test("keepExposed() makes a damaged file anew and mends it", async () => {
  await withFolder(async (folder) => {
    const key = newKey();
    const made = await keepExposed(key, folder, make);
    const whole = await Deno.readFile(`${folder}/${key}.exposed`);
    const damages: ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.subarray(0, bytes.length - 1),
      (bytes) => bytes.with(bytes.length - 100, 1 + bytes[bytes.length - 100]!),
      (bytes) => bytes.with(8, 9),
      () => new Uint8Array(0),
      () => new TextEncoder().encode("<html>"),
    ];
    for (const damage of damages) {
      const other = newKey();
      await Deno.writeFile(`${folder}/${other}.exposed`, damage(whole));
      assertEquals(await keepExposed(other, folder, make), made);
      assertEquals(await Deno.readFile(`${folder}/${other}.exposed`), whole);
    }
  });
});

Deno.test("keepExposed() writes what only this process knew", async () => {
  await withFolder(async (folder) => {
    const key = newKey();
    await keepExposed(key, null, make);
    await keepExposed(key, folder, never);
    assertEquals((await Deno.stat(`${folder}/${key}.exposed`)).isFile, true);
  });
});

Deno.test("keepExposed() says that it cannot write where it was told to", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const error = await assertRejects(
      () => keepExposed(newKey(), `${folder}/file/inside`, make),
      FoveaError,
    );
    assertEquals([error.code, error.hint !== null], ["SINK_WRITE", true]);
  });
});
