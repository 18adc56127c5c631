import { FoveaError } from "../core/errors.ts";
import { HeadWeights } from "../core/head_weights.ts";
import type { HeadForm } from "../onnx/head_surgery.ts";

/** How a detector's classification head is exposed. Unknown keys are refused. */
export interface HeadOptions {
  /**
   * `conv`, the default, leaves the layers as they are; `matmul` computes 1×1 convolutions as matrix
   * products, for engines that want the weights of convolutions to be constant.
   */
  readonly form?: HeadForm;
  /**
   * The class layers, in place of those that are found: names of their weights (`.weight` may be
   * left out), of the operations, or of the values they make.
   */
  readonly classLayers?: readonly string[];
  /** The objectness layers, likewise. */
  readonly objectnessLayers?: readonly string[];
  /**
   * The head to begin with; the one in the file by default. It may have classes that the file does
   * not have: the model then grows while it is loaded.
   */
  readonly weights?: HeadWeights;
  /** Folder that keeps exposed models, so that a model is edited once; none by default. */
  readonly cacheFolder?: string;
}

const KEYS: readonly (keyof HeadOptions)[] = [
  "form",
  "classLayers",
  "objectnessLayers",
  "weights",
  "cacheFolder",
];
const FORMS: readonly HeadForm[] = ["conv", "matmul"];

/**
 * Checks the options of a head; `true` means the defaults, `false` no head.
 *
 * @throws {FoveaError} `USAGE` naming the option and what is allowed.
 */
export function checkHeadOptions(head: boolean | HeadOptions): HeadOptions | null {
  if (typeof head === "boolean") return head ? {} : null;
  const unknown = Object.keys(head).find((key) => !(KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) {
    throw refuse(`Cannot use head option "${unknown}": it is unknown`, KEYS);
  }
  const { form = "conv", weights } = head;
  if (!FORMS.includes(form)) throw refuse(`Cannot expose the head as "${form}"`, FORMS);
  if (weights !== undefined && !(weights instanceof HeadWeights)) {
    throw new TypeError("Cannot begin with a head that is no HeadWeights");
  }
  return head;
}

function refuse(message: string, known: readonly string[]): FoveaError {
  return new FoveaError("USAGE", message, { hint: `Use one of ${known.join(", ")}` });
}
