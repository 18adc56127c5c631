import { assertEquals } from "@std/assert";
import { parseDegradation } from "../degrade/degradation.ts";
import { Degrader } from "../degrade/degrader.ts";
import { lookAt } from "./image_look.ts";
import { RunningLook } from "./look_average.ts";
import { type LookAverage, readScoreFacts, suspect, type SuspicionName } from "./suspicion.ts";

const WIDTH = 256;
const HEIGHT = 192;
const SCORES = readScoreFacts([{ score: 0.8, classIndex: 0 }, { score: 0.6, classIndex: 1 }]);

/** Blocks of different light with texture on them, as buildings have it; a little noise in time. */
function paint(frame: number): Uint8Array {
  const bgr = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const block = Math.imul((x >> 5) * 31 + (y >> 5) * 17 + 5, 2654435761) >>> 24;
      const texture = Math.imul((x >> 1) * 7 + (y >> 1) * 13, 40503) >>> 4 & 31;
      const flicker = Math.imul(x + 311 * y + 7919 * frame, 2246822519) >>> 30;
      const value = 40 + block / 2 + texture + flicker;
      bgr.fill(value, 3 * (y * WIDTH + x), 3 * (y * WIDTH + x) + 3);
      bgr[3 * (y * WIDTH + x)] = value + (block & 7);
    }
  }
  return bgr;
}

function lookOver(degradation: string | null): LookAverage {
  const degrader = degradation === null ? null : new Degrader([parseDegradation(degradation)]);
  degrader?.prepare(WIDTH, HEIGHT);
  const running = new RunningLook(null);
  for (let frame = 0; frame < 4; frame++) {
    const bgr = paint(frame);
    degrader?.apply(bgr, WIDTH, HEIGHT, frame);
    const picture = {
      format: "bgr24",
      width: WIDTH,
      height: HEIGHT,
      colorRange: "full",
      colorMatrix: "bt601",
      planes: [{ byteOffset: 0, strideBytes: 3 * WIDTH }],
    } as const;
    running.add(lookAt(picture, bgr), SCORES);
  }
  return running.look!;
}

const past = lookOver(null);

Deno.test("nothing is suspected where all is as it was", () => {
  assertEquals(suspect(past, lookOver(null)), []);
});

const CASES: Readonly<Record<string, SuspicionName>> = {
  "dark:3": "dark",
  "fog:3": "low contrast",
  "noise:3": "noise",
  "blur:3": "blur",
  "cast:3": "colour cast",
  "dirt:2": "obstructed",
  "geom:3": "camera moved",
};
for (const [degradation, wanted] of Object.entries(CASES)) {
  Deno.test(`${degradation} is suspected to be ${wanted}`, () => {
    const names = suspect(past, lookOver(degradation)).map(({ name }) => name);
    assertEquals(names[0], wanted);
  });
}

Deno.test("scores that fall are a collapse, other classes another mix", () => {
  const collapsed = suspect(past, { ...past, meanScore: 0.3 });
  assertEquals(collapsed.map(({ name }) => name), ["confidence collapse"]);
  const mixed = suspect(past, { ...past, classRates: { 2: 2 } });
  assertEquals(mixed.map(({ name }) => name), ["class mix"]);
});

Deno.test("too few detections say nothing about the mix", () => {
  assertEquals(suspect(past, { ...past, classRates: { 2: 0.1 } }), []);
});

Deno.test("the strongest suspicion comes first", () => {
  const strengths = suspect(past, lookOver("cast:4")).map(({ strength }) => strength);
  assertEquals(strengths, strengths.toSorted((a, b) => b - a));
});

Deno.test("what explains a collapse of the scores is named before it", () => {
  const past = lookOver(null);
  const now = { ...past, luma: 0.55 * past.luma, contrast: 0.55 * past.contrast, meanScore: 0.01 };
  assertEquals(suspect(past, now).map(({ name }) => name), ["dark", "confidence collapse"]);
});
