import { FoveaError } from "../core/errors.ts";
import { HeadWeights } from "../core/head_weights.ts";
import {
  nameModelClasses,
  needsProbe,
  type ResolveOptions,
  resolveSpec,
} from "../detector/resolve_spec.ts";
import { checkLayers, fitClasses } from "../onnx/bake_head.ts";
import { type ExposedHead, exposeHead } from "../onnx/expose_head.ts";
import { findHeads, type FindHeadsOptions } from "../onnx/find_heads.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { readModel } from "../onnx/read_model.ts";
import { EXPOSURE_FORMAT, keepExposed } from "./exposure_cache.ts";
import type { HeadOptions } from "./head_options.ts";
import type { ModelFile } from "./model_file.ts";

/** A head on its way into the workers. */
export interface PreparedHead {
  /** The edited model. */
  readonly exposed: ExposedHead;
  /** The head in the file, with the classes of the head to begin with. */
  readonly shipped: HeadWeights;
  /** The head to begin with. */
  readonly served: HeadWeights;
}

/** What is known about a model's head from its file and from what stands beside it. */
export interface HeadFacts {
  /** How the head is found. */
  readonly find: FindHeadsOptions;
  /** Whether the outputs hold picked rows, so that raw predictions are wanted as well. */
  readonly picksRows: boolean;
}

/**
 * Says how the head of a model is to be looked for. Where the file leaves the shapes of its outputs
 * open, the number of classes is left to the graph.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` or `USAGE` if the model is no detector that is known.
 */
export function headFacts(
  model: OnnxModel,
  resolve: ResolveOptions,
  options: Pick<HeadOptions, "classLayers" | "objectnessLayers"> = {},
): HeadFacts {
  const { classLayers, objectnessLayers } = options;
  const asked = {
    ...(classLayers === undefined ? {} : { classLayers }),
    ...(objectnessLayers === undefined ? {} : { objectnessLayers }),
  };
  if (needsProbe(model)) return { find: asked, picksRows: true };
  const spec = resolveSpec(model, resolve);
  return {
    find: {
      ...asked,
      classCount: spec.classNames.length,
      outputs: Object.values(spec.outputs),
    },
    picksRows: spec.family === "yolo-end2end",
  };
}

/**
 * Exposes the head of a model, growing it where the head to begin with has more classes.
 *
 * @throws {FoveaError} `HEAD_UNSUPPORTED`, `HEAD_MISMATCH` if the head to begin with is another
 * model's, `SINK_WRITE` for the folder of kept models, and what reading the model throws.
 */
export async function prepareHead(
  file: ModelFile,
  resolve: ResolveOptions,
  options: HeadOptions,
): Promise<PreparedHead> {
  const { form = "conv", weights, cacheFolder = null } = options;
  const { bytes, sha256 } = file;
  if (weights !== undefined) checkModel(weights, sha256);
  const model = readModel(bytes);
  const { find, picksRows: predictions } = headFacts(model, resolve, options);
  const key = await digest({
    format: EXPOSURE_FORMAT,
    model: sha256,
    form,
    predictions,
    find,
    classes: weights?.classNames.length ?? null,
  });
  const exposed = await keepExposed(key, cacheFolder, () => {
    if (weights === undefined) {
      return exposeHead(bytes, model, findHeads(model, find), { form, predictions });
    }
    const fitted = fitClasses(bytes, model, weights, find);
    return exposeHead(fitted.bytes, fitted.model, fitted.heads, { form, predictions });
  });
  const { layers, classCount } = exposed.layout;
  const classNames = weights?.classNames ?? nameModelClasses(model, resolve, classCount);
  if (weights !== undefined) checkLayers(layers, weights.layers);
  const shipped = new HeadWeights({ model: sha256, classNames, layers, values: exposed.values });
  if (weights !== undefined) checkVersion(weights, shipped);
  return { exposed, shipped, served: weights ?? shipped };
}

/**
 * Refuses a head that a detector cannot change over to.
 *
 * @param shipped The detector's own; `null` where none is exposed.
 * @param sha256 The detector's model.
 * @throws {FoveaError} `HEAD_UNSUPPORTED`, `HEAD_MISMATCH`.
 * @throws {RangeError} If another head than the file's is to be served as version 0.
 */
export function checkAdoptable(
  head: HeadWeights,
  shipped: HeadWeights | null,
  sha256: string,
): void {
  if (shipped === null) {
    throw new FoveaError("HEAD_UNSUPPORTED", "Cannot change the head: it is not exposed", {
      hint: "Load the detector with { head: true }",
    });
  }
  checkModel(head, sha256);
  const { classNames, layers } = shipped;
  if (head.classNames.length === classNames.length) checkLayers(layers, head.layers);
  const differs = classNames.findIndex((name, i) => name !== head.classNames[i]);
  if (differs !== -1 || head.classNames.length !== classNames.length) {
    const [own, other] = [classNames[differs], head.classNames[differs]];
    throw new FoveaError(
      "HEAD_MISMATCH",
      head.classNames.length === classNames.length
        ? `Cannot change the head: class ${differs} is "${other}" in it, the detector has "${own}"`
        : `Cannot change the head: it has ${head.classNames.length} classes, the detector has ` +
          `${classNames.length}`,
      { hint: "Load the detector anew with { head: { weights } }" },
    );
  }
  checkVersion(head, shipped);
}

/** Refuses another head under the version of the one in the file. @throws {RangeError} */
export function checkVersion(head: HeadWeights, shipped: HeadWeights): void {
  if (head.version !== 0 || head.hash === shipped.hash) return;
  throw new RangeError("Cannot serve the head as version 0: that is the head in the file");
}

/** Refuses a head that was made for another model. @throws {FoveaError} `HEAD_MISMATCH`. */
export function checkModel(head: HeadWeights, sha256: string): void {
  if (head.model === sha256) return;
  throw new FoveaError(
    "HEAD_MISMATCH",
    `Cannot use the head: it was made for the model with SHA-256 ${head.model}, this one has ${sha256}`,
    { hint: "Give the model that the head was made from, or refine this one" },
  );
}

async function digest(what: unknown): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(what));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", text)).toHex();
}
