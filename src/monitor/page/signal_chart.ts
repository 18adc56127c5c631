import { coordinate, type Html, html } from "../../report/html.ts";
import type { HistoryPoint } from "../history.ts";
import { renderOverTime, roundUp } from "./time_axis.ts";

/** The drift signals as a share of their thresholds, with the alarms. */
export function renderSignalChart(
  points: readonly HistoryPoint[],
  alarmSeqs: readonly number[],
): Html {
  const shares = points.flatMap(({ s1Share, s2Share, s3Share }) => [s1Share, s2Share, s3Share]);
  const highest = shares.reduce<number>((most, share) => Math.max(most, share ?? 0), 1.25);
  return html`
    <figure class="chart">${renderOverTime({
      label: "Drift signals over time",
      points,
      alarmSeqs,
      top: roundUp(highest),
      words: "statistic ÷ threshold",
      draw: ({ plot, line, heightOf }) =>
        html`
          <path class="threshold" d="M${plot.left} ${coordinate(heightOf(1))}h${plot.width}"></path>
          <path class="curve third" d="${line(({ s3Share }) => s3Share)}"></path>
          <path class="curve second" d="${line(({ s1Share }) => s1Share)}"></path>
          <path class="curve first" d="${line(({ s2Share }) => s2Share)}"></path>
        `,
    })}<figcaption>
        <ul class="legend">
          <li><span class="swatch second"></span>S1: objects that were followed</li>
          <li><span class="swatch first"></span>S2: scores of the whole picture</li>
          <li><span class="swatch third"></span>S3: the background</li>
          <li><span class="swatch threshold"></span>threshold</li>
          <li><span class="swatch alarm"></span>alarm</li>
        </ul>
      </figcaption>
    </figure>
  `;
}
