import type { OnnxModel } from "../onnx/onnx_model.ts";
import { type Literal, parsePythonLiteral } from "./python_literal.ts";

/** What exporters such as Ultralytics and YOLOv5 state in a model's metadata. */
export interface ExportMetadata {
  /** Class names in the model's order. */
  readonly classNames: readonly string[] | null;
  /** Height and width of the input in pixels. */
  readonly imageSize: { readonly height: number; readonly width: number } | null;
  /** Largest stride in pixels, of which the input's sides are multiples. */
  readonly stride: number | null;
  /** What the model is for, for example `detect` or `segment`. */
  readonly task: string | null;
  /** Whether the graph picks the final boxes itself. */
  readonly end2end: boolean;
  /** Whether suppression was exported into the graph. */
  readonly nms: boolean;
  /** Class of the head, for example `Detect` or `RTDETRDecoder`. */
  readonly head: string | null;
  /** What the model is, in words. */
  readonly description: string | null;
  /** Whose export it is, where that says how pictures are prepared; `null` where it does not. */
  readonly exporter: "Ultralytics" | "fovea" | null;
}

/** Most class names that are believed. */
const CLASSES_MAX = 65_536;
const SIDE_MAX = 32_768;

/** Reads what an exporter stated; entries that cannot be read count as absent. */
export function readExportMetadata(model: OnnxModel): ExportMetadata {
  function read(key: string): Literal | undefined {
    const text = model.metadata.get(key);
    return text === undefined ? undefined : parsePythonLiteral(text) ?? text;
  }
  const args = read("args");
  const nms = args instanceof Map && args.get("nms") === true || read("nms") === true;
  return {
    classNames: readNames(read("names")),
    imageSize: readImageSize(read("imgsz")),
    stride: readStride(read("stride")),
    task: readText(read("task")),
    end2end: read("end2end") === true,
    nms,
    head: readText(read("head")),
    description: readText(read("description")),
    exporter: readExporter(read("author")),
  };
}

/** `{0: 'person', 1: …}` or `['person', …]`; indices must run from 0 without gaps. */
function readNames(value: Literal | undefined): readonly string[] | null {
  const names = Array.isArray(value)
    ? value
    : value instanceof Map
    ? Array.from({ length: value.size }, (_, i) => value.get(String(i)))
    : [];
  if (names.length === 0 || names.length > CLASSES_MAX) return null;
  const texts = names.map((name: Literal | undefined) =>
    typeof name === "string" || typeof name === "number" ? String(name) : null
  );
  return texts.includes(null) ? null : texts as string[];
}

/** `[height, width]` or one number for both. */
function readImageSize(value: Literal | undefined): ExportMetadata["imageSize"] {
  const sides = typeof value === "number" ? [value, value] : Array.isArray(value) ? value : [];
  const [height, width = height] = sides;
  return isSide(height) && isSide(width) ? { height, width } : null;
}

/** A number, or a list of all strides. */
function readStride(value: Literal | undefined): number | null {
  const strides = Array.isArray(value) ? value.filter(isSide) : isSide(value) ? [value] : [];
  return strides.length === 0 ? null : Math.max(...strides);
}

function readText(value: Literal | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Exports of these authors are all prepared by Ultralytics' convention. */
function readExporter(author: Literal | undefined): ExportMetadata["exporter"] {
  return author === "Ultralytics" || author === "fovea" ? author : null;
}

function isSide(value: Literal | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= SIDE_MAX;
}
