import { assert, assertEquals } from "@std/assert";
import { makeTree } from "../../tests/support/fake_tree.ts";
import { SystemFiles } from "./system_files.ts";

Deno.test("SystemFiles reads texts and numbers under its root", async () => {
  await using tree = await makeTree({
    "/sys/a/load": "437\n",
    "/sys/a/temp": "-256000\n",
    "/sys/a/name": "gpu\0",
    "/sys/a/word": "12 MHz",
    "/sys/a/empty": "",
    "/etc/grün": "ü",
  });
  using files = new SystemFiles({ root: `${tree.root}/` });
  assertEquals(files.readText("/sys/a/load"), "437\n");
  assertEquals(files.readText("/sys/a/name"), "gpu\0");
  assertEquals(files.readText("/etc/grün"), "ü");
  assertEquals(
    ["load", "temp", "word", "empty", "none"].map((name) => files.readNumber(`/sys/a/${name}`)),
    [437, -256_000, null, null, null],
  );
});

Deno.test("SystemFiles gives nothing for folders, missing paths and what may not be read", async () => {
  await using tree = await makeTree({ "/sys/a/b": "1" });
  using files = new SystemFiles({ root: tree.root });
  assertEquals([files.readText("/sys/a"), files.readText("/sys/none")], [null, null]);
  assertEquals([files.list("/sys/none"), files.list("/sys/a/b")], [[], []]);
});

Deno.test("SystemFiles lists names in order, without itself and its parent", async () => {
  await using tree = await makeTree({
    "/sys/zone10/t": "",
    "/sys/zone2/t": "",
    "/sys/.hidden": "",
  });
  using files = new SystemFiles({ root: tree.root });
  assertEquals(files.list("/sys"), [".hidden", "zone10", "zone2"]);
});

Deno.test("SystemFiles reads long files in pieces, up to what is asked for", async () => {
  const text = "0123456789é".repeat(20_000);
  await using tree = await makeTree({ "/long": text });
  using files = new SystemFiles({ root: tree.root });
  assertEquals(files.readText("/long", 2 ** 20), text);
  assertEquals(files.readText("/long", 10), "0123456789");
  assertEquals(files.readText("/long")!.length < text.length, true);
});

Deno.test("SystemFiles reads what Deno refuses to without all permissions", () => {
  using files = new SystemFiles();
  assert(files.list("/proc/self").includes("status"));
  assert(files.readText("/proc/self/status")!.startsWith("Name:"));
});
