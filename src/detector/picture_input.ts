import type { ExtraInput, Finding } from "../core/detector_spec.ts";
import type { InputSpec } from "../core/input_spec.ts";
import type { TensorSpec } from "../core/tensor.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { FoveaError } from "../core/errors.ts";
import type { ExportMetadata } from "./export_metadata.ts";
import { showDims, unsupportedModel } from "./unsupported_model.ts";

/** The picture input as far as names and shapes tell: everything but the pixel conventions. */
export type InputShape = Pick<InputSpec, "name" | "type" | "layout" | "width" | "height">;

/** A size that someone asked for. */
export interface WantedSize {
  /** Width in pixels. */
  readonly width: number | undefined;
  /** Height in pixels. */
  readonly height: number | undefined;
  /** Who asked. */
  readonly source: "flag" | "manifest";
}

/** Side of the input in pixels where a model leaves it open and nobody states it. */
const SIDE_DEFAULT = 640;
const STRIDE_DEFAULT = 32;
/** Longest side of a picture input; the kernels take no longer one. */
const SIDE_MAX = 16_384;
/** Most elements of an input besides the picture. */
const EXTRA_ELEMENTS_MAX = 2 ** 24;

/**
 * Finds the picture among a model's inputs and settles its size.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` if no input takes a picture of three channels, its type
 * cannot be fed, or it wants several pictures at once; `USAGE` if the wanted size does not fit.
 */
export function findPictureInput(
  model: OnnxModel,
  metadata: ExportMetadata,
  wanted: WantedSize | null,
): { readonly shape: InputShape; readonly findings: readonly Finding[] } {
  const input = pickInput(model);
  const [batch, second, third, fourth] = input.dims as [number, number, number, number];
  const layout = second === 3 || (fourth !== 3 && second === -1) ? "nchw" : "nhwc";
  const channels = layout === "nchw" ? second : fourth;
  if (channels !== 3 && channels !== -1) {
    throw unsupportedModel(
      `input "${input.name}" is ${showDims(input.dims)}, not a picture of 3 channels`,
      "Export the detector with a colour picture as its input",
    );
  }
  if (batch !== 1 && batch !== -1) {
    throw unsupportedModel(
      `input "${input.name}" is ${showDims(input.dims)}, ${batch} pictures at once`,
      "Export the detector with batch 1 or an open batch",
    );
  }
  const { type, name } = input;
  if (type !== "float32" && type !== "float16" && type !== "uint8") {
    throw unsupportedModel(
      `input "${name}" holds ${type} elements, a picture is float32, float16 or uint8`,
      "Export the detector with a float input",
    );
  }
  const [openHeight, openWidth] = layout === "nchw" ? [third, fourth] : [second, third];
  const size = settleSize(name, openWidth, openHeight, metadata, wanted);
  if (Math.max(size.width, size.height) > SIDE_MAX) {
    throw unsupportedModel(
      `input "${name}" is ${size.width}x${size.height} pixels, at most ${SIDE_MAX} are possible`,
      "Export the detector with a smaller input",
    );
  }
  const findings: Finding[] = [
    {
      about: "input",
      value: `${name} ${type} ${showDims(input.dims)}`,
      source: "shapes",
      why: "it is the input with the shape of a picture",
    },
    {
      about: "input.layout",
      value: layout,
      source: "shapes",
      why: channels === 3 ? `dimension ${layout === "nchw" ? 1 : 3} is 3` : "no dimension is 3",
    },
    size.finding,
  ];
  const { width, height } = size;
  return { shape: { name, type, layout, width, height }, findings };
}

function pickInput(model: OnnxModel): TensorSpec {
  const pictures = model.inputs.filter(({ dims }) => dims.length === 4);
  const coloured = pictures.filter(({ dims }) => dims[1] === 3 || dims[3] === 3);
  const found = coloured.length > 0 ? coloured : pictures;
  if (found.length === 1) return found[0]!;
  const listed = model.inputs.map(({ name, dims }) => `"${name}" ${showDims(dims)}`).join(", ");
  throw unsupportedModel(
    found.length === 0
      ? `no input takes a picture: ${listed === "" ? "there is none" : listed}`
      : `${found.length} inputs take a picture: ${listed}`,
    "Export a detector with one picture input [1, 3, height, width]",
  );
}

function settleSize(
  name: string,
  fixedWidth: number,
  fixedHeight: number,
  metadata: ExportMetadata,
  wanted: WantedSize | null,
): { readonly width: number; readonly height: number; readonly finding: Finding } {
  const open = fixedWidth === -1 || fixedHeight === -1;
  const stride = metadata.stride ?? STRIDE_DEFAULT;
  const stated = metadata.imageSize;
  const fallback = Math.max(stride, Math.round(SIDE_DEFAULT / stride) * stride);
  const width = wanted?.width ?? (fixedWidth === -1 ? stated?.width ?? fallback : fixedWidth);
  const height = wanted?.height ?? (fixedHeight === -1 ? stated?.height ?? fallback : fixedHeight);
  if (
    (fixedWidth !== -1 && width !== fixedWidth) || (fixedHeight !== -1 && height !== fixedHeight)
  ) {
    throw new FoveaError(
      "USAGE",
      `Cannot feed ${width}x${height} pixels: input "${name}" is fixed at ` +
        `${fixedWidth === -1 ? "?" : fixedWidth}x${fixedHeight === -1 ? "?" : fixedHeight}`,
      { hint: "Leave the input size out, or export the model with an open size" },
    );
  }
  if (open && metadata.stride !== null && (width % stride !== 0 || height % stride !== 0)) {
    throw new FoveaError(
      "USAGE",
      `Cannot feed ${width}x${height} pixels: the model works in steps of ${stride}`,
      { hint: `Use multiples of ${stride}` },
    );
  }
  const [source, why]: [Finding["source"], string] = !open
    ? ["shapes", "the input's shape is fixed"]
    : wanted !== null
    ? [wanted.source, `the ${wanted.source} states it, the input's shape is open`]
    : stated !== null
    ? ["metadata", "imgsz states it, the input's shape is open"]
    : ["assumed", `the input's shape is open, and ${fallback} is usual`];
  return {
    width,
    height,
    finding: { about: "input.size", value: `${width}x${height}`, source, why },
  };
}

/**
 * Gives every input besides the picture its constant.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` naming an input whose meaning is unknown.
 */
export function findExtraInputs(
  model: OnnxModel,
  shape: InputShape,
): { readonly extraInputs: readonly ExtraInput[]; readonly findings: readonly Finding[] } {
  const { width, height } = shape;
  const findings: Finding[] = [];
  const extraInputs = model.inputs.filter(({ name }) => name !== shape.name).map((input) => {
    const { name, type, dims } = input;
    const rule = CONSTANT_INPUTS.find((candidate) => candidate.name.test(name));
    const wanted = rule?.dims(width, height);
    const fits = wanted !== undefined && wanted.length === dims.length &&
      dims.every((dim, i) => dim === -1 || dim === wanted[i] || rule!.anySize) &&
      countElements(dims, wanted) <= EXTRA_ELEMENTS_MAX;
    if (!fits || (type !== "float32" && type !== "int32" && type !== "int64")) {
      throw unsupportedModel(
        `it wants ${model.inputs.length} inputs, and what ${type} input "${name}" ` +
          `${showDims(dims)} means is unknown`,
        "Export the detector with the picture as its only input",
      );
    }
    const fixed = dims.map((dim, i) => dim === -1 ? wanted[i]! : dim);
    const values = rule!.values(width, height, countElements(dims, wanted));
    findings.push({
      about: `input.${name}`,
      value: rule!.text(width, height),
      source: "names",
      why: rule!.why,
    });
    return { name, type, dims: fixed, values };
  });
  return { extraInputs, findings };
}

/** Elements of an input whose open dimensions are as wanted. */
function countElements(dims: readonly number[], wanted: readonly number[]): number {
  return dims.reduce((product, dim, i) => product * (dim === -1 ? wanted[i]! : dim), 1);
}

interface ConstantInput {
  readonly name: RegExp;
  readonly why: string;
  /** Whether a fixed shape of other sides is filled as well. */
  readonly anySize: boolean;
  readonly dims: (width: number, height: number) => readonly number[];
  readonly values: (width: number, height: number, count: number) => readonly number[];
  readonly text: (width: number, height: number) => string;
}

const CONSTANT_INPUTS: readonly ConstantInput[] = [
  {
    name: /^(orig|original)_?(target|image|img)?_?sizes?$|^target_?sizes?$/i,
    why: "boxes come back scaled to it, width first, so it is the network's own size",
    anySize: false,
    dims: () => [1, 2],
    values: (width, height) => [width, height],
    text: (width, height) => `${width}, ${height}`,
  },
  {
    name: /^(pixel_?)?mask$/i,
    why: "the whole input counts as picture",
    anySize: true,
    dims: (width, height) => [1, height, width],
    values: (_width, _height, count) => Array.from({ length: count }, () => 1),
    text: () => "all 1",
  },
];
