import type { Finding } from "../core/detector_spec.ts";
import type { TensorSpec } from "../core/tensor.ts";
import { endsIn, type Evidence, type FamilyMatch, hasOperation, statedBoxes } from "./evidence.ts";
import { showDims } from "./unsupported_model.ts";

/** Most queries of a detection transformer; anchor grids have more rows. */
const QUERIES_MAX = 2000;

/** Recognises the formats of detection transformers; `null` where none fits. */
export function recogniseDetr(evidence: Evidence): FamilyMatch | null {
  return recognisePicked(evidence) ?? recognisePair(evidence) ?? recogniseJoined(evidence);
}

/** `labels`, `boxes` and `scores`, as deployed RT-DETR and D-FINE give them. */
function recognisePicked(evidence: Evidence): FamilyMatch | null {
  const { outputs } = evidence;
  const labels = outputs.find(({ name, dims }) => /labels?$/i.test(name) && dims.length === 2);
  const scores = outputs.find(({ name, dims }) => /scores?$/i.test(name) && dims.length === 2);
  const boxes = outputs.find(({ name, dims }) =>
    /box(es)?$/i.test(name) && dims.length === 3 && dims[2] === 4
  );
  if (labels === undefined || scores === undefined || boxes === undefined) return null;
  const rows = boxes.dims[1]!;
  if (rows !== labels.dims[1] || rows !== scores.dims[1]) return null;
  const unit = findBoxUnit(evidence);
  return {
    family: "detr",
    outputs: { labels: labels.name, boxes: boxes.name, scores: scores.name },
    options: { rows, format: "picked", activation: "none", channels: 1, boxes: unit.value },
    classCount: null,
    needsNms: false,
    convention: "rtdetr",
    findings: [{
      about: "family",
      value: "detr",
      source: "names",
      why: `the outputs are ${labels.name}, ${boxes.name} and ${scores.name}`,
    }, unit],
  };
}

/** What picked boxes are in: a model that asks for a size scales them to it. */
function findBoxUnit(evidence: Evidence): Finding & { readonly value: "pixels" | "relative" } {
  const about = "options.boxes";
  const stated = statedBoxes(evidence, "detr", ["pixels", "relative"]);
  if (stated !== null) return { about, value: stated, source: "flag", why: "it is stated" };
  const size = evidence.model.inputs.find(({ name }) => /sizes?$/i.test(name))?.name;
  return size === undefined
    ? { about, value: "pixels", source: "assumed", why: "no input says what they are scaled to" }
    : { about, value: "pixels", source: "names", why: `they are scaled to the input ${size}` };
}

/** Class logits and boxes of the same queries. */
function recognisePair(evidence: Evidence): FamilyMatch | null {
  const pair = findPair(evidence);
  if (pair === null) return null;
  const { logits, boxes } = pair;
  const [, rows, channels] = logits.dims as [number, number, number];
  const roboflow = /(^|_)labels$/i.test(logits.name);
  const activation = findActivation(evidence, logits);
  const softmax = activation.value === "softmax" || endsIn(evidence, logits, ["Softmax"]);
  // A softmax keeps a channel for "no object", and so does RF-DETR unless it has COCO's 91.
  const named = evidence.namedClasses;
  const spare = softmax || named === channels - 1 ||
    (roboflow && channels !== 91 && named === null);
  const rtdetr = !softmax && !roboflow && channels !== 91;
  return {
    family: "detr",
    outputs: { logits: logits.name, boxes: boxes.name },
    options: { rows, format: "pair", activation: activation.value, channels },
    classCount: spare ? channels - 1 : channels,
    needsNms: false,
    convention: rtdetr ? "rtdetr" : "detr",
    findings: [
      {
        about: "family",
        value: "detr",
        source: pair.source,
        why: `${logits.name} ${showDims(logits.dims)} and ${boxes.name} ${showDims(boxes.dims)} ` +
          "are logits and boxes of the same queries",
      },
      activation,
      ...(spare
        ? [
          {
            about: "classes.spare",
            value: `channel ${channels - 1}`,
            source: "assumed",
            why: "the last channel stands for no object",
          } as const,
        ]
        : []),
    ],
  };
}

interface QueryPair {
  readonly logits: TensorSpec;
  readonly boxes: TensorSpec;
  readonly source: Finding["source"];
}

function findPair(evidence: Evidence): QueryPair | null {
  const { outputs } = evidence;
  const queries = outputs.filter(({ dims }) =>
    dims.length === 3 && dims[0] === 1 && dims[1]! <= QUERIES_MAX
  );
  const named = {
    logits: queries.find(({ name }) => /logits$|(^|_)(labels|scores|classes|cls)$/i.test(name)),
    boxes: queries.find(({ name, dims }) =>
      /(boxes|bboxes|dets|coord)$/i.test(name) && dims[2] === 4
    ),
  };
  if (named.logits !== undefined && named.boxes !== undefined) {
    return named.logits.dims[1] === named.boxes.dims[1]
      ? { logits: named.logits, boxes: named.boxes, source: "names" }
      : null;
  }
  if (queries.length !== 2 || outputs.length !== 2) return null;
  return tellApart(evidence, queries as [TensorSpec, TensorSpec]);
}

/** Which of two outputs without telling names are boxes: the one with four numbers a row. */
function tellApart(
  evidence: Evidence,
  [first, second]: readonly [TensorSpec, TensorSpec],
): QueryPair | null {
  const four = [first, second].map(({ dims }) => dims[2] === 4);
  if (first.dims[1] !== second.dims[1] || !(four[0] || four[1])) return null;
  if (four[0] !== four[1]) {
    const [boxes, logits] = four[0] ? [first, second] : [second, first];
    return { logits, boxes, source: "shapes" };
  }
  // Boxes of 0–1 come out of a sigmoid, logits do not.
  const sigmoid = [first, second].map((output) => endsIn(evidence, output, ["Sigmoid"]));
  const [boxes, logits] = sigmoid[1] && !sigmoid[0] ? [second, first] : [first, second];
  return { logits, boxes, source: sigmoid[0] === sigmoid[1] ? "assumed" : "graph" };
}

function findActivation(
  evidence: Evidence,
  logits: TensorSpec,
): Finding & { readonly value: "sigmoid" | "softmax" | "none" } {
  const [, rows, channels] = logits.dims as [number, number, number];
  const about = "options.activation";
  const stated = evidence.options.activation;
  if (stated !== undefined) return { about, value: stated, source: "flag", why: "it is stated" };
  if (endsIn(evidence, logits, ["Sigmoid", "Softmax"])) {
    return { about, value: "none", source: "graph", why: "the graph makes them probabilities" };
  }
  if (hasOperation(evidence, ["GridSample", "TopK"])) {
    return {
      about,
      value: "sigmoid",
      source: "graph",
      why: "deformable attention or picked queries go with a sigmoid per class",
    };
  }
  // DETR and YOLOS: COCO's 91 categories and "no object" on some hundred queries.
  const softmax = channels === 92 || (channels !== 91 && channels !== 80 && rows <= 125);
  return {
    about,
    value: softmax ? "softmax" : "sigmoid",
    source: "assumed",
    why: softmax
      ? `${channels} channels of ${rows} queries look like DETR's with "no object"`
      : `${channels} channels of ${rows} queries look like one sigmoid per class`,
  };
}

/** Boxes and scores of a query in one row, as Ultralytics' RT-DETR gives them. */
function recogniseJoined(evidence: Evidence): FamilyMatch | null {
  const { metadata, outputs, namedClasses } = evidence;
  const stated = metadata.head === "RTDETRDecoder" ||
    /rt-?detr/i.test(metadata.description ?? "");
  const deformable = hasOperation(evidence, ["GridSample"]);
  const forced = evidence.wantedFamily === "detr";
  const output = outputs.find(({ dims }) =>
    dims.length === 3 && dims[0] === 1 && dims[1]! <= QUERIES_MAX && dims[2]! > 4
  );
  if (output === undefined || !(stated || deformable || forced)) return null;
  const [, rows, channels] = output.dims as [number, number, number];
  const listed = channels === 6 && (namedClasses !== 2 || metadata.head === "RTDETRDecoder");
  return {
    family: "detr",
    outputs: { predictions: output.name },
    options: {
      rows,
      format: listed ? "listed" : "joined",
      activation: "none",
      channels,
    },
    classCount: listed ? null : channels - 4,
    needsNms: false,
    convention: "rtdetr",
    findings: [{
      about: "family",
      value: "detr",
      source: stated ? "metadata" : deformable ? "graph" : "shapes",
      why: `${
        stated
          ? "the exporter names RT-DETR"
          : deformable
          ? "the graph samples features by attention as RT-DETR does"
          : "detr is asked for"
      }, and ${output.name} is ${showDims(output.dims)}`,
    }],
  };
}
