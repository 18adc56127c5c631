// deno-lint-ignore-file no-console
// How well a tracker keeps the ids of objects apart, on a drawn street that knows who is who:
// deno run --allow-all examples/track_score.ts [detector.onnx]
import { loadDetector, openCamera, perceive } from "@fovea/fovea";
import { TrackEvaluator } from "@fovea/fovea/evaluate";
import { isHardlyVisible } from "@fovea/fovea/world";

const [model] = Deno.args;

await using camera = await openCamera("synthetic:street?seed=4&frames=75");
await using detector = await loadDetector(model);
const truth = camera.truth!;
const evaluator = new TrackEvaluator();
for await (const { seq, tracks } of perceive(camera, detector, { track: { bufferMs: 1500 } })) {
  const there = truth.at(seq).objects
    .map((object) => ({ ...object, ignore: isHardlyVisible(object) }));
  const known = tracks
    .map((track) => ({ ...track, classIndex: truth.classNames.indexOf(track.className) }))
    .filter(({ classIndex }) => classIndex >= 0);
  evaluator.addFrame(there, known);
}
const { idf1, mota, idSwitches, truthTracks } = evaluator.summary().overall;
console.log(`${truthTracks} objects: IDF1 ${idf1?.toFixed(2)}, MOTA ${mota?.toFixed(2)}`);
console.log(`${idSwitches} times an object got another id`);
