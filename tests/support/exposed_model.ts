import { HeadWeights } from "../../src/core/head_weights.ts";
import type { Engine } from "../../src/core/ports.ts";
import { elementCount, type Tensor } from "../../src/core/tensor.ts";
import {
  needsProbe,
  planProbe,
  type ProbePlan,
  resolveSpec,
} from "../../src/detector/resolve_spec.ts";
import { loadOnnxRuntimeNode } from "../../src/engine/onnxruntime_node.ts";
import { type ExposedHead, exposeHead, type ExposeOptions } from "../../src/onnx/expose_head.ts";
import { findHeads, type FindHeadsOptions, type FoundHeads } from "../../src/onnx/find_heads.ts";
import { insertRows } from "../../src/onnx/grow_classes.ts";
import type { OnnxModel } from "../../src/onnx/onnx_model.ts";
import { readModel } from "../../src/onnx/read_model.ts";
import { feedConstants } from "../../src/pipeline/feed_constants.ts";
import { HeadSlots } from "../../src/pipeline/head_slots.ts";

/** A model file with its head, found as the pipeline finds it. */
export interface HeadedModel {
  readonly bytes: Uint8Array;
  readonly model: OnnxModel;
  readonly find: FindHeadsOptions;
  readonly heads: FoundHeads;
  readonly plan: ProbePlan;
}

/** Reads a model and finds its head. */
export function readHeaded(bytes: Uint8Array): HeadedModel {
  const model = readModel(bytes);
  const spec = needsProbe(model) ? null : resolveSpec(model);
  const find = spec === null
    ? {}
    : { classCount: spec.classNames.length, outputs: Object.values(spec.outputs) };
  return { bytes, model, find, heads: findHeads(model, find), plan: planProbe(model) };
}

/** A head of any numbers for a model, by default those of its file. */
export function headOf(
  { heads, bytes, model }: HeadedModel,
  change: (value: number, index: number) => number = (value) => value,
  version = 1,
): HeadWeights {
  const { layers, classCount } = heads.layout;
  const { values } = exposeHead(bytes, model, heads);
  return new HeadWeights({
    model: "0".repeat(64),
    version,
    classNames: Array.from({ length: classCount }, (_, i) => `class ${i}`),
    layers,
    values: values.map(({ weight, bias }) => ({
      weight: weight.map((value, i) => change(value, i)),
      bias: bias.map((value, i) => change(value, i)),
    })),
  });
}

/** A head of a model with more classes than it has; the new ones say the same everywhere. */
export function grownHead(
  bytes: Uint8Array,
  extra: number,
  logit: number,
  model = "0".repeat(64),
): HeadWeights {
  const headed = readHeaded(bytes);
  const { layers, classCount } = headed.heads.layout;
  const shipped = headOf(headed);
  return new HeadWeights({
    model,
    version: 2,
    classNames: [...shipped.classNames, ...Array.from({ length: extra }, (_, i) => `new ${i}`)],
    layers: layers.map((layer) => {
      const { classRows, objectnessRows, rows } = layer;
      if (classRows.length === 0) return layer;
      return {
        ...layer,
        rows: rows + extra * classRows.length,
        classRows: classRows.map((row, i) => row + i * extra),
        objectnessRows: objectnessRows.map((row, i) => row + i * extra),
      };
    }),
    values: layers.map((layer, i) => {
      const { weight, bias } = shipped.layer(i);
      if (layer.classRows.length === 0) return { weight, bias };
      return {
        weight: insertRows(weight, layer, classCount, layer.channels, extra, 0),
        bias: insertRows(bias, layer, classCount, 1, extra, logit),
      };
    }),
  });
}

/** An exposed model in an engine, fed a head. */
export interface FedModel extends AsyncDisposable {
  readonly engine: Engine;
  readonly exposed: ExposedHead;
  readonly slots: HeadSlots;
}

/** Loads an exposed model; `head` is what it is fed, the file's own by default. */
export async function loadFed(
  headed: HeadedModel,
  options: ExposeOptions = {},
  head: HeadWeights = headOf(headed),
): Promise<FedModel> {
  const exposed = exposeHead(headed.bytes, headed.model, headed.heads, options);
  const engine = await loadOnnxRuntimeNode(exposed.bytes);
  const slots = new HeadSlots(engine, exposed.inputs, exposed.layout.layers);
  slots.stage({ version: head.version, packed: head.packed() });
  slots.commit();
  return { engine, exposed, slots, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}

/** Feeds an engine a picture of noise, and constants at its other inputs. */
export function feedNoise(engine: Engine, plan: ProbePlan, full: number, seed: number): void {
  engine.setInput(plan.picture.name, makeNoise(plan.picture, full, seed));
  feedConstants(engine, plan.extraInputs);
}

function makeNoise({ type, dims }: ProbePlan["picture"], full: number, seed: number): Tensor {
  let state = seed;
  function next(): number {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return full * state / 2 ** 32;
  }
  const count = elementCount(dims);
  const data = type === "uint8"
    ? Uint8Array.from({ length: count }, () => 255 * next())
    : type === "float16"
    ? Float16Array.from({ length: count }, next)
    : Float32Array.from({ length: count }, next);
  return { type, dims, data };
}

/** All outputs of one run as plain copies, by name. */
export async function runAll(
  engine: Engine,
  names: readonly string[],
): Promise<ReadonlyMap<string, Float64Array>> {
  const view = await engine.run();
  return new Map(names.map((name) => {
    const { data } = view.get(name);
    return [name, Float64Array.from(data as ArrayLike<number | bigint>, Number)];
  }));
}

/** How many numbers of two runs are not the same; `-0` is not `0`, and `NaN` is `NaN`. */
export function countDifferences(
  a: ReadonlyMap<string, Float64Array>,
  b: ReadonlyMap<string, Float64Array>,
): number {
  let differences = 0;
  for (const [name, left] of a) {
    const right = b.get(name)!;
    differences += Math.abs(left.length - right.length);
    for (let i = 0; i < left.length; i++) if (!Object.is(left[i], right[i])) differences++;
  }
  return differences;
}
