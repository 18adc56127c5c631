import {
  type ClassEvaluation,
  type Evaluation,
  METRIC_NAMES,
  type TrackEvaluation,
  type TrackScores,
} from "../evaluate/mod.ts";
import { type EvalFacts, listConfusions } from "./eval_outcome.ts";
import { type Column, formatTable, plain, wrap } from "./text_table.ts";

/** Characters of one figure with its name and the space after it. */
const CELL_CHARS = 13;
/** Fewest characters of the column of class names. */
const NAME_CHARS_MIN = 8;
/** Characters of a column of numbers, the space before it included. */
const COLUMN_CHARS = 8;
const WIDTHS = { nameCharsMin: NAME_CHARS_MIN, columnChars: COLUMN_CHARS };
/** Confusions that are told. */
const CONFUSIONS_MAX = 5;

/** Columns of the table of classes; where space is short the last ones go first. */
const COLUMNS: readonly Column<ClassEvaluation>[] = [
  { title: "AP50", value: ({ metrics }) => figure(metrics.AP50) },
  { title: "AP", value: ({ metrics }) => figure(metrics.AP) },
  { title: "objects", value: ({ truths }) => String(truths) },
  { title: "recall", value: ({ f1 }) => figure(f1.recall) },
  { title: "precis.", value: ({ f1 }) => figure(f1.precision) },
  { title: "F1", value: ({ f1 }) => figure(f1.f1) },
];

/** The same for tracks. */
const TRACK_COLUMNS: readonly Column<TrackScores>[] = [
  { title: "IDF1", value: ({ idf1 }) => figure(idf1) },
  { title: "MOTA", value: ({ mota }) => figure(mota) },
  { title: "objects", value: ({ truthTracks }) => String(truthTracks) },
  { title: "switch.", value: ({ idSwitches }) => String(idSwitches) },
  { title: "fragm.", value: ({ fragmentations }) => String(fragmentations) },
  { title: "tracked", value: ({ mostlyTracked }) => String(mostlyTracked) },
  { title: "lost", value: ({ mostlyLost }) => String(mostlyLost) },
];

/**
 * The evaluation for people, in lines of at most `columns` characters; `tracks` is `null` where none
 * were compared.
 */
export function formatEvaluation(
  evaluation: Evaluation,
  tracks: TrackEvaluation | null,
  facts: EvalFacts,
  columns: number,
): string {
  const { metrics, f1, bestF1, calibration, hits, falses, misses } = evaluation;
  const cells = METRIC_NAMES.map((name) => `${name.padEnd(6)}${figure(metrics[name])}`);
  const sentences = [
    `From score ${f1.score} on: precision ${figure(f1.precision)}, recall ${figure(f1.recall)}, ` +
    `F1 ${figure(f1.f1)} (${hits} found, ${falses} false, ${misses} missed).`,
    ...(bestF1 === null
      ? []
      : [`F1 is highest, ${figure(bestF1.f1)}, from score ${figure(bestF1.score)} on.`]),
    `Calibration error ${figure(calibration.eceReported)} of what is reported, ` +
    `${figure(calibration.ece)} of all detections.`,
    ...describeConfusions(evaluation),
  ];
  return [
    ...wrap(
      [
        count(facts.images, "image"),
        count(evaluation.truths, "object"),
        count(facts.detectionCount, "detection"),
      ].join(", "),
      columns,
    ),
    "",
    ...flow(cells, columns),
    "",
    ...sentences.flatMap((sentence) => wrap(sentence, columns)),
    "",
    ...formatClasses(evaluation, columns),
    ...(tracks === null ? [] : ["", ...formatTracks(tracks, columns)]),
    "",
  ].join("\n");
}

/** Figures side by side, as many as fit, six at most: then AP stands above AR. */
function flow(cells: readonly string[], columns: number): string[] {
  const perRow = [6, 3, 2, 1].find((count) => count * CELL_CHARS - 2 <= columns) ?? 1;
  return Array.from(
    { length: cells.length / perRow },
    (_, row) =>
      cells.slice(row * perRow, (row + 1) * perRow)
        .map((cell) => cell.padEnd(CELL_CHARS)).join("").trimEnd(),
  );
}

function formatClasses({ perClass }: Evaluation, columns: number): string[] {
  const shown = perClass.filter(({ truths, falses }) => truths > 0 || falses > 0);
  const silent = perClass.length - shown.length;
  return [
    ...formatTable("class", shown, COLUMNS, { ...WIDTHS, columns }),
    ...(silent === 0
      ? []
      : wrap(`${silent} more ${silent === 1 ? "class" : "classes"} without objects`, columns)),
  ];
}

function formatTracks({ overall, perClass }: TrackEvaluation, columns: number): string[] {
  const { mota, motp, idf1, idp, idr, idSwitches, truthTracks, mostlyTracked } = overall;
  return [
    ...wrap(
      `Tracks: IDF1 ${figure(idf1)} (IDP ${figure(idp)}, IDR ${figure(idr)}), ` +
        `MOTA ${figure(mota)}, MOTP ${figure(motp)}, ${count(idSwitches, "id switch", "es")}; ` +
        `${mostlyTracked} of ${count(truthTracks, "object")} mostly tracked.`,
      columns,
    ),
    "",
    ...formatTable("class", perClass, TRACK_COLUMNS, { ...WIDTHS, columns }),
  ];
}

/** The most frequent cases in which one class was taken for another. */
function describeConfusions(evaluation: Evaluation): string[] {
  const told = listConfusions(evaluation)
    .filter(({ truth, detected }) => truth !== null && detected !== null && truth !== detected)
    .slice(0, CONFUSIONS_MAX)
    .map(({ truth, detected, count }) => `${plain(truth!)} for ${plain(detected!)} (${count})`);
  return told.length === 0 ? [] : [`Taken for another: ${told.join(", ")}.`];
}

function count(number: number, noun: string, ending = "s"): string {
  return `${number} ${noun}${number === 1 ? "" : ending}`;
}

/** A share to three digits; a dash where there is nothing to measure. */
function figure(value: number | null): string {
  return value === null ? "-" : value.toFixed(3);
}
