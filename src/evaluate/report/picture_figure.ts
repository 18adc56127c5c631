import type { BoxPx, JudgedBox, JudgedImage } from "../worst_images.ts";
import { coordinate, type Html, html } from "../../report/html.ts";

/** A picture of the report with what was to be found and was found in it. */
export interface ReportPicture extends JudgedImage {
  /** Width of the picture that the boxes are given in, in pixels. */
  readonly widthPx: number;
  /** Its height. */
  readonly heightPx: number;
  /** The picture as a JPEG of any size, in base64; `null` for boxes on an empty ground. */
  readonly jpegBase64: string | null;
}

/** Height of a label's text as a share of the picture's width: all are shown equally wide. */
const TEXT_SHARE = 1 / 34;
/** Width of a character and height of a label as shares of the text's height. */
const CHARACTER_SHARE = 0.66;
const TAG_SHARE = 1.25;
/** In what order kinds are drawn: mistakes on top. */
const DRAWN: readonly JudgedBox["kind"][] = ["crowd", "hit", "miss", "false"];

/** A picture with its boxes. */
export function renderPicture(picture: ReportPicture): Html {
  const { widthPx, heightPx, jpegBase64, image, hits, misses, falses, boxes } = picture;
  const name = image.fileName ?? `picture ${image.id}`;
  const counts = `${hits} found, ${misses} missed, ${falses} false`;
  const drawn = DRAWN.flatMap((kind) => boxes.filter((box) => box.kind === kind));
  const textPx = TEXT_SHARE * widthPx;
  const labels = new LabelShelf(widthPx, heightPx, textPx);
  // The most certain mistakes get their labels first; the others where there is room left.
  const labelled = boxes.toSorted((a, b) => scoreOf(b) - scoreOf(a)).map((box) => {
    const place = labels.place(box);
    return place === null ? "" : renderLabel(box, place, textPx);
  });
  const ground = jpegBase64 === null
    ? html`<rect class="empty" width="${widthPx}" height="${heightPx}"></rect>`
    : html`
      <image href="data:image/jpeg;base64,${jpegBase64}" width="${widthPx}" height="${heightPx}"
        preserveAspectRatio="none"></image>
    `;
  return html`
    <figure class="picture">
      <svg viewBox="0 0 ${widthPx} ${heightPx}" role="img" aria-label="${name}: ${counts}"
        font-size="${coordinate(textPx)}">${ground}${[...drawn.map(renderBox), ...labelled]}</svg>
      <figcaption><b>${name}</b> ${counts}</figcaption>
    </figure>
  `;
}

function renderBox(box: JudgedBox): Html {
  const truth = box.kind === "hit" ? renderRect(box.truthPx, "truth") : "";
  return html`<g class="${box.kind}"><title>${box.kind}: ${labelOf(box)}</title>${truth}${
    renderRect(box.boxPx, "box")
  }</g>`;
}

function renderRect([x, y, width, height]: BoxPx, style: string): Html {
  return html`
    <rect class="${style}" x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(width)}"
      height="${coordinate(height)}"></rect>
  `;
}

function renderLabel(box: JudgedBox, place: BoxPx, textPx: number): Html {
  const [x, y] = [place[0] + 0.5 * CHARACTER_SHARE * textPx, place[1] + 0.95 * textPx];
  return html`<g class="${box.kind}">${renderRect(place, "tag")}<text x="${coordinate(x)}" y="${
    coordinate(y)
  }">${labelOf(box)}</text></g>`;
}

function labelOf(box: JudgedBox): string {
  return "score" in box ? `${box.className} ${box.score.toFixed(2)}` : box.className;
}

/** Misses have no score; they come after false detections. */
function scoreOf(box: JudgedBox): number {
  return "score" in box ? box.score : 0;
}

/** Finds places for the labels of mistakes that do not cover each other. */
class LabelShelf {
  readonly #widthPx: number;
  readonly #heightPx: number;
  readonly #textPx: number;
  readonly #taken: BoxPx[] = [];

  constructor(widthPx: number, heightPx: number, textPx: number) {
    this.#widthPx = widthPx;
    this.#heightPx = heightPx;
    this.#textPx = textPx;
  }

  /** Above the box, inside or below it; `null` where there is no room or no label is due. */
  place(box: JudgedBox): BoxPx | null {
    if (box.kind !== "miss" && box.kind !== "false") return null;
    const [x, y, , boxHeight] = box.boxPx;
    const width = (labelOf(box).length + 1) * CHARACTER_SHARE * this.#textPx;
    const height = TAG_SHARE * this.#textPx;
    const left = Math.max(0, Math.min(x, this.#widthPx - width));
    for (const top of [y - height, y, y + boxHeight]) {
      const place = [left, top, width, height] as const;
      const isInside = top >= 0 && top + height <= this.#heightPx;
      if (!isInside || this.#taken.some((other) => overlaps(place, other))) continue;
      this.#taken.push(place);
      return place;
    }
    return null;
  }
}

function overlaps([x, y, width, height]: BoxPx, other: BoxPx): boolean {
  return x < other[0] + other[2] && other[0] < x + width &&
    y < other[1] + other[3] && other[1] < y + height;
}
