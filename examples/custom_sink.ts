// deno-lint-ignore-file no-console
// Writes one line of CSV for each detection, through an output of its own:
// deno run --allow-all examples/custom_sink.ts clip.mp4 detector.onnx seen.csv
import { type FrameResult, loadDetector, openCamera, perceive, type Sink } from "@fovea/fovea";

/** A file of comma-separated values. */
class CsvSink implements Sink {
  readonly needsFrame = false;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();

  private constructor(readonly label: string, file: Deno.FsFile) {
    this.#writer = file.writable.getWriter();
  }

  static async create(path: string): Promise<CsvSink> {
    const sink = new CsvSink(path, await Deno.create(path));
    await sink.#line("seq,ptsMs,class,score,x1,y1,x2,y2");
    return sink;
  }

  async write({ seq, ptsMs, detections }: FrameResult): Promise<void> {
    for (const { className, score, xyxyPx } of detections) {
      const corners = xyxyPx.map((px) => px.toFixed(1));
      await this.#line([seq, ptsMs, className, score.toFixed(3), ...corners].join(","));
    }
  }

  async #line(text: string): Promise<void> {
    await this.#writer.write(this.#encoder.encode(`${text}\n`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
  }
}

const [uri = "rtsp://camera.local/stream", model = "detector.onnx", path = "seen.csv"] = Deno.args;

await using camera = await openCamera(uri);
await using detector = await loadDetector(model);
await using sink = await CsvSink.create(path);
let frames = 0;
for await (const _ of perceive(camera, detector, { sinks: [sink] })) frames++;
console.log(`${frames} frames, detections in ${path}`);
