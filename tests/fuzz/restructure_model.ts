import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type GraphProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
} from "onnx-buf";
import type { Random } from "./fuzzer.ts";

/** Names that recognition looks for. */
const NAMES = [
  ...["images", "pixel_mask", "orig_target_sizes", "output0", "logits", "pred_boxes"],
  ...["labels", "boxes", "scores", "dets", "head.gfl_cls.0.weight", "head.obj_preds.0.weight", ""],
] as const;

const OPERATIONS = [
  "Exp",
  "Sigmoid",
  "TopK",
  "GridSample",
  "Mod",
  "Div",
  "Conv",
  "Softmax",
] as const;

const SIDES = [
  ...[1, 2, 3, 4, 5, 6, 7, 32, 64, 80, 84, 85, 91, 92, 96, 112, 128, 252, 300, 640, 756],
  ...[2100, 8400, 25200, 0, -1, 1_000_000, 2 ** 31],
] as const;

const METADATA = ["names", "imgsz", "stride", "task", "head", "end2end", "description", "args"];

/** Changes what a model says about itself while the file stays whole. */
export function restructureModel(whole: Uint8Array, random: Random): Uint8Array {
  const model = fromBinary(ModelProtoSchema, whole);
  const graph = model.graph!;
  for (let changes = random.int(1, 4); changes > 0; changes--) {
    switch (random.int(0, 5)) {
      case 0:
        changeShape(random.pick([...graph.input, ...graph.output]), random);
        break;
      case 1:
        renameValue(graph, random);
        break;
      case 2:
        random.pick(graph.node).opType = random.pick(OPERATIONS);
        break;
      case 3:
        graph.output.push(random.pick([...graph.output, ...graph.input]));
        break;
      case 4:
        graph.input.push(random.pick([...graph.output, ...graph.input]));
        break;
      default: {
        const value = randomStatement(random);
        const entry = { key: random.pick(METADATA), value };
        model.metadataProps.push(create(StringStringEntryProtoSchema, entry));
      }
    }
  }
  return toBinary(ModelProtoSchema, model);
}

function changeShape(info: ValueInfoProto, random: Random): void {
  const tensor = info.type?.value;
  if (tensor?.case !== "tensorType") return;
  if (random.chance(6)) tensor.value.elemType = random.int(0, 24);
  const dims = tensor.value.shape?.dim;
  if (dims === undefined) return;
  if (random.chance(5)) dims.pop();
  const count = random.chance(5) ? dims.length + 1 : dims.length;
  for (let i = 0; i < count; i++) {
    if (!random.chance(2)) continue;
    const value = random.chance(4)
      ? { case: "dimParam" as const, value: "open" }
      : { case: "dimValue" as const, value: BigInt(random.pick(SIDES)) };
    dims[i] = create(TensorShapeProto_DimensionSchema, { value });
  }
}

/** Gives a value another name wherever it stands, so that the graph stays whole. */
function renameValue(graph: GraphProto, random: Random): void {
  const values = [...graph.input, ...graph.output, ...graph.initializer];
  const { name } = random.pick(values);
  const renamed = random.pick(NAMES);
  for (const value of values) if (value.name === name) value.name = renamed;
  for (const { input, output } of graph.node) {
    for (const list of [input, output]) {
      list.forEach((other, i) => list[i] = other === name ? renamed : other);
    }
  }
}

function randomStatement(random: Random): string {
  return random.pick([
    "{0: 'a', 1: 'b'}",
    "['a']",
    "[96, 128]",
    "640",
    "32",
    "7",
    "detect",
    "segment",
    "True",
    "RTDETRDecoder",
    "Ultralytics RT-DETR-l",
    "{'nms': True}",
    random.text(30),
  ]);
}
