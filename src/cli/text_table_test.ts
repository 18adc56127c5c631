import { assert, assertEquals } from "@std/assert";
import { type Column, fit, formatTable, plain, wrap } from "./text_table.ts";

const WIDTHS = { nameCharsMin: 6, columnChars: 7 };
const COLUMNS: readonly Column<{ readonly name: string; readonly n: number }>[] = [
  { title: "n", value: ({ n }) => String(n) },
  { title: "twice", value: ({ n }) => String(2 * n) },
];

Deno.test("wrap() breaks between words, and inside a word that is too long", () => {
  assertEquals(wrap("one two three", 7), ["one two", "three"]);
  assertEquals(wrap("unbreakable it is", 5), ["unbre", "akabl", "e it", "is"]);
  assertEquals(wrap("", 5), [""]);
});

Deno.test("formatTable() leaves out the last columns, then the ends of names", () => {
  const rows = [{ name: "car", n: 7 }, { name: "pedestrian", n: 12 }];
  assertEquals(formatTable("class", rows, COLUMNS, { ...WIDTHS, columns: 80 }), [
    "class           n  twice",
    "car             7     14",
    "pedestrian     12     24",
  ]);
  assertEquals(
    formatTable("class", rows, COLUMNS, { ...WIDTHS, columns: 19 }),
    [
      "class           n",
      "car             7",
      "pedestrian     12",
    ],
  );
  assertEquals(
    formatTable("class", rows, COLUMNS, { ...WIDTHS, columns: 14 })[2],
    "pedest…     12",
  );
  for (let columns = 11; columns < 60; columns++) {
    for (const line of formatTable("class", rows, COLUMNS, { ...WIDTHS, columns })) {
      assert(line.length <= columns, `${columns}: ${line}`);
    }
  }
});

Deno.test("fit() and plain() take the sting out of names", () => {
  assertEquals(fit("tractor", 5), "trac…");
  assertEquals(fit("car", 5), "car  ");
  assertEquals(plain("\x1b[2Jred\r\n"), "?[2Jred??");
});
