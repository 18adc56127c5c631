import { coordinate, type Html, html } from "./html.ts";

/** Where a chart's plot lies, in units of its SVG. */
export interface Plot {
  /** Left edge. */
  readonly left: number;
  /** Top edge. */
  readonly top: number;
  /** Width. */
  readonly width: number;
  /** Height. */
  readonly height: number;
}

/** Frame, grid and labels of a chart whose axes both go from 0 to 1. */
export function renderAxes(plot: Plot, across: string, up: string): Html {
  const { left, top, width, height } = plot;
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const lines = steps.map((step) => {
    const [x, y] = [coordinate(left + step * width), coordinate(top + (1 - step) * height)];
    return html`
      <path class="grid"
        d="M${x} ${top}v${height}M${left} ${y}h${width}"></path>
      <text x="${x}" y="${top + height + 16}" text-anchor="middle">${step}</text>
      <text x="${left - 6}" y="${y}" dy="4" text-anchor="end">${step}</text>
    `;
  });
  const middle = top + height / 2;
  return html`
    ${lines}
    <text x="${left + width / 2}" y="${top + height + 34}" text-anchor="middle">${across}</text>
    <text x="12" y="${middle}" text-anchor="middle"
      transform="rotate(-90 12 ${middle})">${up}</text>
  `;
}
