import type { NodeProto } from "onnx-buf";
import type { HeadPlace } from "./find_heads.ts";
import type { GraphEditor } from "./graph_editor.ts";

/** How the layers of an exposed head are computed. */
export type HeadForm = "conv" | "matmul";

/** One input of an exposed model that takes numbers of a head. */
export interface HeadInput {
  /** Name in the graph. */
  readonly name: string;
  /** Index of the layer. */
  readonly layer: number;
  /** Which of its numbers. */
  readonly role: "weight" | "bias";
  /** Element type to feed: what the layer computes with. */
  readonly type: "float32" | "float16";
  /** Shape to feed. */
  readonly dims: readonly number[];
  /** Rows to feed; those that the layer does not have are zero. */
  readonly rows: number;
  /** Whether the weight is fed as `[channels, rows]`. */
  readonly transposed: boolean;
}

/**
 * How many rows a layer is fed with. ONNX Runtime multiplies a single row by a kernel of its own,
 * which adds in another order, but not where it may rearrange stored weights, which it does for
 * convolutions that read a multiple of four channels. There one row more keeps every bit.
 */
function rowsToFeed({ opType, rows, channels }: HeadPlace): number {
  const rearranged = opType !== "Conv" || channels % 4 === 0;
  return rows === 1 && rearranged ? 2 : rows;
}

/** Puts inputs in the place of the stored weights of a head. */
export class HeadSurgery {
  /** What must be fed, declared so far. */
  readonly inputs: HeadInput[] = [];
  readonly #editor: GraphEditor;
  readonly #form: HeadForm;

  /** Edits the graph of `editor`. */
  constructor(editor: GraphEditor, form: HeadForm) {
    this.#editor = editor;
    this.#form = form;
  }

  /** Feeds one operation of the head from inputs. What it makes keeps its name. */
  expose(place: HeadPlace): void {
    const { opType } = place;
    const node = this.#editor.nodes[place.node]!;
    const rows = rowsToFeed(place);
    const product = opType === "Conv" && this.#form === "matmul";
    const weight = this.#feed(place, "weight", weightShape(place, rows, product), rows);
    const bias = this.#feed(place, "bias", product ? [rows, 1] : [rows], rows);
    const made = rows === place.rows ? place.logits : this.#cut(place);
    if (product) this.#multiply(node, place, rows, weight, bias, made);
    else if (opType === "MatMul") this.#feedProduct(node, place, weight, bias, made);
    else {
      node.input = [node.input[0]!, weight, bias];
      node.output[0] = made;
    }
  }

  /** Declares an input once a layer. */
  #feed(
    { layer, half, transposed }: HeadPlace,
    role: HeadInput["role"],
    dims: readonly number[],
    rows: number,
  ): string {
    const known = this.inputs.find((input) => input.layer === layer && input.role === role);
    if (known !== undefined) return known.name;
    const name = this.#editor.newName(`${layer}.${role}`);
    const type = half ? "float16" : "float32";
    this.#editor.addInput(name, dims, type);
    const turned = role === "weight" && transposed;
    this.inputs.push({ name, layer, role, type, dims, rows, transposed: turned });
    return name;
  }

  /** Takes the rows that the layer has out of those that were computed. */
  #cut({ node, biasNode, rows, channelsLast, opType, logits }: HeadPlace): string {
    const last = this.#editor.nodes[biasNode ?? node]!;
    const wide = this.#editor.newName("wide");
    const picks = this.#editor.storeInts(Array.from({ length: rows }, (_, row) => row));
    const axis = !channelsLast || opType === "Gemm" ? 1 : 2;
    this.#editor.insertAfter(last, "Gather", [wide, picks], logits, { axis });
    return wide;
  }

  /** A 1×1 convolution as a product: `[rows, channels] · [1, channels, cells] + bias`. */
  #multiply(
    node: NodeProto,
    { channels }: HeadPlace,
    rows: number,
    weight: string,
    bias: string,
    made: string,
  ): void {
    const editor = this.#editor;
    const [features] = node.input as [string];
    const flat = editor.storeInts([0, channels, -1]);
    const cells = editor.insertBefore(node, "Reshape", [features, flat]);
    const product = editor.insertBefore(node, "MatMul", [weight, cells]);
    const sum = editor.insertBefore(node, "Add", [product, bias]);
    const shape = editor.insertBefore(node, "Shape", [features]);
    const batch = editor.insertBefore(node, "Gather", [shape, editor.storeInts([0])]);
    const sides = editor.insertBefore(node, "Gather", [shape, editor.storeInts([2, 3])]);
    const target = editor.insertBefore(
      node,
      "Concat",
      [batch, editor.storeInts([rows]), sides],
      undefined,
      { axis: 0 },
    );
    editor.insertBefore(node, "Reshape", [sum, target], made);
    editor.remove(node);
  }

  #feedProduct(
    node: NodeProto,
    { biasNode, bias: stored }: HeadPlace,
    weight: string,
    bias: string,
    made: string,
  ): void {
    node.input[1] = weight;
    if (biasNode !== null) {
      const add = this.#editor.nodes[biasNode]!;
      add.input = add.input.map((name) => name === stored ? bias : name);
      add.output[0] = made;
      return;
    }
    const product = this.#editor.newName("product");
    node.output[0] = product;
    this.#editor.insertAfter(node, "Add", [product, bias], made);
  }
}

function weightShape(
  { opType, channels, transposed }: HeadPlace,
  rows: number,
  product: boolean,
): readonly number[] {
  if (opType === "Conv" && !product) return [rows, channels, 1, 1];
  return transposed ? [channels, rows] : [rows, channels];
}
