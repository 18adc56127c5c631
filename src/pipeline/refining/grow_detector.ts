import { FoveaError } from "../../core/errors.ts";
import type { HeadWeights } from "../../core/head_weights.ts";
import { growHead } from "../../refine/grow_head.ts";
import { findClass } from "../../detector/class_indices.ts";
import type { DetectorOptions } from "../detector_options.ts";
import { loadDetector } from "../load_detector.ts";
import type { Detector } from "../loaded_detector.ts";
import type { NewClass } from "./train_candidates.ts";
import { checkRefinable } from "./walk_frames.ts";

/** Logit of a class that a detector has a place for and does not know: it is never seen. */
const SILENT_LOGIT = -30;

/** A detector with a place for a class that it does not know yet. */
export interface GrownDetector {
  /** The detector, loaded anew; the caller disposes it. */
  readonly detector: Detector;
  /** The class, for the options of a refinement. */
  readonly newClass: NewClass;
}

/**
 * Loads a detector anew with a place for one more class, which it never sees until it has learnt it.
 * Everything else it says as before.
 *
 * @param known The detector as it is, loaded with `head`.
 * @param name Name of the class.
 * @param model What `known` was loaded from.
 * @param options How.
 * @throws {FoveaError} `USAGE` if the detector knows such a class; `HEAD_UNSUPPORTED` if the model
 * cannot grow.
 */
export async function growDetector(
  known: Detector,
  name: string,
  model: string | URL,
  options: DetectorOptions,
): Promise<GrownDetector> {
  const { served, layout } = checkRefinable(known);
  if (findClass(served.classNames, name).length > 0) {
    throw new FoveaError("USAGE", `Cannot add class "${name}": the detector has one of that name`, {
      hint: "Leave --new-class out to teach it what that class looks like here",
    });
  }
  const grown = growHead(served, layout, [name]);
  const index = layout.classCount;
  const weights = silence(grown.head, index);
  const head = { ...(typeof options.head === "object" ? options.head : {}), weights };
  const detector = await loadDetector(model, { ...options, head });
  return { detector, newClass: { index, start: grown.head, base: served.hash } };
}

/** The same head with a class that is never seen. */
function silence(head: HeadWeights, classIndex: number): HeadWeights {
  const values = head.layers.map(({ classRows, channels }, i) => {
    const { weight, bias } = head.layer(i);
    for (const first of classRows) {
      const row = first + classIndex;
      weight.fill(0, row * channels, (row + 1) * channels);
      bias[row] = SILENT_LOGIT;
    }
    return { weight, bias };
  });
  return head.withValues(values, head.version);
}
