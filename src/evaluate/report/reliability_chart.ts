import type { Calibration } from "../calibration.ts";
import { renderAxes } from "../../report/chart_axes.ts";
import { coordinate, figure, type Html, html } from "../../report/html.ts";

/** Space between two bars, in units of the SVG. */
const GAP = 4;

/** Precision of the detections in each range of scores, against the scores themselves. */
export function renderReliability({ bins, ece, eceReported }: Calibration): Html {
  const plot = { left: 44, top: 12, width: 300, height: 220 };
  const { left, top, width, height } = plot;
  const bars = bins.map(({ from, to, count, meanScore, precision }) => {
    if (precision === null || meanScore === null) return "";
    const x = left + from * width + GAP / 2;
    const barWidth = (to - from) * width - GAP;
    const y = top + (1 - precision) * height;
    const score = coordinate(top + (1 - meanScore) * height);
    return html`
      <g>
        <title>scores ${from} to ${to}: ${count} detections, average score ${figure(
          meanScore,
        )}, precision ${figure(precision)}</title>
        <rect class="bar" x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(
          barWidth,
        )}" height="${coordinate(precision * height)}"></rect>
        <path class="score" d="M${coordinate(x)} ${score}h${coordinate(barWidth)}"></path>
      </g>
    `;
  });
  const rows = bins.map(({ from, to, count, meanScore, precision }) =>
    html`
      <tr>
        <th scope="row">${from}–${to}</th>
        <td>${count}</td>
        <td>${figure(meanScore)}</td>
        <td>${figure(precision)}</td>
      </tr>
    `
  );
  return html`
    <figure class="chart">
      <svg viewBox="0 0 360 272" role="img" aria-label="Precision of detections over their score">
    ${renderAxes(plot, "score", "precision")}
    <path class="ideal" d="M${left} ${top + height}L${left + width} ${top}"></path>${bars}
      </svg>
      <figcaption>
        <ul class="legend">
          <li><span class="swatch bar"></span>share that is right</li>
          <li><span class="swatch score"></span>average score</li>
          <li>calibration error ${figure(eceReported)} of what is reported, ${figure(
            ece,
          )} of all</li>
        </ul>
        <details>
          <summary>Table</summary>
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th>scores</th>
                  <th>detections</th>
                  <th>average</th>
                  <th>precision</th>
                </tr>
              </thead>
              <tbody>${rows}</tbody>
            </table>
          </div>
        </details>
      </figcaption>
    </figure>
  `;
}
