import type { Finding } from "../core/detector_spec.ts";
import type { TensorSpec } from "../core/tensor.ts";
import type { GraphTail } from "../onnx/graph_tail.ts";
import { type GridMatch, matchGrid } from "./anchor_grid.ts";
import { COCO_80 } from "./coco_names.ts";
import { type Evidence, type FamilyMatch, hasWeight, statedBoxes, tailOf } from "./evidence.ts";
import { showDims, unsupportedModel } from "./unsupported_model.ts";

/** An output whose rows are the cells of anchor grids. */
export interface GridOutput {
  readonly output: TensorSpec;
  /** `rows` is `[1, cells, channels]`, `columns` is `[1, channels, cells]`. */
  readonly layout: "rows" | "columns";
  readonly rows: number;
  readonly channels: number;
  readonly grid: GridMatch;
}

type RowFamily = "yolo-v8" | "yolox" | "nanodet";

interface Verdict {
  readonly family: RowFamily;
  readonly source: Finding["source"];
  readonly why: string;
}

/**
 * Finds the output that has a prediction for every cell of the usual grids; `null` where there is
 * none, or where outputs of several shapes share the cells (boxes and scores apart).
 */
export function findGridOutput(evidence: Evidence): GridOutput | null {
  const found = evidence.outputs.flatMap((output) => matchOutput(evidence, output) ?? []);
  const [first] = found;
  const rivals = found.filter((other) => other.rows === first?.rows);
  const apart = rivals.some(({ output: { dims } }) =>
    dims.some((dim, i) => dim !== first?.output.dims[i])
  );
  return first === undefined || apart ? null : first;
}

function matchOutput({ width, height }: Evidence, output: TensorSpec): GridOutput | null {
  if (output.dims.length !== 3 || output.dims[0] !== 1) return null;
  const [, second, third] = output.dims as [number, number, number];
  const columns = matchGrid(third, width, height);
  const rows = matchGrid(second, width, height);
  // Where both sides could be cells, there are more cells than channels.
  if (columns !== null && (rows === null || third >= second)) {
    return { output, layout: "columns", rows: third, channels: second, grid: columns };
  }
  return rows === null
    ? null
    : { output, layout: "rows", rows: second, channels: third, grid: rows };
}

/** Recognises the family of an output with a prediction for every cell; `null` where unclear. */
export function recogniseGrid(evidence: Evidence, found: GridOutput): FamilyMatch | null {
  const { layout, grid } = found;
  const { wantedFamily } = evidence;
  if (grid.anchors === 3) return layout === "rows" ? matchYoloV5(found) : null;
  if (layout === "columns") {
    return matchYoloV8(evidence, found, judgeColumns(evidence, found));
  }
  const verdict = wantedFamily === null ? judgeRows(evidence, found) : forced(wantedFamily);
  if (verdict === null) return null;
  if (verdict.family === "yolox") return matchYolox(evidence, found, verdict);
  if (verdict.family === "nanodet") return matchNanodet(evidence, found, verdict);
  return matchYoloV8(evidence, found, verdict);
}

function forced(wanted: string): Verdict | null {
  const family = (["yolo-v8", "yolox", "nanodet"] as const).find((name) => name === wanted);
  return family === undefined ? null : { family, source: "flag", why: "it is asked for" };
}

function describeOutput({ output, grid }: GridOutput): string {
  const cells = grid.anchors === 1 ? "a prediction" : `${grid.anchors} predictions`;
  return `${output.name} ${showDims(output.dims)} has ${cells} for every cell of the strides ` +
    grid.strides.join(", ");
}

/** Channels first are YOLOv8's; its last layers, or names, tell whether all of it is as usual. */
function judgeColumns(evidence: Evidence, found: GridOutput): Verdict {
  const { channels } = found;
  const made = layersOf(evidence, found);
  const why = `${describeOutput(found)}, channels first`;
  if (made.has(channels - 4)) return { family: "yolo-v8", source: "graph", why };
  if (evidence.wantedFamily === null) refuseExtras(found, made);
  const usual = evidence.namedClasses === channels - 4 || channels - 4 === COCO_80.length;
  return { family: "yolo-v8", source: usual ? "shapes" : "assumed", why };
}

/** The numbers of channels that the last layers before an output make. */
function layersOf(evidence: Evidence, { output }: GridOutput): ReadonlySet<number> {
  return new Set(tailOf(evidence, output).layers.map((layer) => layer.channels));
}

/**
 * Refuses outputs that hold more than boxes and scores: beside the layer of the boxes there is one
 * of the classes and one of something else, such as keypoints, masks or an angle.
 */
function refuseExtras({ output, channels }: GridOutput, made: ReadonlySet<number>): void {
  const classes = [...made].find((count) => {
    const extras = channels - 4 - count;
    return extras > 0 && made.has(extras) && made.size > (extras === count ? 1 : 2);
  });
  if (classes === undefined) return;
  const list = [...made].sort((a, b) => a - b).join(", ");
  throw unsupportedModel(
    `its last layers make ${list} channels, so ${output.name} ${
      showDims(output.dims)
    } holds more ` +
      "than boxes and scores: keypoints, masks or an angle",
    "Export a detection model of the same family, or give --family if it is one",
  );
}

function matchYoloV5(found: GridOutput): FamilyMatch {
  return {
    family: "yolo-v5",
    outputs: { predictions: found.output.name },
    options: { rows: found.rows, strides: found.grid.strides },
    classCount: found.channels - 5,
    needsNms: true,
    convention: "yolov5",
    findings: [{
      about: "family",
      value: "yolo-v5",
      source: "shapes",
      why: describeOutput(found),
    }],
  };
}

/**
 * Tells apart the families with one row per cell: by the names of weights, by the channels of the
 * last layers, by the number of classes, by a stride of 64.
 */
function judgeRows(evidence: Evidence, found: GridOutput): Verdict | null {
  const { channels, grid } = found;
  if (hasWeight(evidence, /(^|\.)gfl_cls\b/)) {
    return { family: "nanodet", source: "names", why: "a weight is called gfl_cls" };
  }
  if (hasWeight(evidence, /(^|\.)obj_preds\b/)) {
    return { family: "yolox", source: "names", why: "a weight is called obj_preds" };
  }
  const made = layersOf(evidence, found);
  const list = [...made].sort((a, b) => a - b).join(", ");
  const byLayers = `${describeOutput(found)}, and the last layers make ${list} channels`;
  const objectness = made.has(1) && made.has(4) && made.has(channels - 5);
  if (objectness) return { family: "yolox", source: "graph", why: byLayers };
  if (made.has(channels - 4)) return { family: "yolo-v8", source: "graph", why: byLayers };
  // YOLOv6 writes a constant 1 where YOLOX has a layer of one channel.
  if (made.has(channels - 5) && !made.has(1)) {
    return { family: "yolox", source: "graph", why: byLayers };
  }
  refuseExtras(found, made);
  if (made.has(channels) && channels > 32) {
    return { family: "nanodet", source: "graph", why: byLayers };
  }
  const split = [...made].find((side) => made.has(channels - side) && side % 4 === 0);
  if (split !== undefined && made.size >= 2) {
    return { family: "nanodet", source: "graph", why: byLayers };
  }
  const classes = evidence.namedClasses ?? 80;
  const source = evidence.namedClasses === null ? "assumed" : "shapes";
  const why = `${describeOutput(found)}, and ${classes} classes leave ${channels - classes}`;
  if (channels - classes === 4) return { family: "yolo-v8", source, why };
  if (channels - classes === 5) return { family: "yolox", source, why };
  if (channels - classes === 32) return { family: "nanodet", source, why };
  return grid.strides.length === 4 && grid.strides[3] === 64 && channels > 32
    ? { family: "nanodet", source: "shapes", why: `${describeOutput(found)}, as NanoDet-Plus` }
    : null;
}

function matchYoloV8(evidence: Evidence, found: GridOutput, verdict: Verdict): FamilyMatch {
  const { output, layout, rows, channels } = found;
  const tail = tailOf(evidence, output);
  const raw = evidence.options.scores ?? (lacksSigmoid(tail) ? "logit" : "probability");
  return {
    family: "yolo-v8",
    outputs: { predictions: output.name },
    options: { rows, layout, scores: raw },
    classCount: channels - 4,
    needsNms: true,
    convention: "ultralytics",
    findings: [
      { about: "family", value: "yolo-v8", source: verdict.source, why: verdict.why },
      ...(raw === "logit"
        ? [
          {
            about: "options.scores",
            value: raw,
            source: evidence.options.scores === undefined ? "graph" : "flag",
            why: "no sigmoid stands between the last layers and the output",
          } as const,
        ]
        : []),
    ],
  };
}

function lacksSigmoid({ ops, layers }: GraphTail): boolean {
  return layers.length > 0 && !ops.has("Sigmoid") && !ops.has("HardSigmoid") &&
    !ops.has("QLinearSigmoid");
}

function matchYolox(evidence: Evidence, found: GridOutput, verdict: Verdict): FamilyMatch {
  const { output, rows, channels, grid } = found;
  const tail = tailOf(evidence, output);
  const stated = statedBoxes(evidence, "yolox", ["grid", "pixels"]);
  const decoded = ["Exp", "Sub", "Div"].some((op) => tail.ops.has(op));
  const boxes = stated ?? (decoded ? "pixels" : "grid");
  const made = new Set(tail.layers.map((layer) => layer.channels));
  // YOLOX predicts objectness with a layer of its own; YOLOv6 writes a constant 1 there.
  const yolov6 = tail.layers.length > 0 && !made.has(1) && made.has(channels - 5) &&
    !hasWeight(evidence, /obj_preds/);
  return {
    family: "yolox",
    outputs: { predictions: output.name },
    options: { rows, boxes, strides: evidence.options.strides ?? grid.strides },
    classCount: channels - 5,
    needsNms: true,
    convention: yolov6 ? "yolov6" : "yolox",
    findings: [
      { about: "family", value: "yolox", source: verdict.source, why: verdict.why },
      {
        about: "options.boxes",
        value: boxes,
        source: stated === null ? "graph" : "flag",
        why: decoded
          ? "arithmetic between the last layers and the output decodes them"
          : "nothing between the last layers and the output decodes them",
      },
    ],
  };
}

function matchNanodet(evidence: Evidence, found: GridOutput, verdict: Verdict): FamilyMatch {
  const { output, rows, channels, grid } = found;
  const { options, namedClasses } = evidence;
  const byNames = namedClasses === null ? null : (channels - namedClasses) / 4 - 1;
  const regMax = options.regMax ??
    (byNames !== null && Number.isInteger(byNames) && byNames >= 1 ? byNames : 7);
  const plus = grid.strides.length >= 4;
  const centreOffset = options.centreOffset ?? (plus ? 0 : 0.5);
  const strides = options.strides ?? grid.strides;
  return {
    family: "nanodet",
    outputs: { predictions: output.name },
    options: { rows, strides, regMax, centreOffset },
    classCount: channels - 4 * (regMax + 1),
    needsNms: true,
    convention: plus ? "nanodetPlus" : "nanodet",
    findings: [
      { about: "family", value: "nanodet", source: verdict.source, why: verdict.why },
      {
        about: "options.regMax",
        value: String(regMax),
        source: options.regMax !== undefined ? "flag" : byNames === null ? "assumed" : "shapes",
        why: byNames === null ? "NanoDet's configurations use 7" : "it is what the classes leave",
      },
      {
        about: "options.centreOffset",
        value: String(centreOffset),
        source: options.centreOffset === undefined ? "assumed" : "flag",
        why: plus
          ? "four levels are NanoDet-Plus, whose priors are the cells' corners"
          : "three levels are NanoDet before Plus, whose priors are the cells' centres",
      },
    ],
  };
}
