import { assertEquals } from "@std/assert";
import { type Figures, formatTables } from "./score_tables.ts";

const CLEAR: Figures = {
  AP50: 0.91,
  AP: 0.62,
  APs: 0.4,
  APm: 0.7,
  APl: null,
  precision: 0.9,
  recall: 0.8,
  f1: 0.847,
  classes: [
    { name: "car", AP50: 0.95, AP: 0.7, f1: 0.9, truths: 12 },
    { name: "van", AP50: 0.87, AP: 0.54, f1: 0.8, truths: 3 },
  ],
};

Deno.test("formatTables() gives a row for each class, kind and severity", () => {
  const text = formatTables([
    { group: "clear", condition: "clear", figures: CLEAR },
    { group: "weather", condition: "fog:3", figures: { ...CLEAR, AP50: 0.5, f1: 0.4 } },
    { group: "weather", condition: "fog:1", figures: { ...CLEAR, AP50: 0.9 } },
    { group: "degrade", condition: "jpeg:1", figures: { ...CLEAR, AP50: 0.88 } },
  ]);
  assertEquals(text.split("\n\n").slice(0, 4), [
    "| clear weather | objects | AP50 | AP | F1 |\n| --- | ---: | ---: | ---: | ---: |\n" +
    "| all | 15 | 0.910 | 0.620 | 0.847 |\n| car | 12 | 0.950 | 0.700 | 0.900 |\n" +
    "| van | 3 | 0.870 | 0.540 | 0.800 |",
    "| APs | APm | APl | precision | recall |\n| --- | ---: | ---: | ---: | ---: |\n" +
    "| 0.400 | 0.700 | – | 0.900 | 0.800 |",
    "| AP50 in the world's weather | clear | 1 | 3 |\n| --- | ---: | ---: | ---: |\n" +
    "| fog | 0.910 | 0.900 | 0.500 |",
    "| F1 in the world's weather | clear | 1 | 3 |\n| --- | ---: | ---: | ---: |\n" +
    "| fog | 0.847 | 0.847 | 0.400 |",
  ]);
});
