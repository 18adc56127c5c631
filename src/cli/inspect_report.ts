import { CONFIDENCE_DEFAULT, type DetectorSpec, type Finding } from "../core/detector_spec.ts";
import type { TensorSpec } from "../core/tensor.ts";
import { needsProbe, resolveSpec } from "../detector/resolve_spec.ts";
import type { SpecOverrides } from "../detector/overrides.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { readModel } from "../onnx/read_model.ts";
import { loadDetector } from "../pipeline/load_detector.ts";
import { readModelFile } from "../pipeline/model_file.ts";
import { correctingFlag } from "./correcting_flag.ts";
import type { HeadLayerFlags } from "./head_layer_options.ts";
import { type HeadReport, reportHead } from "./head_report.ts";

/** What a model file is, whatever it is good for. */
export interface ModelFacts {
  /** Path of the file. */
  readonly path: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** SHA-256 of the file, lower-case hexadecimal. */
  readonly sha256: string;
  /** Who wrote it. */
  readonly producer: string;
  /** Version of the file format. */
  readonly irVersion: number;
  /** Version of ONNX's own operator set. */
  readonly opset: number;
  /** Number of operations. */
  readonly operations: number;
  /** Inputs that must be fed; `-1` is an open dimension. */
  readonly inputs: readonly TensorSpec[];
  /** Outputs. */
  readonly outputs: readonly TensorSpec[];
  /** Text that the exporter put in. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads the facts of a model file and, separately, how it is used as a detector. */
export interface Inspection {
  /** What the file is. */
  readonly facts: ModelFacts;
  /**
   * How it is fed and decoded. A model that leaves the shapes of its outputs open is run once on
   * grey to see them; others are only read.
   *
   * @throws {FoveaError} `MODEL_UNSUPPORTED`, `USAGE`, and those of loading where it is run.
   */
  resolve(): Promise<DetectorSpec>;
  /** Lowest score that is reported unless another one is asked for. */
  readonly confidence: number;
  /** Which head it has; says why where there is none that can be exchanged. */
  reportHead(spec: DetectorSpec, layers: HeadLayerFlags): HeadReport;
}

/**
 * Reads a model and the manifest beside it.
 *
 * @throws {FoveaError} `MODEL_NOT_FOUND`, `MODEL_INVALID`, `MANIFEST_INVALID`.
 */
export async function inspectFile(path: string, overrides: SpecOverrides): Promise<Inspection> {
  const { bytes, sha256, manifest } = await readModelFile(path);
  const model = readModel(bytes);
  return {
    facts: factsOf(model, path, sha256),
    confidence: manifest?.confidence ?? CONFIDENCE_DEFAULT,
    resolve: async () => {
      if (!needsProbe(model)) return resolveSpec(model, { overrides, manifest });
      await using detector = await loadDetector(path, { overrides });
      return detector.spec;
    },
    reportHead: (spec, layers) => reportHead(model, spec, layers),
  };
}

function factsOf(model: OnnxModel, path: string, sha256: string): ModelFacts {
  return {
    path,
    bytes: model.byteLength,
    sha256,
    producer: model.producer,
    irVersion: model.irVersion,
    opset: model.opset,
    operations: model.nodes.length,
    inputs: model.inputs,
    outputs: model.outputs,
    metadata: Object.fromEntries(model.metadata),
  };
}

/** The facts for people. */
export function formatFacts(facts: ModelFacts): string {
  const { path, bytes, producer, opset, operations, sha256 } = facts;
  const maker = producer === "" ? "" : ` by ${producer}`;
  return [
    `${path}: ${formatBytes(bytes)}${maker}, opset ${opset}, ` +
    `${operations} operations`,
    `sha256 ${sha256}`,
    ...facts.inputs.map((tensor) => `  input   ${formatTensor(tensor)}`),
    ...facts.outputs.map((tensor) => `  output  ${formatTensor(tensor)}`),
    "",
  ].join("\n");
}

/** The findings for people, guesses marked with the flag that corrects them. */
export function formatFindings(findings: readonly Finding[]): string {
  const abouts = Math.max(...findings.map(({ about }) => about.length));
  const lines = findings.map(({ about, value, source, why }) => {
    const flag = source === "assumed" ? correctingFlag(about) : null;
    const correct = flag === null ? "" : ` [${flag}]`;
    return `${source.padEnd(8)}  ${about.padEnd(abouts)}  ${value} (${why})${correct}`;
  });
  const guesses = findings.filter(({ source }) => source === "assumed").length;
  const advice = guesses === 0
    ? "Nothing had to be assumed."
    : `${guesses} assumed: correct what is wrong by the flag, or by a manifest beside the model.`;
  return `\n${lines.join("\n")}\n\n${advice}\n`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function formatTensor({ name, type, dims }: TensorSpec): string {
  return `${name}  ${type} [${dims.map((dim) => dim === -1 ? "?" : dim).join(", ")}]`;
}
