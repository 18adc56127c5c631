import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema } from "onnx-buf";
import { FoveaError } from "../core/errors.ts";
import type { HeadLayer } from "../core/head_layout.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import { findHeads, type FindHeadsOptions, type FoundHeads, traceHeads } from "./find_heads.ts";
import { GraphEditor } from "./graph_editor.ts";
import { growClasses, type GrownAxis } from "./grow_classes.ts";
import { writeLayer } from "./layer_tensors.ts";
import type { OnnxModel } from "./onnx_model.ts";
import { readModel } from "./read_model.ts";

/** A model that has room for every class of a head. */
export interface FittedModel {
  /** The file; what was given, where nothing had to be appended. */
  readonly bytes: Uint8Array;
  /** What it says about itself. */
  readonly model: OnnxModel;
  /** Its head. */
  readonly heads: FoundHeads;
  /** The outputs that grew, by name; empty where nothing had to be appended. */
  readonly grown: ReadonlyMap<string, GrownAxis>;
}

/**
 * Makes room for the classes of a head: appends those that a model does not have yet.
 *
 * @param bytes The file that `model` was read from.
 * @param options How the head is found; `classCount` is that of the file.
 * @throws {FoveaError} `HEAD_MISMATCH` if the head has fewer classes or other layers than the
 * model; `HEAD_UNSUPPORTED` if the model has no head that is known, or cannot grow.
 */
export function fitClasses(
  bytes: Uint8Array,
  model: OnnxModel,
  head: Pick<HeadWeights, "classNames" | "layers">,
  options: FindHeadsOptions = {},
): FittedModel {
  const { trace, ...heads } = traceHeads(model, options);
  const { classCount, layers } = heads.layout;
  const extra = head.classNames.length - classCount;
  if (extra < 0) {
    throw mismatch(`it has ${head.classNames.length} classes, the model has ${classCount}`);
  }
  if (extra === 0) {
    checkLayers(layers, head.layers);
    return { bytes, model, heads, grown: new Map() };
  }
  const { bytes: grownBytes, grown } = growClasses(bytes, model, { ...heads, trace }, extra);
  const grownModel = readModel(grownBytes);
  // Finding the head again proves that every class reaches the output it belongs to.
  const grownHeads = findHeads(grownModel, { ...options, classCount: head.classNames.length });
  checkLayers(grownHeads.layout.layers, head.layers);
  return { bytes: grownBytes, model: grownModel, heads: grownHeads, grown };
}

/**
 * Writes a head into a model: a plain ONNX file that any runtime loads. Classes that the model does
 * not have are appended where its output has room for them (`[1, 4 + classes, n]` and the like grow
 * with all stored numbers that count classes), class names in the metadata follow, and the file
 * states which head it carries. Everything else stays as it was.
 *
 * Float16 layers round the numbers to nearest.
 *
 * @param bytes The file the head belongs to.
 * @param model What `readModel(bytes)` gave.
 * @param options How the head is found; `classCount` is that of the file.
 * @throws {FoveaError} `HEAD_MISMATCH` or `HEAD_UNSUPPORTED`, see {@linkcode fitClasses}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HeadWeights } from "@fovea/fovea";
 * import { bakeHead, exposeHead, findHeads, readModel } from "@fovea/fovea/onnx";
 *
 * const path = new URL("models/tiny/yolo_v8.onnx", `file://${Deno.cwd()}/`);
 * const bytes = Deno.readFileSync(path);
 * const model = readModel(bytes);
 * const { layout, values } = exposeHead(bytes, model, findHeads(model, { classCount: 2 }));
 * const head = new HeadWeights({
 *   model: "0".repeat(64),
 *   version: 1,
 *   classNames: ["rouge", "bleu"],
 *   layers: layout.layers,
 *   values: values.map(({ weight, bias }) => ({ weight, bias: bias.map((b) => b - 1) })),
 * });
 * const baked = readModel(bakeHead(bytes, model, head, { classCount: 2 }));
 * assertEquals(baked.constant("model.1.cv3.0.2.bias"), [-15, -15]);
 * assertEquals(baked.metadata.get("names"), "{0: 'rouge', 1: 'bleu'}");
 * ```
 */
export function bakeHead(
  bytes: Uint8Array,
  model: OnnxModel,
  head: HeadWeights,
  options: FindHeadsOptions = {},
): Uint8Array<ArrayBuffer> {
  const fitted = fitClasses(bytes, model, head, options);
  const editor = new GraphEditor(fitted.bytes);
  const { layout, places } = fitted.heads;
  for (const index of layout.layers.keys()) {
    writeLayer(editor, places.filter(({ layer }) => layer === index), head.layer(index));
  }
  const grown = fitted.bytes !== bytes;
  nameClasses(editor, head.classNames, grown);
  state(editor, "fovea.head", JSON.stringify({ sha256: head.hash, version: head.version }));
  state(editor, "fovea.head.model", head.model);
  return editor.finish();
}

/**
 * Checks that a head has the layers of a model.
 *
 * @throws {FoveaError} `HEAD_MISMATCH`.
 */
export function checkLayers(own: readonly HeadLayer[], given: readonly HeadLayer[]): void {
  if (own.length !== given.length) {
    throw mismatch(`it has ${given.length} layers, the model's has ${own.length}`);
  }
  for (const [i, layer] of own.entries()) {
    const other = given[i]!;
    const alike = layer.name === other.name && layer.rows === other.rows &&
      layer.channels === other.channels && String(layer.classRows) === String(other.classRows) &&
      String(layer.objectnessRows) === String(other.objectnessRows);
    if (alike) continue;
    throw mismatch(
      `its layer ${i} is "${other.name}" [${other.rows}, ${other.channels}], the model's is ` +
        `"${layer.name}" [${layer.rows}, ${layer.channels}]`,
    );
  }
}

function mismatch(found: string): FoveaError {
  return new FoveaError("HEAD_MISMATCH", `Cannot put the head into the model: ${found}`, {
    hint: "Take a head that was made from this model",
  });
}

/** Writes class names the way the file has them; a file without names gets them if it grew. */
function nameClasses(editor: GraphEditor, names: readonly string[], grown: boolean): void {
  const known = editor.model.metadataProps.find(({ key }) => key === "names")?.value;
  if (known === undefined && !grown) return;
  state(editor, "names", writeNames(names, known ?? "{"));
}

function writeNames(names: readonly string[], like: string): string {
  const json = /^\s*(\{\s*"|\[)/.test(like);
  if (/^\s*\[/.test(like)) return JSON.stringify(names);
  if (json) return JSON.stringify(Object.fromEntries(names.map((name, i) => [String(i), name])));
  return `{${names.map((name, i) => `${i}: ${quote(name)}`).join(", ")}}`;
}

/** A text as Python and JSON both read it, or in Python's own quotes where it is plain. */
function quote(name: string): string {
  return /^[^'\\\p{Cc}]*$/u.test(name) ? `'${name}'` : JSON.stringify(name);
}

function state(editor: GraphEditor, key: string, value: string): void {
  const known = editor.model.metadataProps.find((entry) => entry.key === key);
  if (known !== undefined) known.value = value;
  else editor.model.metadataProps.push(create(StringStringEntryProtoSchema, { key, value }));
}
