// deno-lint-ignore-file no-console
/*
 * The peer: what a competent user writes in an afternoon with Deno, FFmpeg and onnxruntime-node,
 * and nothing of fovea. One frame after the other: read RGB from a pipe, letterbox, infer, decode,
 * suppress. For YOLOX models (BGR 0-255, top-left letterbox, raw output [1, N, 5 + classes]) and for
 * YOLOv8's (RGB 0-1, centred letterbox, output [1, 4 + classes, N]), told apart by the output.
 *
 *   deno run -A bench/peers/plain_deno.ts <clip> <model> [--threads N] [--frames N]
 *
 * Buffers are reused and box arithmetic waits until the score is high enough; beyond that nothing
 * is tuned. Without --threads ONNX Runtime takes its own default: all cores, spinning.
 */
import * as ort from "onnxruntime-node";

interface Size {
  width: number;
  height: number;
}

/** How a model wants its pictures. */
interface Convention {
  bgr: boolean;
  divisor: number;
  centred: boolean;
}

/** Where the picture lies in the input: `net = source * scale + pad`. */
interface Placement {
  scale: number;
  padX: number;
  padY: number;
}

interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  score: number;
  classIndex: number;
}

function parseArgs(args: string[]) {
  const flags = new Map<string, number>();
  const paths: string[] = [];
  for (let i = 0; i < args.length; i++) {
    if (args[i]!.startsWith("--")) flags.set(args[i]!.slice(2), Number(args[++i]));
    else paths.push(args[i]!);
  }
  return { paths, threads: flags.get("threads"), frames: flags.get("frames") ?? Infinity };
}

async function probeSize(clip: string): Promise<Size> {
  const { stdout } = await new Deno.Command("ffprobe", {
    args: ["-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height"]
      .concat("-of", "csv=p=0", clip),
  }).output();
  const [width, height] = new TextDecoder().decode(stdout).trim().split(",").map(Number);
  return { width: width!, height: height! };
}

/** Yields RGB frames from FFmpeg's pipe, always in the same buffer. */
async function* readFrames(clip: string, frameBytes: number): AsyncGenerator<Uint8Array> {
  const ffmpeg = new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-i", clip, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
    stdout: "piped",
  }).spawn();
  const frame = new Uint8Array(frameBytes);
  let filled = 0;
  try {
    for await (const chunk of ffmpeg.stdout) {
      let offset = 0;
      while (offset < chunk.length) {
        const count = Math.min(chunk.length - offset, frameBytes - filled);
        frame.set(chunk.subarray(offset, offset + count), filled);
        filled += count;
        offset += count;
        if (filled === frameBytes) {
          yield frame;
          filled = 0;
        }
      }
    }
  } finally {
    try {
      ffmpeg.kill();
    } catch {
      // It has ended by itself.
    }
    await ffmpeg.status;
  }
}

/** RGB bytes to planes: scaled to fit, bilinear, padded with 114. */
function letterbox(
  rgb: Uint8Array,
  source: Size,
  net: Size,
  { bgr, divisor, centred }: Convention,
  out: Float32Array,
): Placement {
  const { width, height } = source;
  const scale = Math.min(net.width / width, net.height / height);
  const newWidth = Math.round(width * scale);
  const newHeight = Math.round(height * scale);
  const padX = centred ? (net.width - newWidth) >> 1 : 0;
  const padY = centred ? (net.height - newHeight) >> 1 : 0;
  const plane = net.width * net.height;
  out.fill(114 / divisor);
  for (let y = 0; y < newHeight; y++) {
    const sourceY = Math.max(0, (y + 0.5) / scale - 0.5);
    const y0 = Math.min(Math.floor(sourceY), height - 1);
    const y1 = Math.min(y0 + 1, height - 1);
    const fy = sourceY - y0;
    for (let x = 0; x < newWidth; x++) {
      const sourceX = Math.max(0, (x + 0.5) / scale - 0.5);
      const x0 = Math.min(Math.floor(sourceX), width - 1);
      const x1 = Math.min(x0 + 1, width - 1);
      const fx = sourceX - x0;
      const topLeft = (y0 * width + x0) * 3;
      const topRight = (y0 * width + x1) * 3;
      const bottomLeft = (y1 * width + x0) * 3;
      const bottomRight = (y1 * width + x1) * 3;
      const index = (y + padY) * net.width + x + padX;
      for (let c = 0; c < 3; c++) {
        const top = rgb[topLeft + c]! * (1 - fx) + rgb[topRight + c]! * fx;
        const bottom = rgb[bottomLeft + c]! * (1 - fx) + rgb[bottomRight + c]! * fx;
        out[(bgr ? 2 - c : c) * plane + index] = (top * (1 - fy) + bottom * fy) / divisor;
      }
    }
  }
  return { scale, padX, padY };
}

/** Rows are classes, columns are anchors; boxes are in pixels of the input. */
function decodeYoloV8(output: ort.Tensor, place: Placement, confidence: number): Box[] {
  const data = output.data as Float32Array;
  const [, rows, anchors] = output.dims as [number, number, number];
  const { scale, padX, padY } = place;
  const boxes: Box[] = [];
  for (let i = 0; i < anchors; i++) {
    let classIndex = 0;
    for (let c = 1; c < rows - 4; c++) {
      if (data[(4 + c) * anchors + i]! > data[(4 + classIndex) * anchors + i]!) classIndex = c;
    }
    const score = data[(4 + classIndex) * anchors + i]!;
    if (score < confidence) continue;
    const centerX = (data[i]! - padX) / scale;
    const centerY = (data[anchors + i]! - padY) / scale;
    const w = data[2 * anchors + i]! / scale;
    const h = data[3 * anchors + i]! / scale;
    const [x1, y1] = [centerX - w / 2, centerY - h / 2];
    boxes.push({ x1, y1, x2: x1 + w, y2: y1 + h, score, classIndex });
  }
  return boxes;
}

function decodeYolox(output: ort.Tensor, net: Size, scale: number, confidence: number): Box[] {
  const data = output.data as Float32Array;
  const rowLength = output.dims[2]!;
  const boxes: Box[] = [];
  let row = 0;
  for (const stride of [8, 16, 32]) {
    for (let gridY = 0; gridY < net.height / stride; gridY++) {
      for (let gridX = 0; gridX < net.width / stride; gridX++, row++) {
        const at = row * rowLength;
        const objectness = data[at + 4]!;
        if (objectness < confidence) continue;
        let classIndex = 0;
        for (let c = 1; c < rowLength - 5; c++) {
          if (data[at + 5 + c]! > data[at + 5 + classIndex]!) classIndex = c;
        }
        const score = objectness * data[at + 5 + classIndex]!;
        if (score < confidence) continue;
        const centerX = (data[at]! + gridX) * stride / scale;
        const centerY = (data[at + 1]! + gridY) * stride / scale;
        const w = Math.exp(data[at + 2]!) * stride / scale;
        const h = Math.exp(data[at + 3]!) * stride / scale;
        boxes.push({
          x1: centerX - w / 2,
          y1: centerY - h / 2,
          x2: centerX + w / 2,
          y2: centerY + h / 2,
          score,
          classIndex,
        });
      }
    }
  }
  return boxes;
}

function iou(a: Box, b: Box): number {
  const w = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const h = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (w <= 0 || h <= 0) return 0;
  const areaA = (a.x2 - a.x1) * (a.y2 - a.y1);
  const areaB = (b.x2 - b.x1) * (b.y2 - b.y1);
  return w * h / (areaA + areaB - w * h);
}

function suppress(boxes: Box[], threshold: number): Box[] {
  const kept: Box[] = [];
  for (const box of boxes.sort((a, b) => b.score - a.score)) {
    if (kept.every((k) => k.classIndex !== box.classIndex || iou(k, box) <= threshold)) {
      kept.push(box);
    }
  }
  return kept;
}

async function main() {
  const { paths, threads, frames } = parseArgs(Deno.args);
  const [clip, model] = paths;
  const source = await probeSize(clip!);
  const session = await ort.InferenceSession.create(model!, {
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  });
  const meta = session.inputMetadata[0]!;
  if (!meta.isTensor) throw new Error("The input is no tensor");
  const net = { width: Number(meta.shape[3]), height: Number(meta.shape[2]) };
  const pixels = new Float32Array(3 * net.width * net.height);
  const input = new ort.Tensor("float32", pixels, [1, 3, net.height, net.width]);
  const probe = (await session.run({ [session.inputNames[0]!]: input }))[session.outputNames[0]!]!;
  const isYolox = probe.dims[1]! > probe.dims[2]!;
  const convention = isYolox
    ? { bgr: true, divisor: 1, centred: false }
    : { bgr: false, divisor: 255, centred: true };

  const finishedMs: number[] = [];
  let detections = 0;
  for await (const rgb of readFrames(clip!, source.width * source.height * 3)) {
    const place = letterbox(rgb, source, net, convention, pixels);
    const outputs = await session.run({ [session.inputNames[0]!]: input });
    const output = outputs[session.outputNames[0]!]!;
    const boxes = isYolox
      ? decodeYolox(output, net, place.scale, 0.25)
      : decodeYoloV8(output, place, 0.25);
    detections += suppress(boxes, 0.45).length;
    finishedMs.push(performance.now());
    if (finishedMs.length >= frames) break;
  }
  console.log(JSON.stringify({ detections, finishedMs }));
  await session.release();
}

await main();
