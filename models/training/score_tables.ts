/** Figures of one evaluation, between 0 and 1; `null` where there is nothing to judge by. */
export interface Figures {
  /** Average precision at IoU 0.5, mean of the classes. */
  readonly AP50: number | null;
  /** COCO's average precision over IoU 0.5 to 0.95. */
  readonly AP: number | null;
  /** The same of objects under 32² square pixels. */
  readonly APs: number | null;
  /** From there to 96². */
  readonly APm: number | null;
  /** From there on. */
  readonly APl: number | null;
  /** Share of detections that are right, at the score that detections are reported from. */
  readonly precision: number | null;
  /** Share of objects that are found, likewise. */
  readonly recall: number | null;
  /** Harmonic mean of the two. */
  readonly f1: number | null;
  /** The classes by themselves. */
  readonly classes: readonly ClassFigures[];
}

/** Figures of one class. */
export interface ClassFigures {
  /** Its name. */
  readonly name: string;
  /** Average precision at IoU 0.5. */
  readonly AP50: number | null;
  /** Average precision over IoU 0.5 to 0.95. */
  readonly AP: number | null;
  /** Harmonic mean of precision and recall. */
  readonly f1: number | null;
  /** Objects that are to be found. */
  readonly truths: number;
}

/** One condition with its figures. */
export interface Row {
  /** Which table it belongs to. */
  readonly group: "clear" | "weather" | "degrade";
  /** `clear`, or a kind and a severity as `night:3`. */
  readonly condition: string;
  /** What was measured. */
  readonly figures: Figures;
}

/** The tables of the model card, as Markdown. */
export function formatTables(rows: readonly Row[]): string {
  const clear = rows.filter(({ group }) => group === "clear");
  return [
    ...clear.map(({ figures }) => formatClear(figures)),
    formatSeverities("AP50 in the world's weather", rows, "weather", (figures) => figures.AP50),
    formatSeverities("F1 in the world's weather", rows, "weather", (figures) => figures.f1),
    formatSeverities("AP50 with `--degrade`", rows, "degrade", (figures) => figures.AP50),
    formatSeverities("F1 with `--degrade`", rows, "degrade", (figures) => figures.f1),
  ].join("\n\n");
}

function formatClear({ classes, ...all }: Figures): string {
  const objects = classes.reduce((sum, { truths }) => sum + truths, 0);
  const classRows = classes.map((one) => [
    one.name,
    String(one.truths),
    ...[one.AP50, one.AP, one.f1].map(fixed),
  ]);
  const facts = ["APs", "APm", "APl", "precision", "recall"] as const;
  return [
    table(["clear weather", "objects", "AP50", "AP", "F1"], [
      ["all", String(objects), ...[all.AP50, all.AP, all.f1].map(fixed)],
      ...classRows,
    ]),
    table([...facts], [facts.map((name) => fixed(all[name]))]),
  ].join("\n\n");
}

/** A row for each kind, a column for each severity, clear weather first. */
function formatSeverities(
  title: string,
  rows: readonly Row[],
  group: Row["group"],
  figure: (figures: Figures) => number | null,
): string {
  const clear = rows.find((row) => row.group === "clear");
  const valueOf = new Map<string, Map<string, number | null>>();
  const severities = new Set<string>();
  for (const { condition, figures } of rows.filter((row) => row.group === group)) {
    const [kind, severity] = condition.split(":") as [string, string];
    severities.add(severity);
    valueOf.set(kind, (valueOf.get(kind) ?? new Map()).set(severity, figure(figures)));
  }
  const columns = [...severities].sort();
  return table(
    [title, "clear", ...columns],
    [...valueOf].map(([kind, values]) => [
      kind,
      fixed(clear === undefined ? null : figure(clear.figures)),
      ...columns.map((severity) => fixed(values.get(severity) ?? null)),
    ]),
  );
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i === 0 ? "---" : "---:")), ...body.map(line)]
    .join("\n");
}

function fixed(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}
