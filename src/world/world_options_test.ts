import { assertEquals, assertThrows } from "@std/assert";
import { checkWorldOptions, type WorldOptions } from "./world_options.ts";

Deno.test("checkWorldOptions() fills in what is left out", () => {
  assertEquals(checkWorldOptions({}), {
    seed: 1,
    width: 640,
    height: 384,
    fps: 25,
    frames: null,
    density: 1,
    weather: [],
    newClasses: [],
  });
});

Deno.test("checkWorldOptions() refuses what is out of range and says what is not", () => {
  const bad: [WorldOptions, string][] = [
    [{ seed: -1 }, "from 0 to 4294967295"],
    [{ seed: 1.5 }, "a whole number"],
    [{ width: 63 }, "from 64 to 3840"],
    [{ height: 2161 }, "from 48 to 2160"],
    [{ fps: 0 }, "above 0"],
    [{ fps: NaN }, "above 0"],
    [{ frames: 0 }, "from 1"],
    [{ density: 2.1 }, "from 0 to 2"],
    [{ weather: [{ kind: "snow" as "fog", severity: 1, fromFrame: 0 }] }, "night, fog, rain"],
    [{ weather: [{ kind: "fog", severity: 5 as 4, fromFrame: 0 }] }, "1, 2, 3 or 4, or 0"],
    [{ weather: [{ kind: "fog", severity: 1, fromFrame: -1 }] }, "fromFrame -1"],
    [{ newClasses: [{ className: "bus" as "tractor", fromFrame: 0 }] }, "use tractor"],
    [{ newClasses: [{ className: "tractor", fromFrame: 0.5 }] }, "fromFrame 0.5"],
  ];
  for (const [options, words] of bad) {
    assertThrows(() => checkWorldOptions(options), RangeError, words);
  }
});
