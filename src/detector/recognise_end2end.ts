import type { Evidence, FamilyMatch } from "./evidence.ts";
import { matchGrid } from "./anchor_grid.ts";
import { showDims } from "./unsupported_model.ts";

/** Recognises `[1, rows, 6]` with final boxes; `null` where no output is one. */
export function recogniseEnd2end(evidence: Evidence): FamilyMatch | null {
  const { metadata, outputs, width, height, wantedFamily } = evidence;
  const stated = metadata.end2end || metadata.nms;
  const output = outputs.find(({ dims }) =>
    dims.length === 3 && dims[0] === 1 && dims[2] === 6 &&
    (stated || wantedFamily === "yolo-end2end" || matchGrid(dims[1]!, width, height) === null)
  );
  if (output === undefined) return null;
  return {
    family: "yolo-end2end",
    outputs: { predictions: output.name },
    options: { rows: output.dims[1]! },
    classCount: countByModulo(evidence),
    needsNms: false,
    convention: "ultralytics",
    findings: [{
      about: "family",
      value: "yolo-end2end",
      source: stated ? "metadata" : "shapes",
      why: stated
        ? `the exporter states ${metadata.end2end ? "end2end" : "nms"}, and ${output.name} is ` +
          showDims(output.dims)
        : `${output.name} is ${showDims(output.dims)}: corners, score and class of each box`,
    }],
  };
}

/** The graph picks a class by the remainder of a flat index, which tells how many there are. */
function countByModulo({ model, namedClasses }: Evidence): number | null {
  if (namedClasses !== null) return null;
  const modulo = model.nodes.filter(({ opType }) => opType === "Mod");
  const divisor = modulo.length === 1 ? model.constant(modulo[0]!.inputs[1] ?? "") : null;
  return divisor?.length === 1 && divisor[0]! >= 1 ? divisor[0]! : null;
}
