import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { quoteProperty, splitPipeline, toFraction } from "./gst_words.ts";

Deno.test("splitPipeline() cuts at blanks outside quotes and keeps the quotes", () => {
  assertEquals(splitPipeline(" a  ! b c=1\t! d "), ["a", "!", "b", "c=1", "!", "d"]);
  assertEquals(splitPipeline('filesrc location="my  clip.mp4" ! x'), [
    "filesrc",
    'location="my  clip.mp4"',
    "!",
    "x",
  ]);
  assertEquals(splitPipeline("a b='x \" y'"), ["a", "b='x \" y'"]);
  assertEquals(splitPipeline("a b=x\\ y"), ["a", "b=x\\ y"]);
  assertEquals(splitPipeline(""), []);
});

Deno.test("splitPipeline() tells an open quote", () => {
  assertEquals([splitPipeline('a "b'), splitPipeline("a 'b"), splitPipeline("a \"b'")], [
    null,
    null,
    null,
  ]);
});

Deno.test("quoteProperty() gives one word, whatever the value, or nothing", () => {
  const value = fc.string({ unit: fc.constantFrom(..."a !\"'\\=(){}.;,"), maxLength: 12 });
  fc.assert(
    fc.property(value, (text) => {
      const word = quoteProperty("device", text);
      assertEquals(word === null, /["\\]/.test(text));
      if (word !== null) assertEquals(splitPipeline(`a ${word} ! b`), ["a", word, "!", "b"]);
    }),
    { seed: 7 },
  );
});

Deno.test("toFraction() writes whole, NTSC and other rates", () => {
  assertEquals(
    [30, 29.97, 59.94, 23.976, 12.5, 0.5].map(toFraction),
    ["30/1", "30000/1001", "60000/1001", "24000/1001", "12500/1000", "500/1000"],
  );
});
