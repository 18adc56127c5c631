import type { NumberPlace } from "./channel_value.ts";
import type { OnnxModel, OnnxNode } from "./onnx_model.ts";

/** One number of a shape. */
export interface ShapeEntry {
  /** The number; `null` where it is not known. */
  readonly value: number | null;
  /** Where it is stored; `null` where it is computed or follows the tensor. */
  readonly place: NumberPlace | null;
}

/** Most numbers of a shape that are followed. */
const ENTRIES_MAX = 16;

/**
 * Follows small integer vectors, such as the targets of reshapes, through the operations with which
 * exporters compute them, and remembers where each number is stored.
 */
export class ShapeVectors {
  readonly #model: OnnxModel;
  readonly #known = new Map<string, readonly ShapeEntry[]>();

  /** Knows the constants of `model` and nothing else. */
  constructor(model: OnnxModel) {
    this.#model = model;
  }

  /** The numbers that operation `index` reads at `input`; `null` where they are not known. */
  read(index: number, node: OnnxNode, input: number): readonly ShapeEntry[] | null {
    const name = node.inputs[input] ?? "";
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const numbers = name === "" ? null : this.#model.constant(name);
    if (numbers === null || numbers.length > ENTRIES_MAX) return null;
    return numbers.map((value, entry) => ({ value, place: { node: index, input, entry } }));
  }

  /** Numbers that must be constants; `null` where one is not known. */
  readNumbers(index: number, node: OnnxNode, input: number): readonly number[] | null {
    const entries = this.read(index, node, input);
    if (entries === null) return null;
    const numbers = entries.flatMap(({ value }) => value ?? []);
    return numbers.length === entries.length ? numbers : null;
  }

  /** Follows one operation; `dims` is the shape of its first input where that is traced. */
  follow(index: number, node: OnnxNode, dims: readonly (number | null)[] | null): void {
    const [output] = node.outputs;
    if (output === undefined || output === "") return;
    const result = this.#fold(index, node, dims);
    if (result !== null && result.length <= ENTRIES_MAX) this.#known.set(output, result);
  }

  #fold(
    index: number,
    node: OnnxNode,
    dims: readonly (number | null)[] | null,
  ): readonly ShapeEntry[] | null {
    switch (node.opType) {
      case "Shape":
        return dims === null ? null : foldShape(node, dims);
      case "Identity":
      case "Cast":
      case "Unsqueeze":
      case "Squeeze":
        return this.#knownOnly(index, node);
      case "Concat":
        return this.#foldConcat(index, node);
      case "Gather":
        return this.#foldGather(index, node);
      case "Slice":
        return this.#foldSlice(index, node);
      case "Add":
      case "Sub":
      case "Mul":
      case "Div":
        return this.#foldArithmetic(index, node);
      default:
        return null;
    }
  }

  /** Vectors that were computed pass; constants are read where they are used. */
  #knownOnly(index: number, node: OnnxNode): readonly ShapeEntry[] | null {
    return this.#known.get(node.inputs[0] ?? "") ?? this.read(index, node, 0);
  }

  #foldConcat(index: number, node: OnnxNode): readonly ShapeEntry[] | null {
    const parts = node.inputs.map((_, input) => this.read(index, node, input));
    return parts.includes(null) ? null : parts.flatMap((part) => part!);
  }

  #foldGather(index: number, node: OnnxNode): readonly ShapeEntry[] | null {
    const from = this.#known.get(node.inputs[0] ?? "");
    const picks = this.readNumbers(index, node, 1);
    if (from === undefined || picks === null) return null;
    const picked = picks.flatMap((at) => from[at < 0 ? at + from.length : at] ?? []);
    return picked.length === picks.length ? picked : null;
  }

  /** Products of sides and the like: how many numbers there are is known, what they are is not. */
  #foldArithmetic(index: number, node: OnnxNode): readonly ShapeEntry[] | null {
    const computed = node.inputs.some((name) => this.#known.has(name));
    const lengths = node.inputs.map((_, input) => this.read(index, node, input)?.length ?? -1);
    if (!computed || lengths.includes(-1)) return null;
    return Array.from({ length: Math.max(...lengths) }, () => ({ value: null, place: null }));
  }

  #foldSlice(index: number, node: OnnxNode): readonly ShapeEntry[] | null {
    const from = this.#known.get(node.inputs[0] ?? "");
    if (from === undefined) return null;
    const [start] = this.readNumbers(index, node, 1) ?? numbersOf(node, "starts");
    const [end] = this.readNumbers(index, node, 2) ?? numbersOf(node, "ends");
    const [step = 1] = this.readNumbers(index, node, 4) ?? [];
    if (start === undefined || end === undefined || step !== 1) return null;
    return from.slice(start, end);
  }
}

/** A list of numbers among an operation's attributes; empty where there is none. */
export function numbersOf(node: OnnxNode, attribute: string): readonly number[] {
  const value = node.attributes.get(attribute);
  return typeof value === "object" ? value : [];
}

/** A number among an operation's attributes. */
export function numberOf(node: OnnxNode, attribute: string, otherwise: number): number {
  const value = node.attributes.get(attribute);
  return typeof value === "number" ? value : otherwise;
}

function foldShape(node: OnnxNode, dims: readonly (number | null)[]): readonly ShapeEntry[] {
  const from = numberOf(node, "start", 0);
  const to = numberOf(node, "end", dims.length);
  return dims.slice(from, to).map((value) => ({ value, place: null }));
}
