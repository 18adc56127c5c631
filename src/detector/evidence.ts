import type { DetectorFamily, Finding } from "../core/detector_spec.ts";
import type { DetectorSpec } from "../core/detector_spec.ts";
import { FoveaError } from "../core/errors.ts";
import type { TensorSpec } from "../core/tensor.ts";
import { type GraphTail, lastOperators, traceTail } from "../onnx/graph_tail.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import type { CONVENTIONS } from "./input_convention.ts";
import type { ExportMetadata } from "./export_metadata.ts";
import type { FamilyOptions } from "./overrides.ts";

/** Everything a family may be recognised by. */
export interface Evidence {
  /** The model. */
  readonly model: OnnxModel;
  /** What its exporter stated. */
  readonly metadata: ExportMetadata;
  /** Width of the network input in pixels. */
  readonly width: number;
  /** Height of the network input in pixels. */
  readonly height: number;
  /** The outputs, dimensions as a run gave them where one was made. */
  readonly outputs: readonly TensorSpec[];
  /** The family that was asked for. */
  readonly wantedFamily: DetectorFamily | null;
  /** How many classes someone named. */
  readonly namedClasses: number | null;
  /** Facts of the family that someone stated. */
  readonly options: FamilyOptions;
}

/** A family that fits, and what its adapter needs. */
export interface FamilyMatch {
  /** Output layout. */
  readonly family: DetectorFamily;
  /** Outputs by role. */
  readonly outputs: DetectorSpec["outputs"];
  /** Options of the adapter. */
  readonly options: DetectorSpec["options"];
  /** Number of classes by shape or graph; `null` where they do not say. */
  readonly classCount: number | null;
  /** Whether suppression must run. */
  readonly needsNms: boolean;
  /** How pictures are prepared for it. */
  readonly convention: keyof typeof CONVENTIONS;
  /** What was found on the way; the first one tells about the family. */
  readonly findings: readonly Finding[];
}

/** What stands before an output, for evidence from the graph's structure. */
export function tailOf(evidence: Evidence, output: TensorSpec): GraphTail {
  return traceTail(evidence.model, output.name);
}

/** Whether an output's numbers come out of nothing but one of `opTypes`. */
export function endsIn(
  evidence: Evidence,
  output: TensorSpec,
  opTypes: readonly string[],
): boolean {
  const last = [...lastOperators(evidence.model, output.name)];
  return last.length > 0 && last.every((opType) => opTypes.includes(opType));
}

/** Whether the model itself leaves an output's number of rows open; a run shows one of many. */
export function hasOpenRows({ model }: Evidence, output: TensorSpec): boolean {
  return model.outputs.find(({ name }) => name === output.name)?.dims[1] === -1;
}

/**
 * What someone stated that boxes are in, or `null`.
 *
 * @throws {FoveaError} `USAGE` if boxes of the family cannot be in that.
 */
export function statedBoxes<const Unit extends NonNullable<FamilyOptions["boxes"]>>(
  evidence: Evidence,
  family: DetectorFamily,
  units: readonly Unit[],
): Unit | null {
  const { boxes } = evidence.options;
  if (boxes === undefined) return null;
  const unit = units.find((candidate) => candidate === boxes);
  if (unit !== undefined) return unit;
  throw new FoveaError("USAGE", `Cannot decode ${family} with boxes ${boxes}`, {
    hint: `Use ${units.join(" or ")}`,
  });
}

/** Whether any weight is named like `pattern`. */
export function hasWeight(evidence: Evidence, pattern: RegExp): boolean {
  return evidence.model.initializers.keys().some((name) => pattern.test(name));
}

/** Whether any operation is one of `opTypes`. */
export function hasOperation(evidence: Evidence, opTypes: readonly string[]): boolean {
  return evidence.model.nodes.some(({ opType }) => opTypes.includes(opType));
}
