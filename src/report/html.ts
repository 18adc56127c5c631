/** Text that is HTML already and goes into a page as it is. */
export class Html {
  /** The HTML. */
  readonly text: string;

  /** Believes that `text` is well-formed HTML. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in an {@linkcode html} template. */
export type HtmlPart = Html | string | number | readonly HtmlPart[];

/** Makes HTML of a template; what is put in is escaped, unless it is HTML itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  const text = strings.reduce((all, string, i) => all + render(parts[i - 1]!) + string);
  return new Html(text);
}

function render(part: HtmlPart): string {
  if (part instanceof Html) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return part.map(render).join("");
}

/** Replaces what has a meaning in HTML, in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A share to three digits; a dash where there is nothing to measure. */
export function figure(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}

/** A coordinate in an SVG, to a tenth of a unit. */
export function coordinate(value: number): string {
  return String(Math.round(10 * value) / 10);
}
