import { FoveaError } from "../core/errors.ts";

/** Most near names that an error lists. */
const NEAR_MAX = 5;

/**
 * Finds the indices of wanted classes. Names are compared without regard to case, spaces, dashes
 * and underscores; a whole number stands for an index.
 *
 * @param names The detector's class names.
 * @param wanted Names or indices as a person wrote them.
 * @returns The indices, rising, each once.
 * @throws {FoveaError} `USAGE` naming the unknown class and those with a similar name.
 */
export function classIndices(names: readonly string[], wanted: readonly string[]): number[] {
  const indices = wanted.flatMap((name) => {
    const found = findClass(names, name);
    if (found.length > 0) return found;
    const index = /^\d+$/.test(name.trim()) ? Number(name) : -1;
    if (index >= 0 && index < names.length) return [index];
    throw new FoveaError(
      "USAGE",
      `Cannot report class "${name}": the detector has none like it`,
      { hint: suggestClass(names, name) },
    );
  });
  return [...new Set(indices)].sort((a, b) => a - b);
}

/**
 * The indices of all classes of a name, compared without regard to case, spaces, dashes and
 * underscores; those that are equal to the letter come first.
 */
export function findClass(names: readonly string[], wanted: string): number[] {
  const found = names.flatMap((other, i) => plain(other) === plain(wanted) ? [i] : []);
  return found.sort((a, b) => Number(names[b] === wanted) - Number(names[a] === wanted));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, "");
}

/** What to try in place of a name that is none of `names`, as a hint. */
export function suggestClass(names: readonly string[], name: string): string {
  const near = names
    .map((other) => ({ other, distance: editDistance(plain(name), plain(other)) }))
    .filter(({ other, distance }) =>
      distance <= Math.max(2, plain(name).length / 3) || plain(other).includes(plain(name))
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEAR_MAX)
    .map(({ other }) => other);
  return near.length > 0
    ? `Did you mean ${near.join(", ")}`
    : `Use some of ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`;
}

/** Levenshtein's distance: the fewest characters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
