import { loadDetector, openCamera, perceive } from "@fovea/fovea";
import { type Figure, figureOf } from "../../../bench/figure.ts";
import type { Target } from "./target.ts";

const MODEL = new URL("../../../models/fovea-street.onnx", import.meta.url);
const WEATHERS = ["night:3", "fog:3", "dirt:3", "moved:3"];
const SEEDS = Array.from({ length: 10 }, (_, i) => 2_000_000 + i);
const ONSET = 400;
/** Frames after which a change should be known. */
const WITHIN = 100;
const QUIET_SEEDS = Array.from({ length: 20 }, (_, i) => 2_000_100 + i);
const QUIET_FRAMES = 5_000;
/** Streets at a time. */
const AT_ONCE = 2;

/** Frames of a street that raised an alarm, by number. */
async function alarmsOf(uri: string, frames: number): Promise<number[]> {
  await using camera = await openCamera(uri);
  await using detector = await loadDetector(MODEL);
  const alarms: number[] = [];
  const options = { maxFrames: frames, monitor: { hardExamples: 0 } };
  for await (const { seq, monitor } of perceive(camera, detector, options)) {
    if (monitor!.alarm !== null) alarms.push(seq);
  }
  return alarms;
}

/** What each item gives, some at a time, in their order. */
async function mapSome<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const walk = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, walk));
  return results;
}

/** Bad weather, dirt and a moved camera are found on streets that nobody tuned anything on. */
export const streetDrifts: Target<readonly []> = {
  name: "street",
  needs: [],
  async measure(): Promise<readonly Figure[]> {
    const figures: Figure[] = [];
    for (const weather of WEATHERS) {
      const alarms = await mapSome(SEEDS, (seed) => {
        const uri = `synthetic:street?seed=${seed}&weather=${weather}@${ONSET}`;
        return alarmsOf(uri, ONSET + WITHIN);
      });
      const found = alarms.filter((seqs) => seqs.some((seq) => seq >= ONSET)).length;
      const early = alarms.filter((seqs) => seqs.some((seq) => seq < ONSET)).length;
      const what = `${weather} found within ${WITHIN} frames, of ${SEEDS.length} streets`;
      figures.push(
        figureOf(`street.${weather}`, what, "streets", [found], { kind: "at least", bound: 9 }),
        figureOf(`street.${weather}.early`, "alarms before it came", "streets", [early], {
          kind: "at most",
          bound: 0,
        }),
      );
    }
    return figures;
  },
};

/** Clean streets raise no alarm. It takes three quarters of an hour. */
export const streetQuiet: Target<readonly []> = {
  name: "quiet",
  needs: [],
  async measure(): Promise<readonly Figure[]> {
    const alarms = await mapSome(QUIET_SEEDS, (seed) => {
      return alarmsOf(`synthetic:street?seed=${seed}`, QUIET_FRAMES);
    });
    const what = `streets with an alarm in ${QUIET_FRAMES} clean frames, of ${QUIET_SEEDS.length}`;
    const loud = alarms.filter(({ length }) => length > 0).length;
    return [figureOf("quiet", what, "streets", [loud], { kind: "at most", bound: 0 })];
  },
};
