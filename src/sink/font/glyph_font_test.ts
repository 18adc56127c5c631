import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { GLYPH_ATLAS } from "./glyph_atlas.ts";
import { GlyphFont, type TextMask } from "./glyph_font.ts";

const [, SMALL] = GLYPH_ATLAS;

function inkOf({ alpha }: TextMask): number {
  return alpha.reduce((sum, value) => sum + value, 0);
}

Deno.test("GLYPH_ATLAS holds every printable character in rising sizes", () => {
  assertEquals(GLYPH_ATLAS.map(({ sizePx }) => sizePx), [11, 14, 20, 28]);
  for (const encoded of GLYPH_ATLAS) {
    const font = new GlyphFont(encoded);
    for (let code = 33; code <= 126; code++) {
      assertGreater(inkOf(font.render(String.fromCharCode(code), 4)), 200, `character ${code}`);
    }
    assertEquals(inkOf(font.render(" ", 4)), 0);
    assertGreater(font.measurePx(" "), 0);
  }
});

Deno.test("GlyphFont keeps all ink inside the mask: nothing is cut off", () => {
  for (const encoded of GLYPH_ATLAS) {
    const font = new GlyphFont(encoded);
    for (let code = 33; code <= 126; code++) {
      const character = String.fromCharCode(code);
      const spaced = inkOf(font.render(`  ${character}  `, 4));
      assertEquals(inkOf(font.render(character, 4)), spaced, `${encoded.sizePx} px: ${character}`);
    }
  }
});

Deno.test("GlyphFont draws an L as a left stroke and a foot", () => {
  const { width, height, alpha } = new GlyphFont(SMALL!).render("L", 4);
  const rows = Array.from({ length: height }, (_, y) => {
    return inkOf({ width, height: 1, alpha: alpha.subarray(y * width, (y + 1) * width) });
  });
  const inked = rows.flatMap((ink, y) => ink > 0 ? [y] : []);
  const foot = rows[inked.at(-1)!]!;
  assertGreater(foot, 2 * rows[inked[0]!]!);
});

Deno.test("GlyphFont has tabular figures, so that numbers do not jump", () => {
  const font = new GlyphFont(SMALL!);
  assertEquals(new Set([..."0123456789"].map((digit) => font.measurePx(digit))).size, 1);
});

Deno.test("GlyphFont enlarges by whole factors, each pixel to a square", () => {
  const single = new GlyphFont(SMALL!).render("A", 4);
  const plain = { ...single, alpha: single.alpha.slice() };
  const triple = new GlyphFont(SMALL!, 3);
  assertEquals(triple.measurePx("A"), 3 * new GlyphFont(SMALL!).measurePx("A"));
  assertEquals(inkOf(triple.render("A", 4)), 9 * inkOf(plain));
});

Deno.test("GlyphFont masks have even sides and are clean again for the next line", () => {
  const font = new GlyphFont(SMALL!);
  const first = font.render("Mg|", 4).alpha.slice();
  const { width, height } = font.render("Mg|", 4);
  assertEquals([width % 2, height % 2], [0, 0]);
  font.render("@@@@@@", 4);
  assertEquals(font.render("Mg|", 4).alpha, first);
});

Deno.test("GlyphFont drops accents and marks what it cannot draw", () => {
  const font = new GlyphFont(SMALL!);
  const plain = font.render("Zebre?", 4).alpha.slice();
  assertEquals(font.render("Zèbre車", 4).alpha, plain);
  assertEquals(font.measurePx(""), 0);
});

Deno.test("GlyphFont refuses a damaged atlas and odd factors", () => {
  const glyphs = SMALL!.glyphs.slice(0, 400);
  assertThrows(() => new GlyphFont({ ...SMALL!, glyphs }), RangeError, "it ends in character");
  assertThrows(() => new GlyphFont(SMALL!, 1.5), RangeError);
});
