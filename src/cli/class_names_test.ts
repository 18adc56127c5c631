import { assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { readClassNames } from "./class_names.ts";

async function readFileNames(content: string | Uint8Array): Promise<string[]> {
  const path = await Deno.makeTempFile({ suffix: ".txt" });
  try {
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
    return await readClassNames(path);
  } finally {
    await Deno.remove(path);
  }
}

async function assertUsage(fn: () => Promise<unknown>, message: string): Promise<void> {
  assertEquals((await assertRejects(fn, FoveaError, message)).code, "USAGE");
}

Deno.test("readClassNames() takes a list and a single name", async () => {
  assertEquals(await readClassNames("car, traffic light"), ["car", "traffic light"]);
  assertEquals(await readClassNames("car"), ["car"]);
});

Deno.test("readClassNames() takes a file with one name a line", async () => {
  assertEquals(await readFileNames("car\r\n traffic light \n\n"), ["car", "traffic light"]);
});

Deno.test("readClassNames() refuses files that hold no names", async () => {
  await assertUsage(() => readFileNames(""), "one name a line");
  await assertUsage(() => readFileNames(new Uint8Array([0xff, 0xfe])), "Cannot read");
  await assertUsage(() => readClassNames("none/such.txt"), "a file that exists");
  await assertUsage(() => readClassNames("."), "a text file");
});
