import { METRIC_NAMES } from "../coco_metrics.ts";
import type { Evaluation } from "../evaluate_detections.ts";
import { renderClassTable, renderConfusion } from "./class_tables.ts";
import { figure, type Html, html } from "../../report/html.ts";
import { renderPage } from "../../report/page.ts";
import { renderPicture, type ReportPicture } from "./picture_figure.ts";
import { renderClassCurves, renderMeanCurves } from "./precision_recall_chart.ts";
import { renderReliability } from "./reliability_chart.ts";

/** What a report says besides the figures. */
export interface ReportOptions {
  /** What was evaluated, for the title. */
  readonly title: string;
  /** Names and values, for the head of the page. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Sentences about what was left out. */
  readonly notes: readonly string[];
  /** The pictures with most mistakes. */
  readonly pictures: readonly ReportPicture[];
}

/** What the twelve figures mean, in a word or two. */
const METRIC_WORDS: Readonly<Record<(typeof METRIC_NAMES)[number], string>> = {
  AP: "IoU 0.50 to 0.95",
  AP50: "IoU 0.50",
  AP75: "IoU 0.75",
  APs: "small objects",
  APm: "medium objects",
  APl: "large objects",
  AR1: "1 detection",
  AR10: "10 detections",
  AR100: "100 detections",
  ARs: "small objects",
  ARm: "medium objects",
  ARl: "large objects",
};

/**
 * An evaluation as one HTML page: figures, precision over recall, reliability, confusion, classes,
 * and the pictures with most mistakes. It needs no network and no script, fits a phone, and follows
 * the reader's choice of light or dark.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import {
 *   evaluateDetections,
 *   parseAnnotations,
 *   parseDetections,
 *   renderReport,
 * } from "@fovea/fovea/evaluate";
 *
 * const truth = parseAnnotations({
 *   images: [{ id: 0 }],
 *   categories: [{ id: 3, name: "car & van" }],
 *   annotations: [{ id: 1, image_id: 0, category_id: 3, bbox: [0, 0, 9, 9] }],
 * });
 * const evaluation = evaluateDetections(truth, parseDetections([], truth), { score: 0.3 });
 * const page = renderReport(evaluation, { title: "Nothing", facts: [], notes: [], pictures: [] });
 * assertStringIncludes(page, "car &amp; van");
 * ```
 */
export function renderReport(evaluation: Evaluation, options: ReportOptions): string {
  const { title, facts, notes, pictures } = options;
  return renderPage({
    title,
    facts,
    notes,
    main: html`
          ${renderTiles(evaluation)}
      ${renderMetrics(evaluation)}
      <div class="charts">
        <section><h2>Precision and recall</h2>${renderMeanCurves(evaluation)}</section>
        <section><h2>Reliability of scores</h2>${renderReliability(
          evaluation.calibration,
        )}</section>
      </div>
      ${renderPictures(pictures)}
      <section><h2>Classes</h2>${renderClassTable(evaluation)}</section>
      <section><h2>Confusion</h2>
      <p class="note">At IoU 0.5, from score ${evaluation.f1.score} on.</p>${renderConfusion(
        evaluation,
      )}</section>
      <section><h2>Precision over recall of every class</h2>
      <p class="note"><span class="swatch first"></span>IoU 0.50 <span class="swatch second"></span>IoU 0.75, the worst first</p>
      ${renderClassCurves(evaluation)}</section>
    `,
    footer:
      "Made by fovea. AP and AR by COCO's rules; the calibration error is the detection ECE of ten ranges.",
  });
}

function renderTiles({ metrics, f1, calibration, bestF1 }: Evaluation): Html {
  const tiles: [string, number | null, string][] = [
    ["AP", metrics.AP, "over IoU 0.50 to 0.95"],
    ["AP50", metrics.AP50, "at IoU 0.50"],
    ["F1", f1.f1, `from score ${f1.score} on`],
    ["precision", f1.precision, "of what is reported"],
    ["recall", f1.recall, "of what is there"],
    ["best F1", bestF1?.f1 ?? null, `from score ${figure(bestF1?.score ?? null)} on`],
    ["calibration error", calibration.eceReported, "of what is reported"],
  ];
  return html`<ul class="tiles">${
    tiles.map(([name, value, words]) =>
      html`<li>${name}<b>${figure(value)}</b><span>${words}</span></li>`
    )
  }</ul>`;
}

function renderMetrics({ metrics }: Evaluation): Html {
  const row = (name: (typeof METRIC_NAMES)[number]): Html =>
    html`
      <tr>
        <th scope="row">${name}</th>
        <td>${figure(metrics[name])}</td>
        <td class="words">${METRIC_WORDS[name]}</td>
      </tr>
    `;
  const table = (caption: string, start: string): Html =>
    html`
      <div class="scroll">
        <table>
          <caption>${caption}</caption>
          <tbody>${METRIC_NAMES.filter((name) => name.startsWith(start)).map(row)}</tbody>
        </table>
      </div>
    `;
  return html`
    <section>
      <h2>COCO metrics</h2>
      <div class="charts">${table("average precision", "AP")}${table("average recall", "AR")}</div>
    </section>
  `;
}

function renderPictures(pictures: readonly ReportPicture[]): Html | "" {
  if (pictures.length === 0) return "";
  const choice = (kind: string, words: string): Html =>
    html`<label><input type="checkbox" id="show-${kind}" checked><span class="swatch ${kind}"></span>${words}</label>`;
  return html`
    <section class="reports">
      <h2>Pictures with most mistakes</h2>
      <div class="choices">${choice("miss", "missed")}${choice("false", "false")}${choice(
        "hit",
        "found, and the annotated box",
      )}</div>
      <div class="pictures">${pictures.map(renderPicture)}</div>
    </section>
  `;
}
