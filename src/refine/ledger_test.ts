import { assert, assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { Ledger, verifyLedger } from "./ledger.ts";
import type { LedgerEvent } from "./ledger_event.ts";

const AT = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));

function promoted(version: number): LedgerEvent {
  return { kind: "promoted", version, head: "c".repeat(64), from: 0, who: "Ada", why: "größer" };
}

async function withLedger(
  lines: number,
  test: (folder: string, path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-ledger-" });
  try {
    {
      await using ledger = await Ledger.open(folder, () => AT);
      for (let i = 1; i <= lines; i++) await ledger.append(promoted(i));
    }
    await test(folder, `${folder}/ledger.ndjson`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function faultOf(folder: string): Promise<number | null> {
  return (await verifyLedger(folder)).fault?.line ?? null;
}

Deno.test("Ledger keeps what was appended, in order, with time and chain", () =>
  withLedger(3, async (folder, path) => {
    const { entries, fault, torn } = await verifyLedger(folder);
    assertEquals([fault, torn], [null, false]);
    assertEquals(entries.map(({ line }) => line), [1, 2, 3]);
    assertEquals(entries[0]!.event, promoted(1));
    assertEquals(entries[0]!.at, "2026-01-02T03:04:05.000Z");
    assertEquals(entries[2]!.previous, entries[1]!.hash);
    for (const line of (await Deno.readTextFile(path)).trim().split("\n")) JSON.parse(line);
    await using again = await Ledger.open(folder, () => AT);
    assertEquals((await again.append(promoted(4))).line, 4);
    assertEquals(await faultOf(folder), null);
  }));

Deno.test("verifyLedger() finds a change of any byte", () =>
  withLedger(3, async (folder, path) => {
    const bytes = await Deno.readFile(path);
    for (let at = 0; at < bytes.length; at += 3) {
      const changed = bytes.slice();
      changed[at] = changed[at]! ^ 1;
      await Deno.writeFile(path, changed);
      const { fault, torn } = await verifyLedger(folder);
      assert(fault !== null || torn, `byte ${at}`);
      // A last line break that is none any more looks like a crash, but its note knows better.
      assert(fault !== null, `byte ${at} passes for a crash`);
    }
  }));

Deno.test("verifyLedger() finds lines that were moved, taken out, doubled or cut off", () =>
  withLedger(4, async (folder, path) => {
    const lines = (await Deno.readTextFile(path)).trim().split("\n");
    const [a, b, c, d] = lines as [string, string, string, string];
    const tamperings = [
      [[a, c, b, d], 2],
      [[b, c, d], 1],
      [[a, b, d], 3],
      [[a, b, b, c, d], 3],
      [[a, b, c], 4],
      [[], 1],
    ] as const;
    for (const [kept, line] of tamperings) {
      await Deno.writeTextFile(path, kept.map((text) => `${text}\n`).join(""));
      assertEquals(await faultOf(folder), line);
      const error = await assertRejects(() => Ledger.open(folder, () => AT), FoveaError);
      assertEquals(error.code, "STATE_INVALID");
    }
    await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
    assertEquals(await faultOf(folder), null);
    await Deno.remove(`${folder}/ledger.end.json`);
    assertEquals(await faultOf(folder), 4);
    await Deno.writeTextFile(`${folder}/ledger.end.json`, "{}");
    assertEquals(await faultOf(folder), 4);
  }));

Deno.test("Ledger drops a last line that a crash cut short, wherever it was cut", () =>
  withLedger(2, async (folder, path) => {
    const before = await Deno.readFile(path);
    const note = await Deno.readFile(`${folder}/ledger.end.json`);
    {
      await using ledger = await Ledger.open(folder, () => AT);
      await ledger.append(promoted(3));
    }
    const after = await Deno.readFile(path);
    for (let length = before.length + 1; length < after.length; length += 7) {
      await Deno.writeFile(path, after.subarray(0, length));
      await Deno.writeFile(`${folder}/ledger.end.json`, note);
      assertEquals((await verifyLedger(folder)).torn, true);
      await using ledger = await Ledger.open(folder, () => AT);
      assert(ledger.mended !== null);
      assertEquals(ledger.entries.length, 2);
      assertEquals((await ledger.append(promoted(9))).line, 3);
      assertEquals(await faultOf(folder), null);
    }
    // The line is there and its note is not: it counts.
    await Deno.writeFile(path, after);
    await Deno.writeFile(`${folder}/ledger.end.json`, note);
    await using ledger = await Ledger.open(folder, () => AT);
    assertEquals([ledger.entries.length, ledger.mended], [3, null]);
  }));
