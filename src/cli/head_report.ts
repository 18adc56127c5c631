import type { DetectorSpec, Finding } from "../core/detector_spec.ts";
import { FoveaError, type FoveaErrorJson } from "../core/errors.ts";
import type { HeadLayer, HeadLayout } from "../core/head_layout.ts";
import { findHeads } from "../onnx/find_heads.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import type { HeadLayerFlags } from "./head_layer_options.ts";

/** The head of a model, or why there is none that can be exchanged. */
export type HeadReport =
  | {
    /** What the head is. */
    readonly layout: HeadLayout;
    /** How it was found. */
    readonly findings: readonly Finding[];
  }
  | {
    /** Why the model has no head that can be exchanged. */
    readonly refused: FoveaErrorJson;
  };

/** Looks for the head of a detector. */
export function reportHead(
  model: OnnxModel,
  spec: DetectorSpec,
  layers: HeadLayerFlags,
): HeadReport {
  try {
    const { layout, findings } = findHeads(model, {
      ...layers,
      classCount: spec.classNames.length,
      outputs: Object.values(spec.outputs),
    });
    return { layout, findings };
  } catch (error) {
    if (error instanceof FoveaError) return { refused: error.toJSON() };
    throw error;
  }
}

/** The report for people. */
export function formatHead(report: HeadReport): string {
  if ("refused" in report) {
    const { message, hint } = report.refused;
    return `\nhead: none that can be refined\n  ${message}\n${hint === null ? "" : `  ${hint}\n`}`;
  }
  const { layout, findings } = report;
  const lines = findings.map(({ about, value, why }) => {
    const what = about.replace("head.", "");
    const layers = layout.layers.filter((layer) =>
      (what === "class" ? layer.classRows : layer.objectnessRows).length > 0
    );
    const shapes = layers.length === 0 ? "" : ` ${describeShapes(layers)}`;
    return `  ${what.padEnd(10)}  ${value}${shapes} (${why})`;
  });
  const levels = layout.levels.length === 1 ? "1 level" : `${layout.levels.length} levels`;
  return `\nhead: ${levels}, can be refined on the device\n${lines.join("\n")}\n`;
}

/** `3 × [80, 64]`, or each shape where they differ. */
function describeShapes(layers: readonly HeadLayer[]): string {
  const shapes = layers.map(({ rows, channels }) => `[${rows}, ${channels}]`);
  const [first] = shapes;
  return shapes.every((shape) => shape === first)
    ? `${shapes.length} × ${first}`
    : shapes.join(" ");
}
