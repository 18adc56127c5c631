import type { Finding } from "../core/detector_spec.ts";
import type { TensorSpec } from "../core/tensor.ts";
import { type Evidence, type FamilyMatch, hasOperation } from "./evidence.ts";
import { showDims } from "./unsupported_model.ts";

/** Most queries of a detection transformer; anchor grids have more rows. */
const QUERIES_MAX = 2000;

/** Recognises the formats of detection transformers; `null` where none fits. */
export function recogniseDetr(evidence: Evidence): FamilyMatch | null {
  return recognisePicked(evidence) ?? recognisePair(evidence) ?? recogniseJoined(evidence);
}

/** `labels`, `boxes` and `scores`, as deployed RT-DETR and D-FINE give them. */
function recognisePicked({ outputs }: Evidence): FamilyMatch | null {
  const labels = outputs.find(({ name, dims }) => /labels?$/i.test(name) && dims.length === 2);
  const scores = outputs.find(({ name, dims }) => /scores?$/i.test(name) && dims.length === 2);
  const boxes = outputs.find(({ name, dims }) =>
    /box(es)?$/i.test(name) && dims.length === 3 && dims[2] === 4
  );
  if (labels === undefined || scores === undefined || boxes === undefined) return null;
  const rows = boxes.dims[1]!;
  if (rows !== labels.dims[1] || rows !== scores.dims[1]) return null;
  return {
    family: "detr",
    outputs: { labels: labels.name, boxes: boxes.name, scores: scores.name },
    options: { rows, format: "picked", activation: "none", channels: 1 },
    classCount: null,
    needsNms: false,
    convention: "rtdetr",
    findings: [{
      about: "family",
      value: "detr",
      source: "names",
      why: `the outputs are ${labels.name}, ${boxes.name} and ${scores.name}`,
    }],
  };
}

/** Class logits and boxes of the same queries. */
function recognisePair(evidence: Evidence): FamilyMatch | null {
  const pair = findPair(evidence.outputs);
  if (pair === null) return null;
  const { logits, boxes } = pair;
  const [, rows, channels] = logits.dims as [number, number, number];
  const roboflow = /(^|_)labels$/i.test(logits.name);
  const activation = findActivation(evidence, rows, channels);
  const softmax = activation.value === "softmax";
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
  readonly source: "names" | "shapes";
}

function findPair(outputs: readonly TensorSpec[]): QueryPair | null {
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
  const boxes = queries.find(({ dims }) => dims[2] === 4);
  const logits = queries.find((output) => output !== boxes);
  return boxes === undefined || logits === undefined || logits.dims[1] !== boxes.dims[1]
    ? null
    : { logits, boxes, source: "shapes" };
}

function findActivation(
  evidence: Evidence,
  rows: number,
  channels: number,
): Finding & { readonly value: "sigmoid" | "softmax" | "none" } {
  const about = "options.activation";
  const stated = evidence.options.activation;
  if (stated !== undefined) return { about, value: stated, source: "flag", why: "it is stated" };
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
  const forced = evidence.wantedFamily === "detr";
  const output = outputs.find(({ dims }) =>
    dims.length === 3 && dims[0] === 1 && dims[1]! <= QUERIES_MAX && dims[2]! > 4
  );
  if (output === undefined || !(stated || forced)) return null;
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
      source: stated ? "metadata" : "shapes",
      why:
        `${stated ? "the exporter names RT-DETR" : "detr is asked for"}, and ${output.name} is ` +
        `${showDims(output.dims)}`,
    }],
  };
}
