import type { DetectorSpec, ExtraInput, Finding } from "../core/detector_spec.ts";
import type { TensorSpec } from "../core/tensor.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { nameClasses, type StatedNames } from "./class_names.ts";
import type { Evidence, FamilyMatch } from "./evidence.ts";
import { type ExportMetadata, readExportMetadata } from "./export_metadata.ts";
import {
  CONVENTIONS,
  type ConventionSource,
  type InputStatements,
  settleInput,
} from "./input_convention.ts";
import { readPrologue } from "./input_prologue.ts";
import type { Manifest } from "./manifest.ts";
import { checkOverrides, type SpecOverrides } from "./overrides.ts";
import {
  findExtraInputs,
  findPictureInput,
  type InputShape,
  type WantedSize,
} from "./picture_input.ts";
import { recogniseFamily } from "./recognise_family.ts";
import { showDims, unsupportedModel } from "./unsupported_model.ts";

/** What is known about a model beside its file. */
export interface ResolveOptions {
  /** Corrections by flags or by a program; `null` for none. */
  readonly overrides?: SpecOverrides | null;
  /** What the manifest beside the model states; `null` where there is none. */
  readonly manifest?: Manifest | null;
  /** Shapes of the outputs as a run gave them, by name. */
  readonly outputDims?: Readonly<Record<string, readonly number[]>>;
}

/** What to feed a model with to see the shapes of its outputs. */
export interface ProbePlan {
  /** The picture input with all dimensions known; any values will do. */
  readonly picture: TensorSpec;
  /** The other inputs with their constants. */
  readonly extraInputs: readonly ExtraInput[];
}

/**
 * Whether the file leaves the shape of an output open, the batch aside, so that one run must show
 * it before {@linkcode resolveSpec} can tell.
 */
export function needsProbe(model: OnnxModel): boolean {
  return model.outputs.some(({ dims }) => isOpen(dims));
}

function isOpen(dims: readonly number[]): boolean {
  return dims.length === 1 ? dims[0] === -1 : dims.indexOf(-1, 1) !== -1;
}

/**
 * Says what to feed for a run that shows the shapes of the outputs.
 *
 * @throws {FoveaError} `USAGE` or `MODEL_UNSUPPORTED` if the inputs cannot be fed.
 */
export function planProbe(model: OnnxModel, options: ResolveOptions = {}): ProbePlan {
  const overrides = checkOverrides(options.overrides ?? {});
  const metadata = readExportMetadata(model);
  const { shape } = findPictureInput(model, metadata, wantedSize(overrides, options.manifest));
  const { extraInputs } = findExtraInputs(model, shape);
  return { picture: { name: shape.name, type: shape.type, dims: dimsOf(shape) }, extraInputs };
}

/**
 * Finds out how a detector is fed and decoded. The strongest source wins: flags, then the
 * manifest, then the exporter's metadata, names, shapes, the graph, and last what is usual for
 * the family. Every step is told in `findings`.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` saying what was found and what would help; `USAGE` for
 * overrides that are malformed or do not fit the model.
 */
export function resolveSpec(model: OnnxModel, options: ResolveOptions = {}): DetectorSpec {
  const overrides = checkOverrides(options.overrides ?? {});
  const manifest = options.manifest ?? null;
  const metadata = readExportMetadata(model);
  const picture = findPictureInput(model, metadata, wantedSize(overrides, manifest));
  const extra = findExtraInputs(model, picture.shape);
  const stated = statedNames(overrides, manifest, metadata);
  const evidence: Evidence = {
    model,
    metadata,
    width: picture.shape.width,
    height: picture.shape.height,
    outputs: knownOutputs(model, options.outputDims ?? {}),
    wantedFamily: overrides.family ?? manifest?.family ?? null,
    namedClasses: stated?.names.length ?? null,
    options: { ...manifest?.options, ...overrides.options },
  };
  const match = recogniseFamily(evidence);
  const classes = nameClasses(match.classCount, stated);
  const { input, findings } = settleInput(
    picture.shape,
    CONVENTIONS[match.convention],
    conventionSource(match, metadata),
    readPrologue(model, picture.shape.name),
    inputStatements(overrides, manifest),
  );
  return {
    family: match.family,
    input,
    extraInputs: extra.extraInputs,
    outputs: match.outputs,
    classNames: classes.names,
    options: match.options,
    needsNms: match.needsNms,
    findings: [
      ...markStatedFamily(match.findings, overrides, manifest),
      classes.finding,
      ...picture.findings,
      ...findings,
      ...extra.findings,
      ...reportConfidence(manifest),
    ],
  };
}

/**
 * Names the classes of a model whose number is known from its graph.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` if someone named another number of classes.
 */
export function nameModelClasses(
  model: OnnxModel,
  options: ResolveOptions,
  classCount: number,
): readonly string[] {
  const overrides = checkOverrides(options.overrides ?? {});
  const stated = statedNames(overrides, options.manifest ?? null, readExportMetadata(model));
  return nameClasses(classCount, stated).names;
}

function conventionSource(match: FamilyMatch, metadata: ExportMetadata): ConventionSource {
  const { whose } = CONVENTIONS[match.convention];
  const { exporter } = metadata;
  return exporter === null
    ? { source: "assumed", why: `${whose} models are trained so` }
    : { source: "metadata", why: `${exporter} exported it, by the convention of ${whose} models` };
}

function dimsOf({ layout, width, height }: InputShape): readonly number[] {
  return layout === "nchw" ? [1, 3, height, width] : [1, height, width, 3];
}

function wantedSize(
  overrides: SpecOverrides,
  manifest: Manifest | null | undefined,
): WantedSize | null {
  for (
    const [source, statement] of [["flag", overrides], ["manifest", manifest?.input ?? {}]] as const
  ) {
    const { width, height } = statement;
    if (width !== undefined || height !== undefined) return { width, height, source };
  }
  return null;
}

function statedNames(
  overrides: SpecOverrides,
  manifest: Manifest | null,
  metadata: ExportMetadata,
): StatedNames | null {
  if (overrides.classNames !== undefined) return { names: overrides.classNames, source: "flag" };
  if (manifest?.classes !== undefined) return { names: manifest.classes, source: "manifest" };
  if (metadata.classNames !== null) return { names: metadata.classNames, source: "metadata" };
  return null;
}

function inputStatements(overrides: SpecOverrides, manifest: Manifest | null): InputStatements {
  return [
    { source: "flag", statement: overrides },
    ...(manifest?.input === undefined
      ? []
      : [{ source: "manifest", statement: manifest.input } as const]),
  ];
}

/** The outputs with the dimensions a run gave; an open batch counts as 1. */
function knownOutputs(
  model: OnnxModel,
  outputDims: Readonly<Record<string, readonly number[]>>,
): readonly TensorSpec[] {
  return model.outputs.map((output) => {
    const seen = outputDims[output.name];
    if (seen !== undefined) return { ...output, dims: seen };
    if (!isOpen(output.dims)) {
      return { ...output, dims: output.dims.map((dim) => dim === -1 ? 1 : dim) };
    }
    throw unsupportedModel(
      `the shape of output "${output.name}" ${showDims(output.dims)} is open`,
      "Run it once and give the shapes that come out, or export it with a fixed input size",
    );
  });
}

/** Where nobody states it there is nothing to tell: the default is then fovea's, not the model's. */
function reportConfidence(manifest: Manifest | null): readonly Finding[] {
  if (manifest?.confidence === undefined) return [];
  return [{
    about: "confidence",
    value: `${manifest.confidence}`,
    source: "manifest",
    why: "lower scores are not reported unless they are asked for",
  }];
}

function markStatedFamily(
  findings: readonly Finding[],
  overrides: SpecOverrides,
  manifest: Manifest | null,
): readonly Finding[] {
  const source = overrides.family !== undefined
    ? "flag"
    : manifest?.family !== undefined
    ? "manifest"
    : null;
  if (source === null) return findings;
  return findings.map((finding) =>
    finding.about === "family"
      ? { ...finding, source, why: `the ${source} states it, and ${finding.why}` }
      : finding
  );
}
