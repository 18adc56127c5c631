import type { FoveaError } from "../core/errors.ts";
import type { Evidence, FamilyMatch } from "./evidence.ts";
import { recogniseDetr } from "./recognise_detr.ts";
import { recogniseEnd2end } from "./recognise_end2end.ts";
import { findGridOutput, recogniseGrid } from "./recognise_grid.ts";
import { showDims, unsupportedModel } from "./unsupported_model.ts";

/**
 * Finds out which family a model belongs to.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` listing what was found and what would help.
 */
export function recogniseFamily(evidence: Evidence): FamilyMatch {
  checkTask(evidence);
  const { wantedFamily } = evidence;
  const match = recognise(evidence);
  if (match === null) throw explain(evidence);
  if (wantedFamily !== null && match.family !== wantedFamily) {
    throw unsupportedModel(
      `${wantedFamily} is asked for, but its outputs ${listOutputs(evidence)} do not fit; they ` +
        `look like ${match.family}`,
      "Leave --family out, or give the right one",
    );
  }
  return noteIgnored(evidence, match);
}

function recognise(evidence: Evidence): FamilyMatch | null {
  const grid = findGridOutput(evidence);
  switch (evidence.wantedFamily) {
    case "detr":
      return recogniseDetr(evidence);
    case "yolo-end2end":
      return recogniseEnd2end(evidence);
    case null:
      return recogniseDetr(evidence) ?? recogniseEnd2end(evidence) ??
        (grid === null ? null : recogniseGrid(evidence, grid));
    default:
      return grid === null ? null : recogniseGrid(evidence, grid);
  }
}

function checkTask({ metadata, outputs }: Evidence): void {
  const { task } = metadata;
  if (task !== null && task !== "detect") {
    throw unsupportedModel(
      `it is made to ${task}, not to detect`,
      "Export a detection model of the same family",
    );
  }
  const masks = outputs.find(({ dims }) => dims.length === 4 && dims[1] === 32);
  const boxes = outputs.some(({ dims }) => dims.length === 3);
  if (task === null && outputs.length === 2 && masks !== undefined && boxes) {
    throw unsupportedModel(
      `output "${masks.name}" ${showDims(masks.dims)} looks like masks, so it segments`,
      "Export a detection model of the same family",
    );
  }
}

function noteIgnored(evidence: Evidence, match: FamilyMatch): FamilyMatch {
  const used = Object.values(match.outputs);
  const ignored = evidence.outputs.filter(({ name }) => !used.includes(name));
  if (ignored.length === 0) return match;
  const value = ignored.map(({ name }) => name).join(", ");
  // Heads for training come out beside the one that counts, and which is which nothing tells.
  const shapes = new Set(
    evidence.outputs.filter(({ name }) => used.includes(name)).map(({ dims }) => dims.join()),
  );
  const alike = ignored.some(({ dims }) => shapes.has(dims.join()));
  return {
    ...match,
    findings: [...match.findings, {
      about: "outputs.ignored",
      value,
      source: alike ? "assumed" : "shapes",
      why: alike
        ? "the first of several outputs of one shape is taken"
        : "the boxes do not need them",
    }],
  };
}

function listOutputs({ outputs }: Evidence): string {
  return outputs.map(({ name, dims }) => `"${name}" ${showDims(dims)}`).join(", ");
}

/** Says what the outputs look like instead. */
function explain(evidence: Evidence): FoveaError {
  const { outputs } = evidence;
  const found = `the layout of its outputs ${listOutputs(evidence)} is unknown`;
  if (outputs.every(({ dims }) => dims.length >= 4)) {
    return unsupportedModel(
      `${found}: they look like raw heads`,
      "Export it with the decoding in the graph (YOLOv5: export.py, YOLOv7: export.py --grid)",
    );
  }
  if (outputs.some(({ dims }) => dims.length === 2 && dims[1] === 7)) {
    return unsupportedModel(
      `${found}: it looks like suppression inside the graph`,
      "Export it without --end2end",
    );
  }
  if (outputs.length === 1 && outputs[0]!.dims.length === 2) {
    return unsupportedModel(`${found}: it looks like a classifier`, "Export a detection model");
  }
  if (outputs.length > 1 && outputs.every(({ dims }) => dims.length === 3)) {
    return unsupportedModel(
      `${found}: boxes and scores may stand apart`,
      "Export it with boxes and scores in one output",
    );
  }
  return unsupportedModel(
    `${found} at ${evidence.width}x${evidence.height} pixels`,
    "State the layout with --family, or the class names, in a manifest or by flags",
  );
}
