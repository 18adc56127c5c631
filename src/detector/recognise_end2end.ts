import type { Finding } from "../core/detector_spec.ts";
import { type Evidence, type FamilyMatch, hasOpenRows, hasOperation } from "./evidence.ts";
import { matchGrid } from "./anchor_grid.ts";
import { showDims } from "./unsupported_model.ts";

/** Most boxes of a model that gives as many as it finds. */
const OPEN_ROWS_MAX = 4096;

/** Recognises `[1, rows, 6]` with final boxes; `null` where no output is one. */
export function recogniseEnd2end(evidence: Evidence): FamilyMatch | null {
  const { metadata, outputs, width, height, wantedFamily } = evidence;
  const stated = metadata.end2end || metadata.nms;
  const output = outputs.find(({ dims }) =>
    dims.length === 3 && dims[0] === 1 && dims[2] === 6 &&
    (stated || wantedFamily === "yolo-end2end" || matchGrid(dims[1]!, width, height) === null)
  );
  if (output === undefined) return null;
  const open = hasOpenRows(evidence, output);
  const shape = showDims(open ? [1, -1, 6] : output.dims);
  return {
    family: "yolo-end2end",
    outputs: { predictions: output.name },
    options: open ? { rows: OPEN_ROWS_MAX, openRows: true } : { rows: output.dims[1]! },
    classCount: countByModulo(evidence),
    needsNms: false,
    convention: "ultralytics",
    findings: [describeFamily(evidence, `${output.name} is ${shape}`)],
  };
}

function describeFamily(evidence: Evidence, what: string): Finding {
  const { metadata } = evidence;
  const family = { about: "family", value: "yolo-end2end" } as const;
  if (metadata.end2end || metadata.nms) {
    const key = metadata.end2end ? "end2end" : "nms";
    return { ...family, source: "metadata", why: `the exporter states ${key}, and ${what}` };
  }
  const rows = `${what}: corners, score and class of each box`;
  return hasOperation(evidence, ["TopK", "NonMaxSuppression"])
    ? { ...family, source: "graph", why: `the graph picks boxes itself, and ${rows}` }
    : { ...family, source: "assumed", why: `${rows}, as far as the shape tells` };
}

/** The graph picks a class by the remainder of a flat index, which tells how many there are. */
function countByModulo({ model, namedClasses }: Evidence): number | null {
  if (namedClasses !== null) return null;
  const modulo = model.nodes.filter(({ opType }) => opType === "Mod");
  const divisor = modulo.length === 1 ? model.constant(modulo[0]!.inputs[1] ?? "") : null;
  return divisor?.length === 1 && divisor[0]! >= 1 ? divisor[0]! : null;
}
