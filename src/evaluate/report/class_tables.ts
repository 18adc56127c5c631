import type { Evaluation } from "../evaluate_detections.ts";
import { figure, type Html, html } from "../../report/html.ts";

/** Classes up to which the whole matrix is shown. */
const MATRIX_CLASSES_MAX = 20;
/** Other classes that a row names. */
const OTHERS_MAX = 4;

/** Figures of every class that has objects or reported detections, by the number of objects. */
export function renderClassTable({ perClass }: Evaluation): Html {
  const rows = perClass
    .filter(({ truths, hits, falses }) => truths + hits + falses > 0)
    .toSorted((a, b) => b.truths - a.truths)
    .map(({ name, truths, metrics, f1 }) =>
      html`<tr><th scope="row">${name}</th><td>${truths}</td>${
        [metrics.AP, metrics.AP50, metrics.AP75, f1.precision, f1.recall, f1.f1]
          .map((value) => html`<td>${figure(value)}</td>`)
      }</tr>`
    );
  const silent = perClass.length - rows.length;
  return html`
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>class</th>
            <th>objects</th>
            <th>AP</th>
            <th>AP50</th>
            <th>AP75</th>
            <th>precision</th>
            <th>recall</th>
            <th>F1</th>
          </tr>
        </thead>
        <tbody>${rows}</tbody>
      </table>
    </div>
    ${silent === 0 ? "" : html`<p class="note">${silent} more without objects and detections</p>`}
  `;
}

/** What objects of each class were taken for; the whole matrix where there are few classes. */
export function renderConfusion(evaluation: Evaluation): Html {
  const { classNames, counts } = evaluation.confusion;
  const size = classNames.length;
  const background = size - 1;
  const at = (row: number, column: number): number => counts[row * size + column]!;
  const all = Array.from({ length: background }, (_, i) => i);
  const involved = all.filter((i) =>
    evaluation.perClass[i]!.truths > 0 || evaluation.perClass[i]!.falses > 0
  );
  const mistakes = (i: number): number => {
    const { misses, falses } = evaluation.perClass[i]!;
    return misses + falses;
  };
  const rows = involved.toSorted((a, b) => mistakes(b) - mistakes(a)).map((i) => {
    const others = all
      .filter((column) => column !== i && at(i, column) > 0)
      .toSorted((a, b) => at(i, b) - at(i, a));
    const told = others.slice(0, OTHERS_MAX)
      .map((column) => `${classNames[column]} ${at(i, column)}`);
    const more = others.length - told.length;
    return html`
      <tr>
        <th scope="row">${classNames[i]!}</th>
        <td>${at(i, i)}</td>
        <td>${at(i, background)}</td>
        <td>${at(background, i)}</td>
        <td class="words">${told.join(", ")}${more > 0 ? ` and ${more} more` : ""}</td>
      </tr>
    `;
  });
  const matrix = involved.length > 1 && involved.length <= MATRIX_CLASSES_MAX
    ? renderMatrix(evaluation, [...involved, background])
    : "";
  return html`
    ${matrix}<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>class</th>
            <th>found</th>
            <th>missed</th>
            <th>false</th>
            <th class="words">taken for</th>
          </tr>
        </thead>
        <tbody>${rows}</tbody>
      </table>
    </div>
  `;
}

function renderMatrix({ confusion }: Evaluation, shown: readonly number[]): Html {
  const { classNames, counts } = confusion;
  const nameOf = (i: number): string => classNames[i] ?? "nothing";
  const rows = shown.map((row) => {
    const line = shown.map((column) => counts[row * classNames.length + column]!);
    const most = Math.max(1, ...line);
    const cells = line.map((count, i) => {
      const kind = shown[i] === row ? "right" : "wrong";
      const share = Math.round(100 * count / most);
      return html`<td class="cell ${kind}" style="--share:${share}%">${
        count === 0 ? "" : count
      }</td>`;
    });
    return html`<tr><th scope="row">${nameOf(row)}</th>${cells}</tr>`;
  });
  return html`
    <div class="scroll">
      <table class="matrix">
        <caption>Rows: what was there. Columns: what was found.</caption>
        <thead>
          <tr><th></th>${shown.map((i) => html`<th scope="col">${nameOf(i)}</th>`)}</tr>
        </thead>
        <tbody>${rows}</tbody>
      </table>
    </div>
  `;
}
