import { assert, assertEquals, assertRejects } from "@std/assert";
import { judgedAs, SMALL_MODEL, smallHead } from "../../tests/support/judged_event.ts";
import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import { HeadStore } from "./head_store.ts";
import { isHeadFolder, readHeadFolder, versionPath } from "./head_folder.ts";
import { verifyLedger } from "./ledger.ts";

const ADA = { who: "Ada", why: "night" };

async function withStore(
  test: (store: HeadStore, folder: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "fovea-heads-" });
  const folder = `${root}/camera/night`;
  try {
    await using store = await HeadStore.open(folder, { model: SMALL_MODEL });
    await test(store, folder);
    assertEquals((await verifyLedger(folder)).fault, null);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function refuses(code: FoveaErrorCode, act: () => Promise<unknown>): Promise<FoveaError> {
  const error = await assertRejects(act, FoveaError);
  assertEquals(error.code, code);
  return error;
}

Deno.test("HeadStore serves what was promoted last and goes back step by step", () =>
  withStore(async (store, folder) => {
    assertEquals(await store.current(), { version: 0, head: null, damage: [] });
    const heads = [smallHead(1), smallHead(2), smallHead(3)];
    for (const head of heads) await store.keep(head, judgedAs("accepted"));
    for (const version of [1, 2, 3]) await store.promote(version, ADA);
    assertEquals((await store.current()).head?.hash, heads[2]!.hash);
    assertEquals((await store.current()).head?.version, 3);
    assertEquals((await store.rollBack(ADA)).version, 2);
    await store.promote(1, ADA);
    const served: number[] = [];
    for (let i = 0; i < 3; i++) served.push((await store.rollBack(ADA)).version);
    assertEquals(served, [2, 1, 0]);
    assertEquals((await store.current()).head, null);
    await refuses("USAGE", () => store.rollBack(ADA));
    const reader = await readHeadFolder(folder);
    assertEquals(reader.served, store.served);
    assertEquals(reader.entries.length, 1 + 3 + 3 + 1 + 1 + 3);
  }));

Deno.test("HeadStore keeps proposals, and of what was rejected only the figures", () =>
  withStore(async (store, folder) => {
    assertEquals(await store.keep(smallHead(1), judgedAs("rejected")), null);
    assertEquals(await store.keep(smallHead(2), judgedAs("proposal")), 1);
    assertEquals(store.list().map(({ version, status, isServed }) => [version, status, isServed]), [
      [1, "proposal", false],
    ]);
    assertEquals([...Deno.readDirSync(`${folder}/versions`)].map(({ name }) => name), ["1.head"]);
    await refuses("USAGE", () => store.promote(2, ADA));
    await store.promote(1, ADA);
    await refuses("USAGE", () => store.promote(1, ADA));
    assertEquals(store.list()[0]!.isServed, true);
  }));

Deno.test("HeadStore serves the version before a damaged one, and says so", () =>
  withStore(async (store, folder) => {
    for (const bias of [1, 2]) {
      const version = await store.keep(smallHead(bias), judgedAs("accepted"));
      await store.promote(version!, ADA);
    }
    const path = versionPath(folder, 2);
    const bytes = await Deno.readFile(path);
    const damages = [
      () => Deno.writeFile(path, bytes.with(bytes.length - 40, bytes.at(-40)! ^ 1)),
      () => Deno.writeFile(path, bytes.subarray(0, 50)),
      () => Deno.remove(path),
      () => Deno.copyFile(versionPath(folder, 1), path),
    ];
    for (const damage of damages) {
      await damage();
      const before = (await verifyLedger(folder)).entries.length;
      const { version, head, damage: told } = await store.current();
      assertEquals([version, head?.hash, told.length], [1, smallHead(1).hash, 1]);
      assert(told[0]!.startsWith("version 2 cannot be served: "));
      assertEquals((await verifyLedger(folder)).entries.length, before + 1);
      await refuses("HEAD_INVALID", () => store.read(2));
    }
    await Deno.writeFile(path, bytes);
    assertEquals((await store.current()).version, 2);
    await Deno.remove(path);
    await Deno.remove(versionPath(folder, 1));
    assertEquals((await store.current()).head, null);
  }));

Deno.test("HeadStore refuses another model's heads and a second owner", () =>
  withStore(async (store, folder) => {
    const other = "d".repeat(64);
    await refuses("HEAD_MISMATCH", () => store.keep(smallHead(1, other), judgedAs("accepted")));
    await refuses("STATE_LOCKED", () => HeadStore.open(folder, { model: SMALL_MODEL }));
    await store[Symbol.asyncDispose]();
    await refuses("HEAD_MISMATCH", () => HeadStore.open(folder, { model: other }));
    await refuses("HEAD_MISMATCH", async () => (await readHeadFolder(folder)).current(other));
    await refuses("DISPOSED", () => store.keep(smallHead(1), judgedAs("accepted")));
    await using _again = await HeadStore.open(folder, { model: SMALL_MODEL });
  }));

Deno.test("readHeadFolder() refuses a folder that is none", async () => {
  const folder = await Deno.makeTempDir({ prefix: "fovea-heads-" });
  try {
    assertEquals(await isHeadFolder(folder), false);
    await refuses("STATE_INVALID", () => readHeadFolder(folder));
    await refuses("STATE_INVALID", () => readHeadFolder(`${folder}/none`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
