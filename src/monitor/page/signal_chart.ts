import { coordinate, type Html, html } from "../../report/html.ts";
import type { HistoryPoint } from "../history.ts";
import { renderOverTime, roundUp } from "./time_axis.ts";

/** So many points can be told from each other; of more, some stand together. */
const POINTS_APART = 100;

/**
 * The drift signals as a share of their thresholds, with the alarms. A signal begins anew each time it
 * passes its threshold; the highest of the last points is drawn, so that one that passes it again and
 * again is seen to stay above.
 */
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
          <path class="curve third" d="${line(highestOf(points, "s3Share"))}"></path>
          <path class="curve second" d="${line(highestOf(points, "s1Share"))}"></path>
          <path class="curve first" d="${line(highestOf(points, "s2Share"))}"></path>
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

/** The highest share of a signal over a point and the few before it. */
export function highestOf(
  points: readonly HistoryPoint[],
  signal: "s1Share" | "s2Share" | "s3Share",
): (point: HistoryPoint) => number | null {
  const reach = Math.ceil(points.length / POINTS_APART) - 1;
  const indexOf = new Map(points.map((point, index) => [point, index]));
  return (point) => {
    if (point[signal] === null) return null;
    const index = indexOf.get(point)!;
    const near = points.slice(Math.max(0, index - reach), index + 1);
    return Math.max(...near.map((other) => other[signal] ?? 0));
  };
}
