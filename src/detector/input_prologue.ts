import type { OnnxModel, OnnxNode } from "../onnx/onnx_model.ts";

/** What the first operations of a graph do to the pixels. */
export interface InputPrologue {
  /** Which range of pixels the graph takes, by what it divides them by. */
  readonly scaling: "0-255" | "0-1";
  /** What was seen, in words. */
  readonly why: string;
}

/** Most operations that are looked at. */
const HOPS_MAX = 12;
/** A factor below this brings 0–255 near 0–1; ImageNet's division by a deviation is above 1. */
const BYTE_FACTOR_MAX = 1 / 32;

const PASSES_ON: ReadonlySet<string> = new Set([
  "Cast",
  "Identity",
  "Transpose",
  "Reshape",
  "DequantizeLinear",
  "QuantizeLinear",
]);

/**
 * Follows the picture to the first real layer and reads the constants it is divided by, multiplied
 * with, or shifted by on the way; `null` where the graph does no such thing.
 */
export function readPrologue(model: OnnxModel, inputName: string): InputPrologue | null {
  let value = inputName;
  let factor = 1;
  const seen: string[] = [];
  for (let hop = 0; hop < HOPS_MAX; hop++) {
    const readers = model.nodes.filter(({ inputs }) => inputs.includes(value));
    const node = readers[0];
    if (node === undefined || readers.length > 1) break;
    if (!PASSES_ON.has(node.opType)) {
      const step = readStep(model, node, value);
      if (step === null) break;
      factor *= step;
      seen.push(node.opType);
    }
    value = node.outputs[0] ?? "";
  }
  if (seen.length === 0) return null;
  const scaling = factor < BYTE_FACTOR_MAX ? "0-255" : "0-1";
  return { scaling, why: `the graph starts with ${seen.join(", ")} of the pixels` };
}

/** By how much an operation scales the pixels, 1 for a shift; `null` for anything else. */
function readStep(model: OnnxModel, node: OnnxNode, value: string): number | null {
  const [first, second] = node.inputs;
  const other = first === value ? second : first;
  const numbers = other === undefined ? null : model.constant(other);
  if (numbers === null || numbers.length === 0) return null;
  const largest = Math.max(...numbers.map(Math.abs));
  if (node.opType === "Add" || node.opType === "Sub") return 1;
  if (node.opType === "Mul") return largest;
  return node.opType === "Div" && first === value && largest > 0 ? 1 / largest : null;
}
