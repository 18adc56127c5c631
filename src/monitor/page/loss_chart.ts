import type { EvidenceKind } from "../../core/monitor_report.ts";
import { coordinate, type Html, html } from "../../report/html.ts";
import type { HistoryPoint } from "../history.ts";
import { frameAxis, placeAt, PLOT, renderAlarmMarks, valueAxis } from "./time_axis.ts";

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
  const top = Math.max(0.1, ...losses);
  const shown = KINDS.filter(({ kind }) => points.some(({ focalLoss }) => kind in focalLoss));
  const lines = shown.map(({ kind, style }) => {
    const place = (point: HistoryPoint): [number, number | null] => [
      placeAt(points, point.seq),
      point.focalLoss[kind] ?? null,
    ];
    return html`<path class="curve ${style}" d="${pathOf(points.map(place), top)}"></path>`;
  });
  const legend = shown.map(({ style, words }) =>
    html`<li><span class="swatch ${style}"></span>${words}</li>`
  );
  return html`
    <figure class="chart">
      <svg viewBox="0 0 640 250" role="img" aria-label="Focal loss over time">
    ${frameAxis(points)}${valueAxis(top, "focal loss, nats per target")}${lines}${renderAlarmMarks(
      points,
      alarmSeqs,
    )}
      </svg>
      <figcaption>
        <ul class="legend">${legend}</ul>
      </figcaption>
    </figure>
  `;
}

/** A line through the points that have a value; it breaks where one has none. */
export function pathOf(places: readonly (readonly [number, number | null])[], top: number): string {
  let isOpen = false;
  return places.map(([x, value]) => {
    if (value === null) {
      isOpen = false;
      return "";
    }
    const y = PLOT.top + (1 - Math.min(1, value / top)) * PLOT.height;
    const command = isOpen ? "L" : "M";
    isOpen = true;
    // A point alone is drawn as a dot of a line.
    return `${command}${coordinate(x)} ${coordinate(y)}${command === "M" ? "h.5" : ""}`;
  }).join("");
}
