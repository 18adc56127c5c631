import { assertEquals } from "@std/assert";
import { WEATHER_KINDS, weatherAt, type WeatherChange, type WeatherLevels } from "./weather.ts";

const CALM: WeatherLevels = { night: 0, fog: 0, rain: 0, blur: 0, noise: 0, dirt: 0, moved: 0 };

Deno.test("weatherAt() begins at the frame that is given, and not before", () => {
  for (const kind of WEATHER_KINDS) {
    const changes: WeatherChange[] = [{ kind, severity: 3, fromFrame: 10 }];
    assertEquals(weatherAt(changes, 9), CALM);
    assertEquals(weatherAt(changes, 10), { ...CALM, [kind]: 3 });
    assertEquals(weatherAt(changes, 1e9), { ...CALM, [kind]: 3 });
  }
});

Deno.test("weatherAt() ends with severity 0, and may begin again", () => {
  const changes: WeatherChange[] = [
    { kind: "night", severity: 3, fromFrame: 2 },
    { kind: "night", severity: 0, fromFrame: 5 },
    { kind: "night", severity: 1, fromFrame: 8 },
  ];
  assertEquals([0, 4, 5, 7, 8].map((frame) => weatherAt(changes, frame).night), [0, 3, 0, 0, 1]);
});

Deno.test("weatherAt() follows the latest change of each kind, whatever their order", () => {
  const changes: WeatherChange[] = [
    { kind: "fog", severity: 4, fromFrame: 20 },
    { kind: "fog", severity: 1, fromFrame: 5 },
    { kind: "rain", severity: 2, fromFrame: 8 },
  ];
  assertEquals(weatherAt(changes, 7), { ...CALM, fog: 1 });
  assertEquals(weatherAt(changes, 19), { ...CALM, fog: 1, rain: 2 });
  assertEquals(weatherAt(changes, 20), { ...CALM, fog: 4, rain: 2 });
});
