// deno-lint-ignore-file no-console
// Taps the rows that look most like an object, then makes one class rarer while the camera runs:
// deno run --allow-all examples/change_head.ts clip.mp4 detector.onnx car night.head
import { loadDetector, openCamera, perceive, writeHeadFile } from "@fovea/fovea";

const [uri = "clip.mp4", model = "detector.onnx", name = "car", file = "night.head"] = Deno.args;

await using camera = await openCamera(uri);
await using detector = await loadDetector(model, { head: true });
const shipped = detector.shippedHead!;
const index = shipped.classNames.indexOf(name);
if (index < 0) throw new Error(`The model has no class ${name}`);
const rarer = shipped.withValues(
  shipped.layers.map(({ classRows }, i) => {
    const { weight, bias } = shipped.layer(i);
    for (const first of classRows) bias[first + index]! -= 8;
    return { weight, bias };
  }),
  1,
);

let tapped = 0;
const tap = {
  select: { rows: { hardest: 32, random: 8 } },
  onTap: ({ count, channels }: { readonly count: number; readonly channels: number }) => {
    tapped += count * channels;
  },
};
for await (const { seq, headVersion, detections } of perceive(camera, detector, { tap })) {
  const of = detections.filter(({ className }) => className === name);
  if (seq % 10 === 0) console.log(`frame ${seq}, head ${headVersion}: ${of.length} × ${name}`);
  if (seq === 49) await detector.adoptHead(rarer);
}
await writeHeadFile(file, rarer);
console.log(`${tapped} numbers were tapped; the head is in ${file}`);
