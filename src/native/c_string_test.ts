import { assertEquals, assertThrows } from "@std/assert";
import { CStringArray, readCString, readCStrings, toCString } from "./c_string.ts";

Deno.test("toCString() ends with a zero and keeps every character", () => {
  assertEquals([...toCString("aé")], [97, 0xc3, 0xa9, 0]);
  assertEquals([...toCString("")], [0]);
  assertThrows(() => toCString("a\0b"), TypeError, "holds a zero");
});

Deno.test("readCString() reads what toCString() wrote, and nothing at null", () => {
  for (const text of ["", "x", "größer €", "🦔".repeat(40)]) {
    assertEquals(readCString(Deno.UnsafePointer.of(toCString(text))), text);
  }
  assertEquals(readCString(null), "");
});

Deno.test("CStringArray is what C reads as char**", () => {
  for (const texts of [[], ["one"], ["", "two words", "ü", ""], Array(200).fill("many")]) {
    const array = new CStringArray(texts);
    assertEquals(array.count, texts.length);
    const pointer = Deno.UnsafePointer.of(array.addresses);
    assertEquals(readCStrings(pointer, array.count), texts);
  }
  assertEquals(readCStrings(null, 3), []);
});
