import { coordinate, type Html, html } from "../../report/html.ts";
import type { HistoryPoint } from "../history.ts";
import { pathOf } from "./loss_chart.ts";
import { frameAxis, placeAt, PLOT, renderAlarmMarks, valueAxis } from "./time_axis.ts";

/** The drift signals as a share of their thresholds, with the alarms. */
export function renderSignalChart(
  points: readonly HistoryPoint[],
  alarmSeqs: readonly number[],
): Html {
  const shares = points.flatMap(({ s1Share, s2Share, s3Share }) => [s1Share, s2Share, s3Share]);
  const top = shares.reduce<number>((most, share) => Math.max(most, share ?? 0), 1.25);
  const line = (pick: (point: HistoryPoint) => number | null, style: string): Html => {
    const places = points.map((point) => [placeAt(points, point.seq), pick(point)] as const);
    return html`<path class="curve ${style}" d="${pathOf(places, top)}"></path>`;
  };
  const threshold = coordinate(PLOT.top + (1 - 1 / top) * PLOT.height);
  return html`
    <figure class="chart">
      <svg viewBox="0 0 640 250" role="img" aria-label="Drift signals over time">
    ${frameAxis(points)}${valueAxis(top, "statistic ÷ threshold")}
    <path class="threshold" d="M${PLOT.left} ${threshold}h${PLOT.width}"></path>
    ${line(({ s3Share }) => s3Share, "third")}
    ${line(({ s1Share }) => s1Share, "second")}
    ${line(({ s2Share }) => s2Share, "first")}${renderAlarmMarks(points, alarmSeqs)}
      </svg>
      <figcaption>
        <ul class="legend">
          <li><span class="swatch second"></span>S1: objects that were followed</li>
          <li><span class="swatch first"></span>S2: scores of the whole picture</li>
          <li><span class="swatch third"></span>S3: the background</li>
          <li><span class="swatch threshold"></span>threshold</li>
        </ul>
      </figcaption>
    </figure>
  `;
}
