import { assertEquals } from "@std/assert";
import { readLines } from "./text_lines.ts";

async function linesOf(pieces: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  await readLines(ReadableStream.from(bytes), (line) => lines.push(line));
  return lines;
}

Deno.test("readLines() puts lines together, whatever pieces they come in", async () => {
  assertEquals(await linesOf(["one\ntw", "o\r\n\nthree", " more"]), [
    "one",
    "two",
    "",
    "three more",
  ]);
  assertEquals(await linesOf([]), []);
  assertEquals(await linesOf(["end\n"]), ["end"]);
});

Deno.test("readLines() hands a line without an end on in pieces", async () => {
  const lines = await linesOf(Array(10).fill("x".repeat(5000)));
  assertEquals(lines.join("").length, 50_000);
  assertEquals(lines.every((line) => line.length <= 21_384), true);
});
