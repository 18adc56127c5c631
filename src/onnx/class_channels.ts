import { type ChannelRun, countChannels } from "./channel_runs.ts";
import type { AnchorSplit, ChannelTensor } from "./channel_value.ts";
import type { ChannelTrace } from "./trace_channels.ts";

/** Class scores or objectness of all levels, as they stand in one value. */
export interface ScoreChannels {
  /** Layers by level. */
  readonly sources: readonly number[];
  /** First row in these layers, from the anchor's first one where anchors are split. */
  readonly start: number;
  /** How many rows. */
  readonly count: number;
  /** What makes scores of them. */
  readonly activation: "sigmoid" | "softmax" | "none";
  /** Several predictions a cell; `null` for one. */
  readonly anchors: AnchorSplit | null;
  /** Where they stand among the channels of the value in which they were seen. */
  readonly position: number;
}

/** What is known about the classes before the graph is looked at. */
export interface ClassHints {
  /** Number of classes; `null` where unknown. */
  readonly classCount: number | null;
  /** Outputs that are decoded. */
  readonly outputs: readonly string[];
  /** Whether a layer, by its position among the traced ones, makes classes by its name. */
  readonly namedClass: (source: number) => boolean;
  /** Whether it makes objectness by its name. */
  readonly namedObjectness: (source: number) => boolean;
}

/** Numbers of a row of YOLOv5 that are no class: a box and objectness. */
const BOX_AND_OBJECTNESS = 5;

/** Class scores and objectness of a model. */
export interface ClassChannels {
  /** The class scores. */
  readonly classes: ScoreChannels;
  /** The objectness that layers make; `null` where there is none. */
  readonly objectness: ScoreChannels | null;
  /** Layers that make class scores just as well and never stand beside these. */
  readonly rivals: readonly number[];
}

/** Finds class scores and objectness among traced channels; `null` where nothing looks so. */
export function findClassChannels(trace: ChannelTrace, hints: ClassHints): ClassChannels | null {
  const scores = listScores(trace, hints);
  const ranked = scores.flatMap((one) => {
    const classes = cutClasses(one, hints);
    return classes === null ? [] : [{ classes, rank: rankOf(classes, hints) }];
  }).sort((a, b) => compareRanks(b.rank, a.rank));
  const [best] = ranked;
  if (best === undefined) return null;
  const { classes } = best;
  const objectness = findObjectness(scores, classes, hints);
  const taken = new Set([...classes.sources, ...objectness?.sources ?? []]);
  const rivals = ranked.filter(({ classes: { sources }, rank }) =>
    compareRanks(rank.slice(0, -1), best.rank) === 0 && !sources.some((one) => taken.has(one))
  );
  return { classes, objectness, rivals: rivals.flatMap(({ classes: { sources } }) => sources) };
}

/** Channels that became scores, and channels that leave the model as they are. */
function listScores(trace: ChannelTrace, { outputs }: ClassHints): ScoreChannels[] {
  const found: ScoreChannels[] = [];
  for (const [value, tensor] of trace.values) {
    if (tensor.kind !== "channels") continue;
    for (const [position, run] of tensor.runs.entries()) {
      const { activation, sources, start, count } = run;
      if (sources.length === 0 || count === null || activation === "other") continue;
      if (activation === "none" && !outputs.includes(value)) continue;
      found.push({ sources, start, count, activation, anchors: tensor.anchors, position });
    }
  }
  return found;
}

/** The part of the channels that are classes; `null` where none can be. */
function cutClasses(one: ScoreChannels, { classCount }: ClassHints): ScoreChannels | null {
  const { count, start, anchors } = one;
  if (anchors !== null) {
    const classes = anchors.step - BOX_AND_OBJECTNESS;
    const offset = BOX_AND_OBJECTNESS - start;
    const fits = classes >= 1 && (classCount ?? classes) === classes && offset >= 0 &&
      offset + classes <= count;
    return fits ? { ...one, start: BOX_AND_OBJECTNESS, count: classes } : null;
  }
  // Whatever leaves a model as it is could be anything, unless there are as many as classes.
  if (classCount === null) return one.activation === "none" ? null : one;
  if (count === classCount) return one;
  // A softmax may have a last channel for "no object".
  return one.activation !== "sigmoid" && count === classCount + 1 ? one : null;
}

/** More is better, the first number first. Where all else is equal, classes stand last in a row. */
function rankOf(one: ScoreChannels, hints: ClassHints): readonly number[] {
  const { sources, activation, count, position } = one;
  return [
    sources.every(hints.namedClass) ? 1 : 0,
    sources.some(hints.namedObjectness) ? 0 : 1,
    activation === "none" ? 0 : 1,
    new Set(sources).size,
    sources.length,
    hints.classCount === null ? count : 0,
    position,
  ];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value - b[i]!;
  return 0;
}

/**
 * The objectness: one score a cell from other layers in as many levels, or the channel before the
 * classes where anchors are split.
 */
function findObjectness(
  scores: readonly ScoreChannels[],
  classes: ScoreChannels,
  hints: ClassHints,
): ScoreChannels | null {
  if (classes.anchors !== null) return { ...classes, start: BOX_AND_OBJECTNESS - 1, count: 1 };
  const others = scores.filter(({ sources, count, activation }) =>
    count === 1 && activation === "sigmoid" && sources.length === classes.sources.length &&
    sources.every((source) => !classes.sources.includes(source))
  );
  const named = others.find(({ sources }) => sources.every(hints.namedObjectness));
  return named ?? others[0] ?? null;
}

/** The value in which all levels' boxes and class scores stand side by side; `null` for none. */
export function findRawPredictions(
  trace: ChannelTrace,
  classes: ScoreChannels,
): { readonly value: string; readonly layout: "columns" | "rows" } | null {
  if (classes.anchors !== null || classes.activation !== "sigmoid") return null;
  for (const [value, tensor] of trace.values) {
    if (tensor.kind !== "channels" || tensor.dims.length !== 3 || tensor.axis === 0) continue;
    if (holdsBoxAndClasses(tensor, classes)) {
      return { value, layout: tensor.axis === 1 ? "columns" : "rows" };
    }
  }
  return null;
}

function holdsBoxAndClasses({ runs }: ChannelTensor, classes: ScoreChannels): boolean {
  const before = countChannels(runs.slice(0, -1));
  const isBox = before === null ? runs.length === 2 : before === 4;
  return isBox && isRun(runs.at(-1)!, classes);
}

function isRun(run: ChannelRun, { sources, start, count, activation }: ScoreChannels): boolean {
  return run.start === start && run.count === count && run.activation === activation &&
    run.sources.length === sources.length && run.sources.every((one, i) => one === sources[i]);
}
