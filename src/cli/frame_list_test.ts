import { assertEquals, assertThrows } from "@std/assert";
import { isInFrameList, parseFrameList } from "./frame_list.ts";

Deno.test("parseFrameList() reads numbers and ranges", () => {
  const some = parseFrameList("--frames", " 62, 68,74 ");
  assertEquals([62, 63, 74].map((frame) => isInFrameList(some, frame)), [true, false, true]);
  const range = parseFrameList("--frames", "10:20:5");
  assertEquals([10, 12, 15, 20].map((frame) => isInFrameList(range, frame)), [
    true,
    false,
    true,
    false,
  ]);
  for (const wrong of ["", "a", "1,,2", "-1", "20:10"]) {
    assertThrows(() => parseFrameList("--frames", wrong), Error, "--frames");
  }
});
