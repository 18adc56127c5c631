/** What the channels went through since their layer. `other` stands for any arithmetic. */
export type Activation = "none" | "sigmoid" | "softmax" | "other";

/** A run of neighbouring channels of one origin, on the way from the last layers to an output. */
export interface ChannelRun {
  /**
   * Layers the channels come from, one a level, in the order in which the levels were joined;
   * empty where something else made them.
   */
  readonly sources: readonly number[];
  /** First channel in these layers; from the anchor's first one where anchors were split off. */
  readonly start: number;
  /** How many channels; `null` where that is not known, only for runs without sources. */
  readonly count: number | null;
  /** What they went through. */
  readonly activation: Activation;
}

/** A run that none of the traced layers made. */
export function strangeRun(count: number | null): ChannelRun {
  return { sources: [], start: 0, count, activation: "other" };
}

/** How many channels the runs have together; `null` where one of them is not known. */
export function countChannels(runs: readonly ChannelRun[]): number | null {
  let total = 0;
  for (const { count } of runs) {
    if (count === null) return null;
    total += count;
  }
  return total;
}

/** Gives the only run of unknown length the rest of `total`; `null` where that cannot be. */
export function fillUnknown(
  runs: readonly ChannelRun[],
  total: number,
): readonly ChannelRun[] | null {
  const unknown = runs.filter(({ count }) => count === null).length;
  const known = runs.reduce((sum, { count }) => sum + (count ?? 0), 0);
  if (unknown === 0) return known === total ? runs : null;
  if (unknown > 1 || known > total) return null;
  return runs.map((run) => run.count === null ? { ...run, count: total - known } : run);
}

/** The channels `from` to `to`; `null` where a run of unknown length is in the way. */
export function sliceRuns(
  runs: readonly ChannelRun[],
  from: number,
  to: number,
): readonly ChannelRun[] | null {
  const parts: ChannelRun[] = [];
  let at = 0;
  for (const run of runs) {
    if (at >= to) break;
    if (run.count === null) return null;
    const first = Math.max(from, at);
    const end = Math.min(to, at + run.count);
    if (end > first) parts.push({ ...run, start: run.start + first - at, count: end - first });
    at += run.count;
  }
  return parts;
}

/** Marks what an operation does to the channels. Whatever follows on arithmetic is arithmetic. */
export function activateRuns(
  runs: readonly ChannelRun[],
  activation: "sigmoid" | "softmax",
): readonly ChannelRun[] {
  return runs.map((run) => ({
    ...run,
    activation: run.activation === "none" ? activation : "other",
  }));
}

/** Marks arithmetic. Scores may still be multiplied or clipped after their activation. */
export function calculateRuns(runs: readonly ChannelRun[]): readonly ChannelRun[] {
  return runs.map((run) => run.activation === "none" ? { ...run, activation: "other" } : run);
}

/**
 * Joins the same channels of several levels; `null` where they are not the same. Channels that come
 * from a layer in some levels only count as strange.
 */
export function joinLevels(
  levels: readonly (readonly ChannelRun[])[],
): readonly ChannelRun[] | null {
  const [first] = levels;
  if (first === undefined || levels.some((runs) => runs.length !== first.length)) return null;
  const joined: ChannelRun[] = [];
  for (const [i, run] of first.entries()) {
    const all = levels.map((runs) => runs[i]!);
    if (all.some(({ count }) => count !== run.count)) return null;
    const alike = all.every(({ sources, start, activation }) =>
      sources.length > 0 && start === run.start && activation === run.activation
    );
    joined.push(
      alike ? { ...run, sources: all.flatMap(({ sources }) => sources) } : strangeRun(run.count),
    );
  }
  return joined;
}
