import {
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertNotEquals,
} from "@std/assert";
import { classColor, contrast, INK_DARK, INK_LIGHT, inkOn, splitColor, toYuv } from "./color.ts";

Deno.test("classColor() is stable, and unlike that of the next classes", () => {
  for (let index = 0; index < 80; index++) {
    assertEquals(classColor(index), classColor(index + 20));
    for (let next = index + 1; next < index + 5; next++) {
      assertNotEquals(classColor(index), classColor(next));
    }
  }
  assertEquals(classColor(-1), classColor(19));
});

Deno.test("inkOn() can be read on the colour of every class", () => {
  for (let index = 0; index < 20; index++) {
    const color = classColor(index);
    assertGreaterOrEqual(contrast(color, inkOn(color)), 4.5, `class ${index}`);
  }
  assertEquals(inkOn(0x000000), INK_LIGHT);
  assertEquals(inkOn(0xffffff), INK_DARK);
});

Deno.test("contrast() is 21 between black and white and 1 for one colour", () => {
  assertEquals(contrast(0x000000, 0xffffff), 21);
  assertEquals(contrast(0xffffff, 0x000000), 21);
  assertEquals(contrast(0x123456, 0x123456), 1);
});

Deno.test("toYuv() keeps black, white and gray without colour, in both ranges", () => {
  for (const matrix of ["bt601", "bt709"] as const) {
    assertEquals(toYuv(0x000000, "limited", matrix), [16, 128, 128]);
    assertEquals(toYuv(0xffffff, "limited", matrix), [235, 128, 128]);
    assertEquals(toYuv(0x000000, "full", matrix), [0, 128, 128]);
    assertEquals(toYuv(0xffffff, "full", matrix), [255, 128, 128]);
  }
  assertEquals(toYuv(0xff0000, "limited", "bt601"), [81, 90, 240]);
  assertEquals(toYuv(0xff0000, "limited", "bt709"), [63, 102, 240]);
  assertEquals(toYuv(0x0000ff, "full", "bt601"), [29, 255, 107]);
});

Deno.test("splitColor() takes a colour apart", () => {
  assertEquals(splitColor(0x102030), [16, 32, 48]);
  for (let index = 0; index < 20; index++) {
    for (const value of splitColor(classColor(index))) assertLessOrEqual(value, 255);
  }
});
