// Worlds that do not exist: refused at once, with what there is instead.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { runInProcess } from "../support/memory_terminal.ts";

const WRONG: readonly [uri: string, message: string, hint: string][] = [
  ["synthetic:town", "the world town is unknown", "synthetic:street"],
  ["synthetic:street?weather=hail:2", "the weather hail is unknown", "night, fog, rain"],
  ["synthetic:street?weather=fog", "the weather fog has no severity", "from 1 (slight) to 4"],
  ["synthetic:street?weather=fog:5", "has the unknown severity 5", "from 1 (slight) to 4"],
  ["synthetic:street?weather=fog:1.5@10", "has the unknown severity 1.5", "fog:N"],
  ["synthetic:street?weather=rain:2@soon", "soon is no frame to begin rain:2 at", "rain:2@150"],
  ["synthetic:street?class=zebra", "the class zebra is unknown", "tractor"],
  ["synthetic:street?class=car@9", "the class car is in the street anyway", "tractor"],
  ["synthetic:street?snow=1", "snow", "weather"],
  ["synthetic:street?size=9x9", "cannot be drawn at 9x9", "64x48"],
  ["synthetic:street?seed=-1", "seed=-1 is not a whole number", ""],
  ["synthetic:street?density=9", "density=9", "1 for usual traffic"],
];

const COMMANDS: readonly [words: string[], flags: string[]][] = [
  [["run"], []],
  [["run", "--live"], []],
  [["monitor"], []],
  [["eval", "--video"], ["--tracks"]],
  [["world"], ["--annotations", "never.json"]],
];

for (const [words, flags] of COMMANDS) {
  Deno.test(`fovea ${words.join(" ")} refuses a world that does not exist`, async () => {
    for (const [uri, message, hint] of WRONG) {
      const { code, stdout, stderr } = await runInProcess([...words, uri, ...flags]);
      assertEquals([code, stdout], [1, ""], uri);
      const [first, second = ""] = stderr.trimEnd().split("\n");
      assertStringIncludes(first!, "error CAMERA_URI: ");
      assertStringIncludes(first!, message);
      assertStringIncludes(second, hint);
    }
  });
}

Deno.test("a world that does not exist is one line of JSON where JSON is asked for", async () => {
  const { code, stdout, stderr } = await runInProcess(["run", "synthetic:town", "--json"]);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(JSON.parse(stderr).error.code, "CAMERA_URI");
});
