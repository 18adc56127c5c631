import { FoveaError } from "../core/errors.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import type { SpecOverrides } from "../detector/overrides.ts";
import { planProbe, type ProbePlan } from "../detector/resolve_spec.ts";
import { loadEngine } from "../engine/load_engine.ts";
import { bakeHead, fitClasses, type FittedModel } from "../onnx/bake_head.ts";
import { findHeads } from "../onnx/find_heads.ts";
import { readModel } from "../onnx/read_model.ts";
import { compareModels, type Comparison } from "./compare_models.ts";
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

/** How the exported model was compared, before it was written. */
export interface ExportCheck extends Comparison {
  /**
   * Whether the old classes kept every bit when new ones were appended; `null` where none were.
   */
  readonly oldClassesIdentical: boolean | null;
}

/**
 * What rounding may explain. Engines that add in another order where weights are constant differ in
 * the last bits.
 */
const DIFFERENCE_MAX = 1e-3;

/**
 * Bakes a head into a plain ONNX file that any runtime loads. Before anything is written, the file
 * is loaded and run beside the exposed model that is fed the same head, on the calling thread.
 *
 * @throws {FoveaError} `HEAD_MISMATCH`, `HEAD_UNSUPPORTED`, `SINK_WRITE`, `USAGE` if `out` is the
 * model itself, `ENGINE_FAILED` if the exported model does not compute what it must, and what reading
 * the model throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exportHead, loadDetector } from "@fovea/fovea";
 *
 * const model = "models/tiny/yolo_v8.onnx";
 * await using detector = await loadDetector(model, { head: true });
 * const out = await Deno.makeTempFile({ suffix: ".onnx" });
 * const report = await exportHead({ model, head: detector.shippedHead!, out });
 * assertEquals([report.check.identical, report.newClasses], [true, 0]);
 * await Deno.remove(out);
 * ```
 */
export async function exportHead(request: ExportRequest): Promise<ExportReport> {
  const { head, out, layers = {}, overrides = null } = request;
  const file = await readModelFile(request.model);
  await refuseSameFile(request.model, out);
  const resolve = { overrides, manifest: file.manifest };
  const prepared = await prepareHead(file, resolve, { ...layers, weights: head });
  const model = readModel(file.bytes);
  const { find } = headFacts(model, resolve, layers);
  const baked = bakeHead(file.bytes, model, head, find);
  const plan = planProbe(model, resolve);
  const check = await compareBaked(baked, prepared, plan);
  const fitted = fitClasses(file.bytes, model, head, find);
  const grown = fitted.bytes === file.bytes ? null : await compareGrown(file.bytes, fitted, plan);
  if (grown !== null) refuseDifference(grown, "the model without the new classes");
  await writeAside(out, baked);
  const digest = await crypto.subtle.digest("SHA-256", baked);
  return {
    out,
    bytes: baked.length,
    sha256: new Uint8Array(digest).toHex(),
    head: { version: head.version, sha256: head.hash },
    classNames: head.classNames,
    newClasses: head.classNames.length - findHeads(model, find).layout.classCount,
    check: { ...check, oldClassesIdentical: grown?.identical ?? null },
  };
}

/** The model must outlive its export: the head belongs to it. */
async function refuseSameFile(model: string | URL, out: string): Promise<void> {
  const path = typeof model === "string" && model.startsWith("file:") ? new URL(model) : model;
  const there = await Deno.realPath(out).catch(() => null);
  if (there === null || there !== await Deno.realPath(path)) return;
  throw new FoveaError("USAGE", `Cannot write ${out}: it is the model that is read`, {
    hint: "Give the output another name",
  });
}

/** The exported model beside the exposed one that is fed the same head. */
async function compareBaked(
  baked: Uint8Array,
  { exposed, served }: PreparedHead,
  plan: ProbePlan,
): Promise<Comparison> {
  await using plain = await loadEngine(null, baked, {});
  await using fed = await loadEngine(null, exposed.bytes, {});
  const slots = new HeadSlots(fed, exposed.inputs, exposed.layout.layers);
  slots.stage({ version: served.version, packed: served.packed() });
  slots.commit();
  fed.selectOutputs(plain.outputs.map(({ name }) => name));
  const check = await compareModels(plain, fed, plan);
  refuseDifference(check, "the model that is fed the head");
  return check;
}

/** The model beside itself with room for new classes. */
async function compareGrown(
  bytes: Uint8Array,
  fitted: FittedModel,
  plan: ProbePlan,
): Promise<Comparison> {
  await using plain = await loadEngine(null, bytes, {});
  await using grown = await loadEngine(null, fitted.bytes, {});
  return await compareModels(plain, grown, plan, fitted.grown);
}

function refuseDifference({ largestDifference }: Comparison, beside: string): void {
  if (largestDifference <= DIFFERENCE_MAX) return;
  throw new FoveaError(
    "ENGINE_FAILED",
    `Cannot export the head: the exported model differs by ${largestDifference} from ${beside}`,
    { hint: "Please report it with the model; nothing was written" },
  );
}
