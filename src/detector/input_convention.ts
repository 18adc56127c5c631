import type { Finding } from "../core/detector_spec.ts";
import type { InputSpec, LetterboxRule } from "../core/input_spec.ts";
import type { InputPrologue } from "./input_prologue.ts";
import type { InputStatement, PerChannel, Scaling } from "./overrides.ts";
import type { InputShape } from "./picture_input.ts";

/** How the programs that train a kind of detector prepare pictures. */
export interface InputConvention {
  /** Whose convention it is, for findings. */
  readonly whose: string;
  /** Order of the channels. */
  readonly channels: "rgb" | "bgr";
  /** How pixels become numbers. */
  readonly scaling: Scaling;
  /** How pictures are fitted in. */
  readonly letterbox: LetterboxRule;
}

const CENTRED: LetterboxRule = { mode: "letterbox", anchor: "center", padValue: 114 };
const STRETCHED: LetterboxRule = { mode: "stretch", anchor: "center", padValue: 114 };

/** Mean and deviation of ImageNet's pixels in 0–1, red first, as torchvision states them. */
const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225] as const;

/** NanoDet's `normalize`: mean and deviation of 0–255, blue first. */
const NANODET_SCALING: Scaling = {
  scale: [1 / 57.375, 1 / 57.12, 1 / 58.395],
  bias: [-103.53 / 57.375, -116.28 / 57.12, -123.675 / 58.395],
};

/** The conventions by name. */
export const CONVENTIONS = {
  ultralytics: { whose: "Ultralytics", channels: "rgb", scaling: "0-1", letterbox: CENTRED },
  yolov5: { whose: "YOLOv5 and YOLOv7", channels: "rgb", scaling: "0-1", letterbox: CENTRED },
  yolov6: { whose: "YOLOv6", channels: "rgb", scaling: "0-1", letterbox: CENTRED },
  // YOLOX's own `preproc` rounds the picture's sides down, which takes a pixel even from 432 · 416 /
  // 768 for want of precision; mmdetection, which trains YOLOX as well, rounds to the nearest. The
  // difference is below what 64 pictures of COCO can tell; a manifest can ask for "down".
  yolox: {
    whose: "YOLOX since 0.2",
    channels: "bgr",
    scaling: "0-255",
    letterbox: { mode: "letterbox", anchor: "topleft", padValue: 114 },
  },
  nanodetPlus: {
    whose: "NanoDet-Plus",
    channels: "bgr",
    scaling: NANODET_SCALING,
    letterbox: STRETCHED,
  },
  nanodet: {
    whose: "NanoDet before Plus",
    channels: "bgr",
    scaling: NANODET_SCALING,
    letterbox: { mode: "letterbox", anchor: "center", padValue: 0 },
  },
  rtdetr: { whose: "RT-DETR and D-FINE", channels: "rgb", scaling: "0-1", letterbox: STRETCHED },
  detr: {
    whose: "DETR, Deformable DETR and RF-DETR",
    channels: "rgb",
    scaling: "imagenet",
    letterbox: STRETCHED,
  },
} as const satisfies Record<string, InputConvention>;

/** Statements about the input, each with who made it, the strongest first. */
export type InputStatements = readonly {
  readonly source: "flag" | "manifest";
  readonly statement: InputStatement;
}[];

/** Where a convention comes from: the exporter's name, or what is usual for the family. */
export interface ConventionSource {
  /** Source of the findings. */
  readonly source: "metadata" | "assumed";
  /** Why, for findings. */
  readonly why: string;
}

/**
 * Settles how pictures become the input: what is stated, else what the graph does itself, else the
 * family's convention.
 */
export function settleInput(
  shape: InputShape,
  convention: InputConvention,
  usual: ConventionSource,
  prologue: InputPrologue | null,
  statements: InputStatements,
): { readonly input: InputSpec; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  function settle<Key extends "channels" | "scaling">(
    key: Key,
    found: { value: InputConvention[Key]; source: Finding["source"]; why: string },
  ): InputConvention[Key] {
    const stated = statements.find(({ statement }) => statement[key] !== undefined);
    const value = stated?.statement[key] as InputConvention[Key] | undefined ?? found.value;
    findings.push({
      about: `input.${key}`,
      value: typeof value === "string" ? value : JSON.stringify(value),
      source: stated?.source ?? found.source,
      why: stated === undefined ? found.why : `the ${stated.source} states it`,
    });
    return value;
  }
  const channels = settle("channels", { value: convention.channels, ...usual });
  const scaling = settle(
    "scaling",
    findScaling(shape, prologue) ?? { value: convention.scaling, ...usual },
  );
  const letterbox = settleLetterbox(convention, usual, statements, findings);
  const { scale, bias } = scalingNumbers(scaling, channels);
  return { input: { ...shape, channels, scale, bias, letterbox }, findings };
}

function findScaling(
  shape: InputShape,
  prologue: InputPrologue | null,
): { value: Scaling; source: Finding["source"]; why: string } | null {
  if (shape.type === "uint8") {
    return { value: "0-255", source: "shapes", why: "a uint8 input takes pixels as they are" };
  }
  if (prologue === null) return null;
  return { value: prologue.scaling, source: "graph", why: prologue.why };
}

function settleLetterbox(
  convention: InputConvention,
  usual: ConventionSource,
  statements: InputStatements,
  findings: Finding[],
): LetterboxRule {
  const stated = statements.filter(({ statement }) => statement.letterbox !== undefined);
  const rule = stated.toReversed().reduce<LetterboxRule>(
    (sum, { statement }) => ({ ...sum, ...statement.letterbox }),
    convention.letterbox,
  );
  const source = stated[0]?.source;
  findings.push({
    about: "input.letterbox",
    value: describeRule(rule),
    source: source ?? usual.source,
    why: source === undefined ? usual.why : `the ${source} states it`,
  });
  return rule;
}

function describeRule({ mode, anchor, padValue, rounding }: LetterboxRule): string {
  if (mode === "stretch") return "stretch";
  return `${anchor}, padded with ${padValue}${rounding === "down" ? ", sides rounded down" : ""}`;
}

/** Factor and summand per channel for `out = pixel * scale + bias`. */
function scalingNumbers(
  scaling: Scaling,
  channels: "rgb" | "bgr",
): Pick<InputSpec, "scale" | "bias"> {
  if (scaling === "0-255") return { scale: [1, 1, 1], bias: [0, 0, 0] };
  if (scaling === "0-1") return { scale: triple(1 / 255), bias: [0, 0, 0] };
  if (scaling !== "imagenet") return { scale: triple(scaling.scale), bias: triple(scaling.bias) };
  const order = channels === "rgb" ? [0, 1, 2] as const : [2, 1, 0] as const;
  const scale = order.map((c) => 1 / (255 * IMAGENET_DEVIATION[c]));
  const bias = order.map((c) => -IMAGENET_MEAN[c] / IMAGENET_DEVIATION[c]);
  return { scale: scale as [number, number, number], bias: bias as [number, number, number] };
}

function triple(value: PerChannel): readonly [number, number, number] {
  return typeof value === "number" ? [value, value, value] : value;
}
