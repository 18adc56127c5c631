import type { Plot } from "../../report/chart_axes.ts";
import { coordinate, type Html, html, type HtmlPart } from "../../report/html.ts";
import type { HistoryPoint } from "../history.ts";

/** A chart over time at one size; the page shows the one that suits the reader's screen. */
interface ChartSize {
  /** The class that the style sheet shows or hides it by. */
  readonly name: "wide" | "narrow";
  /** Width and height of the SVG in its own units. */
  readonly width: number;
  readonly height: number;
  /** Where the plot lies in it. */
  readonly plot: Plot;
  /** About how many marks the axis of frames has. */
  readonly marks: number;
}

/** One is for desks, one for phones: letters that shrink with a chart cannot be read there. */
const SIZES: readonly ChartSize[] = [
  {
    name: "wide",
    width: 760,
    height: 250,
    plot: { left: 52, top: 14, width: 684, height: 188 },
    marks: 8,
  },
  {
    name: "narrow",
    width: 320,
    height: 236,
    plot: { left: 42, top: 14, width: 262, height: 174 },
    marks: 4,
  },
];

/** About how many marks the axis of values has. */
const VALUE_MARKS = 4;

/** What a chart over time is made of. */
export interface TimeChart {
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  /** The points that the axis of frames spans, oldest first. */
  readonly points: readonly HistoryPoint[];
  /** Frames that raised an alarm. */
  readonly alarmSeqs: readonly number[];
  /** The value at the upper edge; see {@linkcode roundUp}. */
  readonly top: number;
  /** What the values are, with their unit. */
  readonly words: string;
  /** Draws the lines. */
  readonly draw: (place: ChartPlaces) => HtmlPart;
}

/** Where things stand in a chart. */
export interface ChartPlaces {
  /** Where the plot lies. */
  readonly plot: Plot;
  /** A line through the points that have a value; it breaks where one has none. */
  line(pick: (point: HistoryPoint) => number | null): string;
  /** The height of a value, in units of the SVG. */
  heightOf(value: number): number;
}

/** A chart over time, once for each size, with its axes and a mark at each alarm. */
export function renderOverTime(chart: TimeChart): readonly Html[] {
  return SIZES.map((size) => {
    const places = placesIn(size.plot, chart);
    return html`
      <svg class="${size.name}" viewBox="0 0 ${size.width} ${size.height}" role="img"
        aria-label="${chart.label}">${renderFrameAxis(size, chart.points)}${renderValueAxis(
          size.plot,
          chart,
        )}${renderAlarmMarks(size.plot, chart)}${chart.draw(places)}</svg>
    `;
  });
}

/** The upper edge of an axis whose highest value this is: the next round mark. */
export function roundUp(value: number): number {
  const step = roundStep(value, VALUE_MARKS);
  return Math.ceil(value / step - 1e-9) * step;
}

/** The largest round step that makes at least so many marks: 1, 2 or 5 times a power of ten. */
export function roundStep(span: number, marks: number): number {
  const rough = span / marks;
  const power = 10 ** Math.floor(Math.log10(rough) + 1e-9);
  const factor = [5, 2].find((factor) => factor * power <= rough * (1 + 1e-9)) ?? 1;
  return factor * power;
}

function placesIn(plot: Plot, { points, top }: TimeChart): ChartPlaces {
  const heightOf = (value: number): number =>
    plot.top + (1 - Math.max(0, Math.min(1, value / top))) * plot.height;
  return {
    plot,
    heightOf,
    line(pick) {
      let isOpen = false;
      return points.map((point) => {
        const value = pick(point);
        const command = isOpen ? "L" : "M";
        isOpen = value !== null;
        if (value === null) return "";
        const x = coordinate(placeAt(plot, points, point.seq));
        // A point alone is drawn as a dot of a line.
        return `${command}${x} ${coordinate(heightOf(value))}${command === "M" ? "h.5" : ""}`;
      }).join("");
    },
  };
}

/** Where frame `seq` stands on the axis. */
function placeAt(plot: Plot, points: readonly HistoryPoint[], seq: number): number {
  const [first, end] = spanOf(points);
  return plot.left + (seq - first) / Math.max(1, end - first) * plot.width;
}

/** The axis of frames, below the plot. */
function renderFrameAxis({ plot, marks }: ChartSize, points: readonly HistoryPoint[]): Html {
  const [first, end] = spanOf(points);
  const step = Math.max(1, roundStep(end - first, marks));
  const seqs: number[] = [];
  for (let seq = Math.ceil(first / step) * step; seq <= end; seq += step) seqs.push(seq);
  const bottom = plot.top + plot.height;
  const lines = seqs.map((seq) => {
    const x = coordinate(placeAt(plot, points, seq));
    return html`
      <path class="grid" d="M${x} ${plot.top}v${plot.height}"></path>
      <text x="${x}" y="${bottom + 16}" text-anchor="middle">${seq}</text>
    `;
  });
  return html`${lines}<text x="${plot.left + plot.width / 2}" y="${
    bottom + 34
  }" text-anchor="middle">frame</text>`;
}

/** The axis of values from 0 to `top`, left of the plot. */
function renderValueAxis(plot: Plot, { top, words }: TimeChart): Html {
  const step = roundStep(top, VALUE_MARKS);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const marks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => {
    const value = Math.min(top, i * step);
    const y = coordinate(plot.top + (1 - value / top) * plot.height);
    return html`
      <path class="grid" d="M${plot.left} ${y}h${plot.width}"></path>
      <text x="${plot.left - 6}" y="${y}" dy="4" text-anchor="end">${value.toFixed(digits)}</text>
    `;
  });
  const middle = plot.top + plot.height / 2;
  return html`
    ${marks}<text x="11" y="${middle}" text-anchor="middle"
      transform="rotate(-90 11 ${middle})">${words}</text>
  `;
}

/** A mark at each alarm, below the lines. */
function renderAlarmMarks(plot: Plot, { points, alarmSeqs }: TimeChart): readonly Html[] {
  return alarmSeqs.map((seq) => {
    const x = coordinate(placeAt(plot, points, seq));
    return html`
      <path class="alarm" d="M${x} ${plot.top}v${plot.height}"></path>
      <path class="alarm-head" d="M${x} ${plot.top}l-5-9h10z"></path>
    `;
  });
}

function spanOf(points: readonly HistoryPoint[]): [first: number, end: number] {
  const [first, last] = [points[0], points[points.length - 1]];
  return first === undefined || last === undefined ? [0, 1] : [first.seq, last.seq + last.frames];
}
