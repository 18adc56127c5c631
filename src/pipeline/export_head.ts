import { FoveaError } from "../core/errors.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import { elementCount, type Tensor, type TensorData } from "../core/tensor.ts";
import type { SpecOverrides } from "../detector/overrides.ts";
import { planProbe, type ProbePlan } from "../detector/resolve_spec.ts";
import { loadOnnxRuntimeNode } from "../engine/onnxruntime_node.ts";
import { bakeHead } from "../onnx/bake_head.ts";
import { findHeads } from "../onnx/find_heads.ts";
import { readModel } from "../onnx/read_model.ts";
import { feedConstants } from "./feed_constants.ts";
import type { HeadOptions } from "./head_options.ts";
import { HeadSlots } from "./head_slots.ts";
import { readModelFile } from "./model_file.ts";
import { headFacts, type PreparedHead, prepareHead } from "./prepare_head.ts";
import { writeAside } from "./write_aside.ts";

/** What is exported, and where to. */
export interface ExportRequest {
  /** Path or `file:` URL of the model the head belongs to. */
  readonly model: string | URL;
  /** The head. */
  readonly head: HeadWeights;
  /** Path of the ONNX file to write. */
  readonly out: string;
  /** Corrections of what fovea finds out about the model. */
  readonly overrides?: SpecOverrides;
  /** Layers in place of those that are found. */
  readonly layers?: Pick<HeadOptions, "classLayers" | "objectnessLayers">;
}

/** What was exported. */
export interface ExportReport {
  /** Path of the file. */
  readonly out: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** Its SHA-256, lower-case hexadecimal. */
  readonly sha256: string;
  /** The head in it. */
  readonly head: { readonly version: number; readonly sha256: string };
  /** Names of its classes. */
  readonly classNames: readonly string[];
  /** How many of them the model did not have. */
  readonly newClasses: number;
  /** How it was compared with the model that is fed the same head. */
  readonly check: ExportCheck;
}

/** Outputs of the exported model beside those of the exposed one. */
export interface ExportCheck {
  /** Pictures of noise that both ran. */
  readonly pictures: number;
  /** Whether all outputs were equal to the last bit. */
  readonly identical: boolean;
  /** Largest difference of two numbers; 0 where they are identical. */
  readonly largestDifference: number;
}

/** Pictures to compare on. */
const PICTURES = 3;
/**
 * What rounding may explain. Engines that add in another order where weights are constant differ in
 * the last bits.
 */
const DIFFERENCE_MAX = 1e-3;

/**
 * Bakes a head into a plain ONNX file that any runtime loads. Before anything is written, the file
 * is loaded and run beside the exposed model that is fed the same head, on the calling thread.
 *
 * @throws {FoveaError} `HEAD_MISMATCH`, `HEAD_UNSUPPORTED`, `SINK_WRITE`, `ENGINE_FAILED` if the
 * exported model does not compute what it must, and what reading the model throws.
 */
export async function exportHead(request: ExportRequest): Promise<ExportReport> {
  const { head, out, layers = {}, overrides = null } = request;
  const file = await readModelFile(request.model);
  const resolve = { overrides, manifest: file.manifest };
  const prepared = await prepareHead(file, resolve, { ...layers, weights: head });
  const model = readModel(file.bytes);
  const { find } = headFacts(model, resolve, layers);
  const { classCount } = findHeads(model, find).layout;
  const baked = bakeHead(file.bytes, model, head, find);
  const check = await compare(baked, prepared, planProbe(model, resolve));
  if (!(check.largestDifference <= DIFFERENCE_MAX)) {
    throw new FoveaError(
      "ENGINE_FAILED",
      `Cannot export the head: the exported model differs by ${check.largestDifference} from the ` +
        "model that is fed the head",
      { hint: "Please report it with the model; nothing was written" },
    );
  }
  await writeAside(out, baked);
  const digest = await crypto.subtle.digest("SHA-256", baked);
  return {
    out,
    bytes: baked.length,
    sha256: new Uint8Array(digest).toHex(),
    head: { version: head.version, sha256: head.hash },
    classNames: head.classNames,
    newClasses: head.classNames.length - classCount,
    check,
  };
}

async function compare(
  baked: Uint8Array,
  { exposed, served }: PreparedHead,
  plan: ProbePlan,
): Promise<ExportCheck> {
  await using plain = await loadOnnxRuntimeNode(baked);
  await using fed = await loadOnnxRuntimeNode(exposed.bytes);
  const slots = new HeadSlots(fed, exposed.inputs, exposed.layout.layers);
  slots.stage({ version: served.version, packed: served.packed() });
  slots.commit();
  const names = plain.outputs.map(({ name }) => name);
  fed.selectOutputs(names);
  let [identical, largestDifference] = [true, 0];
  for (let picture = 0; picture < PICTURES; picture++) {
    const noise = makeNoise(plan.picture, picture);
    for (const engine of [plain, fed]) {
      engine.setInput(plan.picture.name, noise);
      feedConstants(engine, plan.extraInputs);
    }
    const [a, b] = [await plain.run(), await fed.run()];
    for (const name of names) {
      const difference = largestGap(a.get(name).data, b.get(name).data);
      identical &&= difference === null;
      largestDifference = Math.max(largestDifference, difference ?? 0);
    }
  }
  return { pictures: PICTURES, identical, largestDifference };
}

/** A picture of noise over the range that inputs have. */
function makeNoise({ type, dims }: ProbePlan["picture"], seed: number): Tensor {
  let state = seed + 1;
  function next(): number {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  }
  const count = elementCount(dims);
  // The first one is dim, as normalised pixels are, the others as bright as bytes.
  const scale = seed === 0 ? 1 : 255;
  const data = type === "uint8"
    ? Uint8Array.from({ length: count }, () => 255 * next())
    : type === "float16"
    ? Float16Array.from({ length: count }, () => scale * next())
    : Float32Array.from({ length: count }, () => scale * next());
  return { type, dims, data };
}

/** The largest difference of two rows of numbers; `null` where all bits are the same. */
function largestGap(a: TensorData, b: TensorData): number | null {
  if (a.length !== b.length) return Infinity;
  let gap: number | null = null;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const difference = Math.abs(Number(a[i]) - Number(b[i]));
    gap = Math.max(gap ?? 0, Number.isNaN(difference) ? Infinity : difference);
  }
  return gap;
}
