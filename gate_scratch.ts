import { loadDetector, openCamera, perceive } from "./mod.ts";
import { AgreementTally } from "./src/evaluate/agreement.ts";
import { gateRule } from "./src/pipeline/accuracy_gate.ts";
const S = "/work/shared", T = "/tmp/trt";
function cols(ds: any[], min: number) { const d = ds.filter((x) => x.score >= min);
  return { count: d.length, xyxyPx: new Float32Array(d.flatMap((x) => x.xyxyPx)), score: new Float32Array(d.map((x) => x.score)), classIndex: new Int32Array(d.map((x) => x.classIndex)), anchorIndex: new Int32Array(d.length) }; }
async function run(model: string, overrides: any, uri: string, n: number, asked: number) {
  await using cam = await openCamera(uri, uri.includes("mp4") ? { policy: "every:8" } as any : {});
  await using det = await loadDetector(model, { confidence: asked, overrides });
  const out: any[] = [];
  for await (const r of perceive(cam, det, { maxFrames: n })) if (r.kind === "frame") out.push(r.detections);
  return out;
}
for (const n of ["yolox_nano_416x416", "yolov8n"]) {
  const sources = [[`images:${S}/coco64/images`, 64], [`${S}/media/car-detection.mp4`, 40], [`${S}/media/bottle-detection.mp4`, 40]] as const;
  for (const [uri, frames] of sources) { const low = 0.1;
    const ref = await run(`${S}/models/${n}.onnx`, {}, uri, frames, low);
    for (const v of ["fp16", "int8_conv", "int8_naive"]) {
      const got = await run(`${T}/${n}_${v}.onnx`, {}, uri, frames, low);
     for (const asked of [0.25, 0.1]) {
      const tally = new AgreementTally(gateRule(0.25, asked));
      ref.forEach((d, i) => tally.add(cols(d, asked), cols(got[i], asked)));
      const worst = { lost: 0, neu: 0, score: 0, iou: 1, windows: 0 };
      let w = new AgreementTally(gateRule(0.25, asked));
      ref.forEach((d, i) => { w.add(cols(d, asked), cols(got[i], asked)); const a = w.agreement; if (a.pictures >= 8 && a.referenceCount >= 40) { worst.windows++; worst.lost = Math.max(worst.lost, a.lostShare); worst.neu = Math.max(worst.neu, a.newShare); worst.score = Math.max(worst.score, a.scoreDifference); worst.iou = Math.min(worst.iou, a.meanIou); w = new AgreementTally(gateRule(0.25, asked)); } });
      const a = tally.agreement;
      const f = (x: number) => x.toFixed(4);
      console.log(n, uri.split("/").at(-1), asked, v, `n=${a.referenceCount} lost=${f(a.lostShare)} new=${f(a.newShare)} score=${f(a.scoreDifference)} iou=${f(a.meanIou)} | worst of ${worst.windows}: lost=${f(worst.lost)} new=${f(worst.neu)} score=${f(worst.score)} iou=${f(worst.iou)}`);
     }
    }
  }
}
