import { basename } from "node:path";
import { openCamera } from "../camera/open_camera.ts";
import { FoveaError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { FrameTruth, TruthSource } from "../core/frame_truth.ts";
import type { Camera, Sink } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";
import { systemClock } from "../native/system_clock.ts";
import { openSink } from "../sink/open_sink.ts";
import { planOutput } from "../sink/output_path.ts";
import { CocoWriter } from "../world/coco_annotations.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { Interrupt } from "./interrupt.ts";
import { ProgressBar } from "./progress.ts";
import type { Terminal } from "./terminal.ts";
import { WholeFile } from "../storage/whole_file.ts";
import { TRUTH_FRAMES_MAX } from "./world_truth.ts";

/** Everything `fovea world` was asked to do. */
export interface WorldRunSettings {
  /** The world. */
  readonly uri: string;
  /** File for the truth; `null` for none. */
  readonly annotations: string | null;
  /** Files for the frames. */
  readonly save: readonly string[];
  /** Stop after this many frames; `null` for all. */
  readonly maxFrames: number | null;
  /** Whether the true boxes are drawn on saved frames. */
  readonly boxes: boolean;
  /** Whether the report is JSON. */
  readonly json: boolean;
}

/** What was written. */
interface WorldReport {
  readonly uri: string;
  readonly frames: number;
  readonly objects: number;
  readonly objectsOfClass: Readonly<Record<string, number>>;
  readonly files: readonly string[];
}

/**
 * Draws a world into files and returns the exit code. Ctrl-C ends it early; what was drawn until
 * then is written.
 *
 * @throws {FoveaError} `USAGE` for a source without truth or without an end; whatever camera and
 * outputs throw, and then no annotations are left behind.
 */
export async function drawWorld(settings: WorldRunSettings, terminal: Terminal): Promise<number> {
  using interrupt = new Interrupt();
  const signal = AbortSignal.any([interrupt.signal, terminal.closed]);
  await using camera = await openCamera(settings.uri, { policy: "next" });
  const truth = truthOf(camera, settings);
  const { annotations, save } = settings;
  await using file = annotations === null ? null : await WholeFile.create(annotations);
  const { width, height, fps, uri } = camera.info;
  const writer = new CocoWriter(truth.classNames, { width, height });
  const nameOf = frameNamer(save, uri);
  const counts = new Map(truth.classNames.map((name) => [name, 0]));
  let frames = 0;
  {
    await using outputs = new AsyncDisposableStack();
    const sinks: Sink[] = [];
    for (const path of save) {
      sinks.push(outputs.use(await openSink(path, { fps, annotate: settings.boxes })));
    }
    const bar = makeBar(camera, settings, terminal);
    try {
      while (settings.maxFrames === null || frames < settings.maxFrames) {
        const event = await camera.next(signal);
        if (event.kind === "end") break;
        if (event.kind !== "frame") continue;
        using frame = event.frame;
        const here = truth.at(frame.seq);
        const result = resultOf(here, frame, truth.classNames);
        for (const sink of sinks) await sink.write(result, frame);
        writer.add(here, nameOf(frame.seq));
        for (const { className } of here.objects) {
          counts.set(className, (counts.get(className) ?? 0) + 1);
        }
        frames++;
        bar.update(result);
      }
    } finally {
      bar.finish();
    }
  }
  await file?.commit([`${JSON.stringify(writer.dataset(`fovea ${uri}`))}\n`]);
  await tell(
    {
      uri,
      frames,
      objects: [...counts.values()].reduce((sum, count) => sum + count, 0),
      objectsOfClass: Object.fromEntries(counts),
      files: annotations === null ? save : [annotations, ...save],
    },
    settings.json,
    terminal,
  );
  return interrupt.exitCode ?? EXIT_CODE.ok;
}

/**
 * The truth of the camera.
 *
 * @throws {FoveaError} `USAGE` where it has none, or does not end soon enough.
 */
function truthOf(camera: Camera, settings: WorldRunSettings): TruthSource {
  const { truth, info } = camera;
  if (truth === undefined) {
    throw new FoveaError("USAGE", `Cannot write down the truth about ${info.uri}: it has none`, {
      hint: "Give a world, like synthetic:street",
    });
  }
  if (info.frameCount === null && settings.maxFrames === null) {
    throw new FoveaError("USAGE", `Cannot draw all of ${info.uri}: it has no end`, {
      hint: "Add --max-frames, or frames=300 to the URI",
    });
  }
  const frames = Math.min(info.frameCount ?? Infinity, settings.maxFrames ?? Infinity);
  if (settings.annotations !== null && frames > TRUTH_FRAMES_MAX) {
    throw new FoveaError(
      "USAGE",
      `Cannot write the truth about ${frames} frames into one file: the most is ${TRUTH_FRAMES_MAX}`,
      { hint: "Add --max-frames, or draw several worlds" },
    );
  }
  return truth;
}

/** What annotations call the file of a frame: one of its own, or a place in the video. */
function frameNamer(save: readonly string[], uri: string): (seq: number) => string {
  for (const path of save) {
    const plan = planOutput(path);
    if (plan.kind === "pictures") return (seq) => basename(plan.pathOf(seq));
  }
  const [first] = save;
  return (seq) => `${first === undefined ? uri : basename(first)}#${seq}`;
}

function makeBar(camera: Camera, settings: WorldRunSettings, terminal: Terminal): ProgressBar {
  const { frameCount } = camera.info;
  return new ProgressBar({
    write: (text) => void terminal.writeErr(text),
    columns: () => terminal.columns,
    isTerminal: terminal.stderrIsTerminal,
    totalFrames: Math.min(frameCount ?? Infinity, settings.maxFrames ?? Infinity),
    clock: systemClock,
  });
}

/** The truth as a result, for outputs that draw results: scores are the visible shares. */
function resultOf(truth: FrameTruth, frame: Frame, classNames: readonly string[]): FrameResult {
  const { width, height } = frame.picture;
  const drawn = { decode: frame.decodeMs, preprocess: 0, infer: 0, decodeOutputs: 0, nms: 0 };
  return {
    kind: "frame",
    seq: truth.seq,
    ptsMs: frame.ptsMs,
    ageMs: systemClock.nowMs() - frame.capturedMs,
    dropped: 0,
    epoch: 0,
    state: "live",
    stateReason: null,
    width,
    height,
    detections: truth.objects.map(({ classIndex, xyxyPx, visible, trackId }) => ({
      classIndex,
      className: classNames[classIndex]!,
      score: visible,
      xyxyPx: [...xyxyPx],
      trackId,
    })),
    tracks: [],
    monitor: null,
    nonFinite: 0,
    engine: "truth",
    provider: "world",
    headVersion: 0,
    timingsMs: { ...drawn, monitor: 0, track: 0, total: frame.decodeMs },
  };
}

async function tell(report: WorldReport, json: boolean, terminal: Terminal): Promise<void> {
  if (json) {
    await terminal.writeOut(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const classes = Object.entries(report.objectsOfClass).map(([name, n]) => `${n} ${name}`);
  const lines = [
    `${report.frames} frames, ${report.objects} objects: ${classes.join(", ")}`,
    ...report.files.map((path) => `wrote ${path}`),
  ];
  await terminal.writeOut(`${lines.join("\n")}\n`);
}
