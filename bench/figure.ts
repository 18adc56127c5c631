import { quantile } from "./quantiles.ts";

/** One measured number with what it should be. */
export interface Figure {
  /** Stable name, for baselines. */
  readonly id: string;
  /** What was measured, in words. */
  readonly what: string;
  /** Unit of the values: `ratio`, `ms`, `FPS`, `MB`, … */
  readonly unit: string;
  /** Median over the rounds; `null` where it was not measured. */
  readonly value: number | null;
  /** Lowest of the rounds. */
  readonly low: number | null;
  /** Highest of the rounds. */
  readonly high: number | null;
  /** What it should reach, where a target is set. */
  readonly target: Target | null;
  /** Why it was not measured, or what to know when reading it; else `null`. */
  readonly note: string | null;
}

/** A bound on a figure. */
export interface Target {
  /** Which side of the bound is good. */
  readonly kind: "at least" | "at most";
  /** The bound, in the figure's unit. */
  readonly bound: number;
}

/** A figure from one value a round; the median stands for all. */
export function figureOf(
  id: string,
  what: string,
  unit: string,
  rounds: readonly number[],
  target: Target | null = null,
): Figure {
  return {
    id,
    what,
    unit,
    value: quantile(rounds, 0.5),
    low: Math.min(...rounds),
    high: Math.max(...rounds),
    target,
    note: null,
  };
}

/** A figure that could not be measured here. */
export function skippedFigure(id: string, what: string, reason: string): Figure {
  return { id, what, unit: "", value: null, low: null, high: null, target: null, note: reason };
}

/** Whether a figure reaches its target; `null` where there is no target or no value. */
export function isMet({ value, target }: Figure): boolean | null {
  if (value === null || target === null) return null;
  return target.kind === "at least" ? value >= target.bound : value <= target.bound;
}

/** Figures as an aligned table; `judge` adds the column that compares with the targets. */
export function formatFigures(figures: readonly Figure[], judge: boolean): string {
  const rows = figures.map((figure) => [
    figure.what,
    figure.value === null ? "skipped" : format(figure.value),
    figure.unit,
    figure.low === null || figure.high === null
      ? figure.note ?? ""
      : `${format(figure.low)} to ${format(figure.high)}`,
    describeTarget(figure, judge),
  ]);
  const header = ["what", "median", "unit", "over the rounds", judge ? "target" : ""];
  return alignColumns([header, ...rows]);
}

/**
 * Figures whose ids end in `.p50`, `.p95` and `.p99` with the same beginning, as one row each.
 */
export function formatQuantiles(figures: readonly Figure[]): string {
  const rows = figures.filter(({ id }) => id.endsWith(".p50")).map((middle) => {
    const stem = middle.id.replace(/\.p50$/, "");
    const values = ["p50", "p95", "p99"].map((name) =>
      figures.find(({ id }) => id === `${stem}.${name}`)?.value ?? NaN
    );
    return [stem, ...values.map(format), middle.unit];
  });
  return alignColumns([["median over the rounds of", "p50", "p95", "p99", "unit"], ...rows]);
}

function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
    .join("\n");
}

function describeTarget(figure: Figure, judge: boolean): string {
  const { target } = figure;
  if (target === null || !judge) return "";
  const met = isMet(figure);
  const verdict = met === null ? "" : met ? ", met" : ", MISSED";
  return `${target.kind} ${format(target.bound)}${verdict}`;
}

function format(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 3);
}
