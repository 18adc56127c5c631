import type { FrameResult } from "../../src/core/result.ts";
import { systemClock } from "../../src/native/system_clock.ts";
import type { DetectorEvent } from "../../src/pipeline/detector_event.ts";
import type { DetectorOptions } from "../../src/pipeline/detector_options.ts";
import { loadDetectorOn } from "../../src/pipeline/load_detector.ts";
import type { LoadedDetector } from "../../src/pipeline/loaded_detector.ts";
import { perceive } from "../../src/pipeline/perceive.ts";
import { BLUE, cellCamera, type PaintedCell, RED, tinyModel } from "./cell_camera.ts";
import type { ScriptedCamera } from "./scripted_camera.ts";

/** The folder of the only engine that the worker of this bench builds. */
export const ENGINE_NAME = "orin-sm87_trt100300_ort1.23.0_fp32_0123456789abcdef";

/** A machine with TensorRT, as far as detectors can tell, and an empty cache. */
export class TensorRtBench implements AsyncDisposable {
  readonly folder: string;
  /** The cache of engines. */
  readonly cache: string;
  readonly events: DetectorEvent[] = [];
  readonly #waiters: (() => void)[] = [];
  #gate: Deno.FsFile | null = null;

  private constructor(folder: string) {
    this.folder = folder;
    this.cache = `${folder}/engines`;
  }

  static async open(): Promise<TensorRtBench> {
    const bench = new TensorRtBench(await Deno.makeTempDir({ prefix: "fovea_tensorrt_" }));
    await Deno.writeTextFile(`${bench.folder}/builds`, "");
    await Deno.writeTextFile(`${bench.folder}/gate`, "");
    return bench;
  }

  /** Lets whatever waits at the gate wait, until {@linkcode openGate}. */
  async closeGate(): Promise<void> {
    this.#gate = await Deno.open(`${this.folder}/gate`, { write: true });
    await this.#gate.lock(true);
  }

  openGate(): void {
    this.#gate?.close();
    this.#gate = null;
  }

  /** How often an engine was built. */
  get builds(): number {
    return Deno.readTextFileSync(`${this.folder}/builds`).split("\n").length - 1;
  }

  /** Everything in the cache, as paths. */
  get files(): string[] {
    return list(this.cache).sort();
  }

  /** Kinds of events so far, each once in a row. */
  get kinds(): string[] {
    return this.events.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1]);
  }

  /** Resolves when such an event has come. */
  async event<Kind extends DetectorEvent["kind"]>(
    kind: Kind,
  ): Promise<Extract<DetectorEvent, { readonly kind: Kind }>> {
    for (;;) {
      const found = this.events.find((event) => event.kind === kind);
      if (found !== undefined) return found as Extract<DetectorEvent, { readonly kind: Kind }>;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Loads the tiny detector; `query` steers its workers, see fake_tensorrt_worker.ts. */
  async load(
    query: Readonly<Record<string, string>> = {},
    options: DetectorOptions = {},
  ): Promise<LoadedDetector> {
    const entry = new URL("./fake_tensorrt_worker.ts", import.meta.url);
    const paths = { log: `${this.folder}/builds`, gate: `${this.folder}/gate` };
    entry.search = new URLSearchParams({ ...paths, ...query }).toString();
    const host = { workerEntry: entry, clock: systemClock, calibration: { spacingMs: 0 } };
    // A stream of somebody else: the GPU's own kernels stay out of it.
    const userStream = 16n;
    const { providers = ["tensorrt", "cuda"] } = options;
    const tensorrt = { cacheFolder: this.cache, userStream, ...options.tensorrt };
    return await loadDetectorOn(host, tinyModel("yolo_v8"), {
      engine: "libonnxruntime",
      confidence: 0.5,
      ...options,
      providers,
      ...(providers.includes("tensorrt") ? { tensorrt, cuda: { userStream } } : {}),
      onEvent: (event) => {
        this.events.push(event);
        for (const wake of this.#waiters.splice(0)) wake();
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.openGate();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A stream with six things in every picture. */
export function busyCamera(frames = 1_000_000): ScriptedCamera {
  return cellCamera(frames, (seq) => sixCells(seq));
}

/** Three red and three blue cells, elsewhere in every picture. */
export function sixCells(seq: number): PaintedCell[] {
  return Array.from({ length: 6 }, (_, i) => ({
    x: (2 * i + seq) % 16,
    y: 1 + (i + seq) % 10,
    rgb: i % 2 === 0 ? RED : BLUE,
  }));
}

/** Results until one satisfies `isLast`, that one included. */
export async function collect(
  camera: ScriptedCamera,
  detector: LoadedDetector,
  isLast: (result: FrameResult, results: readonly FrameResult[]) => boolean | Promise<boolean>,
): Promise<FrameResult[]> {
  const results: FrameResult[] = [];
  for await (const result of perceive(camera, detector)) {
    results.push(result);
    if (await isLast(result, results)) break;
  }
  return results;
}

function list(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? list(`${folder}/${name}`).map((path) => `${name}/${path}`) : [name]
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
