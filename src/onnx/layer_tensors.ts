import type { TensorProto } from "onnx-buf";
import type { LayerValues } from "../core/head_weights.ts";
import type { HeadPlace } from "./find_heads.ts";
import { makeTensor, readFloats, transposeMatrix } from "./float_tensor.ts";
import type { GraphEditor } from "./graph_editor.ts";

/** The numbers of one layer as they stand in the file; a bias that is not there is zero. */
export function readLayer(editor: GraphEditor, place: HeadPlace): LayerValues {
  const { weight, bias, rows, channels, transposed } = place;
  const stored = readFloats(editor.stored(weight)!);
  return {
    weight: transposed ? transposeMatrix(stored, channels, rows) : stored,
    bias: bias === null ? new Float32Array(rows) : readFloats(editor.stored(bias)!),
  };
}

/**
 * Writes the numbers of one layer into the file, in the type and form in which it is stored. The
 * number of rows may be another one than before; whoever else reads the old tensors keeps them.
 *
 * @param places All operations of that layer.
 */
export function writeLayer(
  editor: GraphEditor,
  places: readonly HeadPlace[],
  { weight, bias }: LayerValues,
): void {
  const { weight: name, bias: biasName, channels, transposed } = places[0]!;
  const rows = bias.length;
  const like = editor.stored(name)!;
  const turned = transposed ? transposeMatrix(weight, rows, channels) : weight;
  const dims = transposed
    ? [BigInt(channels), BigInt(rows)]
    : [BigInt(rows), ...like.dims.slice(1)];
  replace(editor, places, name, makeTensor(like, name, dims, turned));
  if (biasName !== null) {
    const tensor = makeTensor(editor.stored(biasName)!, biasName, [BigInt(rows)], bias);
    replace(editor, places, biasName, tensor);
  } else if (bias.some((value) => value !== 0)) {
    addBias(editor, places, makeTensor(like, editor.newName("bias"), [BigInt(rows)], bias));
  }
}

function replace(
  editor: GraphEditor,
  places: readonly HeadPlace[],
  old: string,
  tensor: TensorProto,
): void {
  const readers = places.flatMap(({ node, biasNode }) =>
    biasNode === null ? [node] : [node, biasNode]
  );
  editor.replaceStored(old, tensor, readers.map((index) => editor.nodes[index]!));
}

function addBias(editor: GraphEditor, places: readonly HeadPlace[], tensor: TensorProto): void {
  editor.store(tensor);
  for (const { node: index, opType, logits } of places) {
    const node = editor.nodes[index]!;
    if (opType === "MatMul") {
      const product = editor.newName("product");
      node.output[0] = product;
      editor.insertAfter(node, "Add", [product, tensor.name], logits);
    } else {
      node.input = [node.input[0]!, node.input[1]!, tensor.name];
    }
  }
}
