import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { parseCameraUri } from "./camera_uri.ts";

Deno.test("parseCameraUri() reads a world with all its settings", () => {
  const uri = "synthetic:street?seed=7&size=1280x720&fps=12.5&frames=300&density=0.5" +
    "&weather=night:3@150,rain:2&class=tractor@200";
  assertEquals(parseCameraUri(uri), {
    scheme: "synthetic",
    label: uri,
    world: {
      seed: 7,
      width: 1280,
      height: 720,
      fps: 12.5,
      frames: 300,
      density: 0.5,
      weather: [
        { kind: "night", severity: 3, fromFrame: 150 },
        { kind: "rain", severity: 2, fromFrame: 0 },
      ],
      newClasses: [{ className: "tractor", fromFrame: 200 }],
    },
  });
});

Deno.test("parseCameraUri() fills in what a world's URI leaves out", () => {
  const parsed = parseCameraUri("synthetic:street");
  assert(parsed.scheme === "synthetic");
  const { seed, width, height, fps, frames, density, weather, newClasses } = parsed.world;
  assertEquals([seed, width, height, fps, frames, density], [1, 640, 384, 25, null, 1]);
  assertEquals([weather, newClasses], [[], []]);
});

Deno.test("parseCameraUri() refuses worlds it cannot draw, and names the choices", () => {
  const refusals: [query: string, reason: string, hint: string][] = [
    ["city", "the world city is unknown", "synthetic:street"],
    ["", "the world  is unknown", "synthetic:street"],
    ["street?wheather=fog:1", "the key wheather is unknown", "seed, size, fps"],
    ["street?seed=1&seed=2", "given twice", ""],
    ["street?seed=-1", "seed=-1 is not a whole number", ""],
    ["street?seed=4294967296", "from 0 to 4294967295", ""],
    ["street?seed=", "seed= is not", ""],
    ["street?size=640", "the size 640", "WIDTHxHEIGHT"],
    ["street?size=63x48", "63x48", "64x48 to 3840x2160"],
    ["street?size=3841x2160", "3841x2160", "64x48 to 3840x2160"],
    ["street?fps=0", "fps=0", ""],
    ["street?frames=0", "frames=0", ""],
    ["street?frames=1e3", "frames=1e3", ""],
    ["street?density=3", "density=3", "1 for usual traffic"],
    ["street?density=-1", "density=-1", ""],
    ["street?weather=snow:1", "the weather snow is unknown", "night, fog, rain"],
    ["street?weather=fog", "fog has no severity", "fog:N"],
    ["street?weather=fog:-1", "unknown severity -1", "from 1"],
    ["street?weather=fog:5@3", "unknown severity 5", "4 (worst)"],
    ["street?weather=fog:2@", "nothing is no frame", "fog:2@150"],
    ["street?weather=fog:2@soon", "soon is no frame", "fog:2@150"],
    ["street?weather=fog:2,", "the weather  is unknown", "night"],
    ["street?class=bus", "the class bus is unknown", "tractor"],
    ["street?class=car", "the class car is in the street anyway", "tractor"],
    ["street?class=tractor@-4", "-4 is no frame", "tractor@150"],
  ];
  for (const [query, reason, hint] of refusals) {
    const error = assertThrows(() => parseCameraUri(`synthetic:${query}`), FoveaError);
    assertEquals(error.code, "CAMERA_URI");
    assertStringIncludes(error.message, reason);
    assertStringIncludes(error.hint ?? "", hint);
  }
});

Deno.test("a world's settings show in messages; what may be a password does not", () => {
  const shown = assertThrows(() => parseCameraUri("synthetic:street?class=bus@4"), FoveaError);
  assertStringIncludes(shown.message, "synthetic:street?class=bus@4");
  const secret = assertThrows(
    () => parseCameraUri("synthetic://me:secret@street?seed=1"),
    FoveaError,
  );
  assert(!secret.message.includes("secret"), secret.message);
});
