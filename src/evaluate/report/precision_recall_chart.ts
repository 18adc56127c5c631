import type { Evaluation } from "../evaluate_detections.ts";
import { IOU_50, IOU_75, RECALL_POINTS } from "../coco_rules.ts";
import { type Plot, renderAxes } from "../../report/chart_axes.ts";
import { coordinate, figure, type Html, html } from "../../report/html.ts";

const POINTS = RECALL_POINTS.length;
/** Index of the IoU threshold 0.9. */
const IOU_90 = 8;
/** The thresholds that the large chart shows, and their classes in the style sheet. */
const SHOWN = [
  { threshold: IOU_50, label: "IoU 0.50", style: "first" },
  { threshold: IOU_75, label: "IoU 0.75", style: "second" },
  { threshold: IOU_90, label: "IoU 0.90", style: "third" },
] as const;

/** Precision over recall, averaged over all classes with objects, at three overlaps. */
export function renderMeanCurves(evaluation: Evaluation): Html {
  const plot: Plot = { left: 44, top: 12, width: 300, height: 220 };
  const lines = SHOWN.map(({ threshold, style }) => {
    const curve = meanCurve(evaluation, threshold);
    return curve === null
      ? ""
      : html`<path class="curve ${style}" d="${pathOf(curve, plot)}"></path>`;
  });
  const legend = SHOWN.map(({ label, style, threshold }) => {
    const curve = meanCurve(evaluation, threshold);
    const area = curve === null ? null : curve.reduce((sum, value) => sum + value, 0) / POINTS;
    return html`<li><span class="swatch ${style}"></span>${label}: AP ${figure(area)}</li>`;
  });
  return html`
    <figure class="chart">
      <svg viewBox="0 0 360 272" role="img" aria-label="Precision over recall, averaged over classes">
    ${renderAxes(plot, "recall", "precision")}${lines}
      </svg>
      <figcaption>
        <ul class="legend">${legend}</ul>
      </figcaption>
    </figure>
  `;
}

/** A small chart for every class with objects, the worst first. */
export function renderClassCurves({ perClass }: Evaluation): Html {
  const plot: Plot = { left: 1, top: 1, width: 98, height: 68 };
  const cards = perClass
    .filter(({ precision }) => precision !== null)
    .toSorted((a, b) => a.metrics.AP50! - b.metrics.AP50!)
    .map(({ name, metrics, precision, truths }) => {
      const [wide, tight] = [IOU_50, IOU_75].map((t) => pathOf(rowOf(precision!, t), plot));
      const label = `Precision over recall of ${name}`;
      return html`<li class="small-chart"><svg viewBox="0 0 100 70" role="img" aria-label="${label}">
<rect class="frame" x="1" y="1" width="98" height="68"></rect>
<path class="curve second" d="${tight!}"></path><path class="curve first" d="${wide!}"></path>
</svg><b>${name}</b><span>AP50 ${figure(metrics.AP50)}, ${truths} ${
        truths === 1 ? "object" : "objects"
      }</span></li>`;
    });
  return html`<ul class="small-charts">${cards}</ul>`;
}

/** Precision at each recall, averaged over the classes with objects; `null` where there are none. */
function meanCurve({ perClass }: Evaluation, threshold: number): number[] | null {
  const curves = perClass.flatMap(({ precision }) =>
    precision === null ? [] : [rowOf(precision, threshold)]
  );
  if (curves.length === 0) return null;
  return Array.from(
    { length: POINTS },
    (_, i) => curves.reduce((sum, curve) => sum + curve[i]!, 0) / curves.length,
  );
}

function rowOf(precision: Float64Array, threshold: number): Float64Array {
  return precision.subarray(threshold * POINTS, (threshold + 1) * POINTS);
}

/** A line through the points of a curve; points on a level line are left out. */
function pathOf(curve: ArrayLike<number>, { left, top, width, height }: Plot): string {
  const at = (i: number): string => {
    const x = coordinate(left + RECALL_POINTS[i]! * width);
    return `${x} ${coordinate(top + (1 - curve[i]!) * height)}`;
  };
  let path = `M${at(0)}`;
  for (let i = 1; i < POINTS; i++) {
    const isLevel = i + 1 < POINTS && curve[i] === curve[i - 1] && curve[i] === curve[i + 1];
    if (!isLevel) path += `L${at(i)}`;
  }
  return path;
}
