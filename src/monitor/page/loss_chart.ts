import type { EvidenceKind } from "../../core/monitor_report.ts";
import { type Html, html } from "../../report/html.ts";
import type { HistoryPoint } from "../history.ts";
import { renderOverTime, roundUp } from "./time_axis.ts";

/** How each kind of evidence is drawn, best first. */
const KINDS: readonly {
  readonly kind: EvidenceKind;
  readonly style: string;
  readonly words: string;
}[] = [
  { kind: "measured", style: "first", words: "measured, by labels" },
  { kind: "teacher", style: "third", words: "disagreement with the teacher" },
  { kind: "consensus", style: "second", words: "against own tracks" },
  { kind: "expected", style: "faint", words: "expected, by the scores alone" },
];

/** The focal loss over time, each kind of evidence a line of its own. */
export function renderLossChart(
  points: readonly HistoryPoint[],
  alarmSeqs: readonly number[],
): Html {
  const losses = points.flatMap(({ focalLoss }) => Object.values(focalLoss));
  const shown = KINDS.filter(({ kind }) => points.some(({ focalLoss }) => kind in focalLoss));
  const legend = shown.map(({ style, words }) =>
    html`<li><span class="swatch ${style}"></span>${words}</li>`
  );
  return html`
    <figure class="chart">${renderOverTime({
      label: "Focal loss over time",
      points,
      alarmSeqs,
      top: roundUp(Math.max(0.1, ...losses)),
      words: "focal loss, nats per target",
      draw: ({ line }) =>
        shown.map(({ kind, style }) => {
          const path = line(({ focalLoss }) => focalLoss[kind] ?? null);
          return html`<path class="curve ${style}" d="${path}"></path>`;
        }),
    })}<figcaption>
        <ul class="legend">${legend}</ul>
      </figcaption>
    </figure>
  `;
}
