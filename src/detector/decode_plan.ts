import type { BoxPlan, CellPlan, DecodePlan, PickPlan } from "../core/decode_plan.ts";
import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import { makeAnchorGrid } from "./anchor_grid.ts";
import { logitOf } from "./logits.ts";
import { numberOption, numbersOption, outputName, wordOption } from "./spec_options.ts";

/**
 * Says how a detector's outputs are decoded, as data: the same as its adapter does, see
 * `createAdapter`, for kernels that find the outputs in a GPU's memory.
 *
 * @throws {TypeError} If the specification lacks an output or option of its family.
 */
export function planDecode(spec: DetectorSpec): DecodePlan {
  const rows = numberOption(spec, "rows");
  const classCount = spec.classNames.length;
  const parts = PLANNERS[spec.family](spec, rows, classCount);
  return { rows, classCount, logits: false, ...parts };
}

type PlanParts = Pick<DecodePlan, "outputs" | "pick" | "boxes"> & { readonly logits?: boolean };

const PLANNERS: Readonly<
  Record<
    DetectorSpec["family"],
    (spec: DetectorSpec, rows: number, classCount: number) => PlanParts
  >
> = {
  "yolo-end2end": planEnd2end,
  "yolo-v8": planV8,
  "yolo-v5": planV5,
  "yolox": planYolox,
  "detr": planDetr,
  "nanodet": planNanodet,
};

/** Four numbers side by side at the start of a row, in network pixels. */
function plainBoxes(output: string, rowStep: number, corners: boolean): BoxPlan {
  return { kind: "plain", output, rowStep, valueStep: 1, corners, scaleX: 1, scaleY: 1 };
}

/** The same in shares of the network input. */
function scaledBoxes(
  { input }: DetectorSpec,
  output: string,
  rowStep: number,
  corners: boolean,
): BoxPlan {
  const unscaled = { kind: "plain", output, rowStep, valueStep: 1, corners } as const;
  return { ...unscaled, scaleX: input.width, scaleY: input.height };
}

function planEnd2end(spec: DetectorSpec, rows: number): PlanParts {
  const output = outputName(spec, "predictions");
  return {
    outputs: { [output]: [1, rows, 6] },
    pick: {
      kind: "labelled",
      score: { output, at: 4, step: 6 },
      label: { output, at: 5, step: 6 },
      roundLabels: true,
    },
    boxes: plainBoxes(output, 6, true),
  };
}

function planV8(spec: DetectorSpec, rows: number, classCount: number): PlanParts {
  const output = outputName(spec, "predictions");
  const logits = wordOption(spec, "scores", ["probability", "logit"]) === "logit";
  const channels = 4 + classCount;
  if (wordOption(spec, "layout", ["columns", "rows"]) === "rows") {
    return {
      outputs: { [output]: [1, rows, channels] },
      pick: {
        kind: "rows",
        output,
        rowLength: channels,
        classOffset: 4,
        objectnessOffset: -1,
      },
      boxes: plainBoxes(output, channels, false),
      logits,
    };
  }
  return {
    outputs: { [output]: [1, channels, rows] },
    pick: { kind: "columns", output, offset: 4 * rows },
    boxes: { ...plainBoxes(output, 1, false), valueStep: rows } as BoxPlan,
    logits,
  };
}

/** `cx cy w h objectness scores…` in each row. */
function pickBehindObjectness(output: string, classCount: number): PickPlan {
  return {
    kind: "rows",
    output,
    rowLength: 5 + classCount,
    classOffset: 5,
    objectnessOffset: 4,
  };
}

function planV5(spec: DetectorSpec, rows: number, classCount: number): PlanParts {
  const output = outputName(spec, "predictions");
  const rowLength = 5 + classCount;
  return {
    outputs: { [output]: [1, rows, rowLength] },
    pick: pickBehindObjectness(output, classCount),
    boxes: plainBoxes(output, rowLength, false),
  };
}

function planYolox(spec: DetectorSpec, rows: number, classCount: number): PlanParts {
  const plan = planV5(spec, rows, classCount);
  if (wordOption(spec, "boxes", ["grid", "pixels"]) === "pixels") return plan;
  const output = outputName(spec, "predictions");
  const cells = planCells(spec, rows);
  return { ...plan, boxes: { kind: "grid", output, rowStep: 5 + classCount, cells } };
}

function planNanodet(spec: DetectorSpec, rows: number, classCount: number): PlanParts {
  const output = outputName(spec, "predictions");
  const bins = numberOption(spec, "regMax") + 1;
  const rowLength = classCount + 4 * bins;
  return {
    outputs: { [output]: [1, rows, rowLength] },
    pick: { kind: "rows", output, rowLength, classOffset: 0, objectnessOffset: -1 },
    boxes: {
      kind: "bins",
      output,
      rowStep: rowLength,
      valueOffset: classCount,
      bins,
      centreOffset: numberOption(spec, "centreOffset"),
      netWidth: spec.input.width,
      netHeight: spec.input.height,
      cells: planCells(spec, rows),
    },
  };
}

function planDetr(spec: DetectorSpec, rows: number): PlanParts {
  const format = wordOption(spec, "format", ["pair", "joined", "listed", "picked"]);
  const activation = wordOption(spec, "activation", ["sigmoid", "softmax", "none"]);
  const channels = numberOption(spec, "channels");
  if (format === "picked") return planPicked(spec, rows);
  const joined = format !== "pair";
  const scores = outputName(spec, joined ? "predictions" : "logits");
  const boxes = outputName(spec, joined ? "predictions" : "boxes");
  const pick: PickPlan = format === "listed"
    ? {
      kind: "labelled",
      score: { output: scores, at: 4, step: channels },
      label: { output: scores, at: 5, step: channels },
      roundLabels: false,
    }
    : activation === "softmax"
    ? { kind: "softmax", output: scores, channels }
    : {
      kind: "rows",
      output: scores,
      rowLength: channels,
      classOffset: joined ? 4 : 0,
      objectnessOffset: -1,
    };
  return {
    outputs: joined
      ? { [scores]: [1, rows, channels] }
      : { [scores]: [1, rows, channels], [boxes]: [1, rows, 4] },
    pick,
    logits: pick.kind === "rows" && activation === "sigmoid",
    boxes: scaledBoxes(spec, boxes, joined ? channels : 4, false),
  };
}

function planPicked(spec: DetectorSpec, rows: number): PlanParts {
  const [scores, labels, boxes] = ["scores", "labels", "boxes"].map((role) => {
    return outputName(spec, role);
  }) as [string, string, string];
  return {
    outputs: { [scores]: [1, rows], [labels]: [1, rows], [boxes]: [1, rows, 4] },
    pick: {
      kind: "labelled",
      score: { output: scores, at: 0, step: 1 },
      label: { output: labels, at: 0, step: 1 },
      roundLabels: false,
    },
    boxes: spec.options["boxes"] === "relative"
      ? scaledBoxes(spec, boxes, 4, true)
      : plainBoxes(boxes, 4, true),
  };
}

function planCells(spec: DetectorSpec, rows: number): CellPlan {
  const cells = makeAnchorGrid(spec.input.width, spec.input.height, numbersOption(spec, "strides"));
  if (cells.stride.length === rows) return cells;
  throw new TypeError(
    `Cannot decode ${spec.family}: strides give ${cells.stride.length} rows, not ${rows}`,
  );
}

/**
 * The lowest score of a row in the unit of the plan's scores.
 *
 * @param params `confidence` is the lowest probability, 0–1.
 */
export function pickThreshold(
  plan: Pick<DecodePlan, "logits">,
  params: Pick<DecodeParams, "confidence">,
): number {
  return plan.logits ? logitOf(params.confidence) : params.confidence;
}
