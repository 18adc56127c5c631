import { FoveaError } from "../core/errors.ts";
import { findClass, suggestClass } from "../detector/class_indices.ts";
import type { TruthCategory } from "../evaluate/mod.ts";

/** Names that an error lists at most. */
const NAMES_MAX = 8;

/** Which classes of a detector are which categories of annotations. */
export interface ClassPartners {
  /** For each class of the detector the `id` of its category, or `null`. */
  readonly categoryIds: readonly (number | null)[];
  /** Classes of the detector without a category: what they find cannot be judged. */
  readonly classesWithout: readonly string[];
  /** Categories without a class: their objects cannot be found, and count as missed. */
  readonly categoriesWithout: readonly string[];
}

/**
 * Pairs classes and categories by name; case, spaces, dashes and underscores do not count.
 *
 * @throws {FoveaError} `ANNOTATIONS_INVALID` if no name is common to both.
 */
export function pairClasses(
  classNames: readonly string[],
  categories: readonly TruthCategory[],
): ClassPartners {
  const categoryNames = categories.map(({ name }) => name);
  const categoryIds = classNames.map((name) => {
    const index = findClass(categoryNames, name)[0];
    return index === undefined ? null : categories[index]!.id;
  });
  const paired = new Set(categoryIds);
  if (categoryIds.every((id) => id === null)) {
    throw new FoveaError(
      "ANNOTATIONS_INVALID",
      "Cannot evaluate: the detector and the annotations have no class name in common; " +
        `the detector has ${list(classNames)}, the annotations ${list(categoryNames)}`,
      { hint: "If the names of the detector are wrong, correct them with --names" },
    );
  }
  return {
    categoryIds,
    classesWithout: classNames.filter((_, i) => categoryIds[i] === null),
    categoriesWithout: categories.filter(({ id }) => !paired.has(id)).map(({ name }) => name),
  };
}

/**
 * The ids of the categories that were asked for by name.
 *
 * @throws {FoveaError} `USAGE` for a name that is none.
 */
export function findCategoryIds(
  categories: readonly TruthCategory[],
  wanted: readonly string[],
): Set<number> {
  const names = categories.map(({ name }) => name);
  return new Set(wanted.map((name) => {
    const index = findClass(names, name)[0];
    if (index !== undefined) return categories[index]!.id;
    throw new FoveaError(
      "USAGE",
      `Cannot evaluate class "${name}": the annotations have none like it`,
      { hint: suggestClass(names, name) },
    );
  }));
}

/** Some names in a sentence. */
export function list(names: readonly string[]): string {
  const more = names.length - NAMES_MAX;
  return names.slice(0, NAMES_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
