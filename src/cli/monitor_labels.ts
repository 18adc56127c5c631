import { FoveaError } from "../core/errors.ts";
import { parsePolicy } from "../core/frame_policy.ts";
import type { Camera } from "../core/ports.ts";
import type { Degradation } from "../degrade/degradation.ts";
import { degradeBoxes } from "../degrade/degrade_boxes.ts";
import { parseAnnotations } from "../evaluate/parse_annotations.ts";
import { labelFrames } from "../monitor/frame_labels.ts";
import type { LabelSource } from "../monitor/monitor_options.ts";
import type { FrameTargets } from "../monitor/target_box.ts";
import type { Xyxy } from "../core/xyxy.ts";
import { isHardlyVisible } from "../world/coco_annotations.ts";

/** What labels are to be read from, and how pictures are changed before they are judged. */
export interface LabelsRequest {
  /** Annotations by frame number, or `truth` for the camera's own. */
  readonly labels: string;
  /** How pictures are made worse; boxes follow those that move. */
  readonly degrade: readonly Degradation[];
  /** Which frames are taken; `null` for what suits the source. */
  readonly policy: string | null;
}

/** Labels with what has to be said about them. */
export interface ReadLabels {
  readonly source: LabelSource;
  /** Classes of the detector that were looked for while labelling, by index; `null` for all. */
  readonly judged: ReadonlySet<number> | null;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

/**
 * Reads labels for a monitor.
 *
 * @param classNames Class names of the detector.
 * @throws {FoveaError} `ANNOTATIONS_INVALID`, or `USAGE` where the camera knows no truth.
 */
export async function readLabels(
  request: LabelsRequest,
  camera: Camera,
  classNames: readonly string[],
): Promise<ReadLabels> {
  if (request.labels === "truth") {
    return { source: truthOf(camera, classNames), judged: null, notes: [] };
  }
  const text = await readAnnotations(request.labels);
  const truth = parseAnnotations(text, { label: request.labels });
  const { frames, unknownClasses } = labelFrames(truth, classNames);
  const notes = unknownClasses.length === 0
    ? []
    : [`labels of ${unknownClasses.join(", ")} are ignored: the detector does not know them`];
  const judged = new Set(truth.categories.map(({ name }) => classNames.indexOf(name)));
  return { source: follow(frames, request, camera), judged, notes };
}

/** Moves labels where pictures are moved; the rest stays as it is. */
function follow(
  frames: LabelSource,
  { degrade, policy }: LabelsRequest,
  camera: Camera,
): LabelSource {
  if (!degrade.some(({ kind }) => kind === "geom")) return frames;
  const parsed = policy === null ? null : parsePolicy(policy);
  const stride = parsed?.kind === "every" ? parsed.stride : 1;
  const { width, height } = camera.info;
  return {
    get(seq) {
      const known = frames.get(seq);
      if (known === undefined) return undefined;
      const move = (box: Xyxy): Xyxy => {
        const [x1, y1, x2, y2] = degradeBoxes(degrade, [...box], width, height, seq / stride);
        return [x1!, y1!, x2!, y2!];
      };
      return {
        targets: known.targets.map(({ classIndex, xyxyPx }) => {
          return { classIndex, xyxyPx: move(xyxyPx) };
        }),
        ignored: known.ignored.map(move),
      };
    },
  };
}

/** The truth that a made world knows about its own frames. */
function truthOf({ truth, info }: Camera, classNames: readonly string[]): LabelSource {
  if (truth === undefined) {
    throw new FoveaError("USAGE", `Cannot take labels from ${info.uri}: it knows no truth`, {
      hint: "Give a COCO annotation file, or watch a synthetic: world",
    });
  }
  return {
    get(seq): FrameTargets {
      const { objects } = truth.at(seq);
      const targets: FrameTargets["targets"][number][] = [];
      const ignored: Xyxy[] = [];
      for (const object of objects) {
        const { className, xyxyPx } = object;
        const classIndex = classNames.indexOf(className);
        if (classIndex < 0 || isHardlyVisible(object)) ignored.push(xyxyPx);
        else targets.push({ classIndex, xyxyPx });
      }
      return { targets, ignored };
    },
  };
}

async function readAnnotations(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw FoveaError.from(cause, "ANNOTATIONS_INVALID", `Cannot read the labels ${path}`);
  }
}
