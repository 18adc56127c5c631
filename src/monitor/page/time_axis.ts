import type { Plot } from "../../report/chart_axes.ts";
import { coordinate, type Html, html } from "../../report/html.ts";
import type { HistoryPoint } from "../history.ts";

/** Where charts over time have their plot, in units of their SVG. */
export const PLOT: Plot = { left: 52, top: 12, width: 576, height: 190 };

/** Where frame `seq` stands on the axis. */
export function placeAt(points: readonly HistoryPoint[], seq: number): number {
  const [first, end] = spanOf(points);
  return PLOT.left + (seq - first) / Math.max(1, end - first) * PLOT.width;
}

/** The axis of frames, below the plot. */
export function frameAxis(points: readonly HistoryPoint[]): Html {
  const [first, end] = spanOf(points);
  const bottom = PLOT.top + PLOT.height;
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const seq = Math.round(first + share * (end - first));
    const x = coordinate(PLOT.left + share * PLOT.width);
    return html`
      <path class="grid" d="M${x} ${PLOT.top}v${PLOT.height}"></path>
      <text x="${x}" y="${bottom + 16}" text-anchor="middle">${seq}</text>
    `;
  });
  return html`${marks}<text x="${PLOT.left + PLOT.width / 2}" y="${
    bottom + 34
  }" text-anchor="middle">frame</text>`;
}

/** The axis of values from 0 to `top`, left of the plot. */
export function valueAxis(top: number, words: string): Html {
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = coordinate(PLOT.top + (1 - share) * PLOT.height);
    return html`
      <path class="grid" d="M${PLOT.left} ${y}h${PLOT.width}"></path>
      <text x="${PLOT.left - 6}" y="${y}" dy="4" text-anchor="end">${(share * top).toPrecision(
        2,
      )}</text>
    `;
  });
  const middle = PLOT.top + PLOT.height / 2;
  return html`
    ${marks}<text x="12" y="${middle}" text-anchor="middle"
      transform="rotate(-90 12 ${middle})">${words}</text>
  `;
}

/** A mark at each alarm. */
export function renderAlarmMarks(
  points: readonly HistoryPoint[],
  alarmSeqs: readonly number[],
): readonly Html[] {
  return alarmSeqs.map((seq) => {
    const x = coordinate(placeAt(points, seq));
    return html`
      <path class="alarm" d="M${x} ${PLOT.top}v${PLOT.height}"></path>
      <path class="alarm-head" d="M${x} ${PLOT.top}l-5-9h10z"></path>
    `;
  });
}

function spanOf(points: readonly HistoryPoint[]): [first: number, end: number] {
  const [first, last] = [points[0], points[points.length - 1]];
  return first === undefined || last === undefined ? [0, 1] : [first.seq, last.seq + last.frames];
}
