import type { Finding } from "../core/detector_spec.ts";
import { coco91Names, COCO_80 } from "./coco_names.ts";
import { unsupportedModel } from "./unsupported_model.ts";

/** Class names that someone stated, and who. */
export interface StatedNames {
  /** Names in the model's order. */
  readonly names: readonly string[];
  /** Who stated them. */
  readonly source: "flag" | "manifest" | "metadata";
}

/**
 * Names a model's classes.
 *
 * @param classCount Number of classes by the output's shape; `null` where the shape does not say.
 * @param stated Names from a flag, a manifest or metadata, the strongest.
 * @throws {FoveaError} `MODEL_UNSUPPORTED` if there are no classes or names do not fit the shape.
 */
export function nameClasses(
  classCount: number | null,
  stated: StatedNames | null,
): { readonly names: readonly string[]; readonly finding: Finding } {
  if (classCount !== null && classCount < 1) {
    throw unsupportedModel(
      "its output has no room for any class",
      "Export the detector with at least one class",
    );
  }
  if (stated !== null) {
    const { names, source } = stated;
    if (classCount !== null && names.length !== classCount) {
      throw unsupportedModel(
        `its output holds ${classCount} classes, the ${source} names ${names.length}`,
        "State the class names in the model's order, or the right --family",
      );
    }
    const why = classCount === null
      ? `${source} names ${names.length}`
      : `${source} names as many as the output holds`;
    return { names, finding: { about: "classes", value: listShortly(names), source, why } };
  }
  const count = classCount ?? COCO_80.length;
  const [names, why] = count === 80
    ? [COCO_80, "nothing names the classes, and COCO has 80 as well"]
    : count === 91
    ? [coco91Names(), "nothing names the classes, and COCO's category numbers end at 90"]
    : [
      Array.from({ length: count }, (_, i) => `class ${i}`),
      "nothing names the classes",
    ];
  return {
    names,
    finding: { about: "classes", value: listShortly(names), source: "assumed", why },
  };
}

function listShortly(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length <= 5 ? shown : `${shown}, … (${names.length})`;
}
