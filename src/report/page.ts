import { Html, html } from "./html.ts";
import { PAGE_STYLE } from "./page_style.ts";

/** What a page consists of. */
export interface PageParts {
  /** Title and heading. */
  readonly title: string;
  /** Facts under the heading, as name and value. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Remarks under the facts. */
  readonly notes?: readonly string[];
  /** Style beside the one that all pages share. */
  readonly style?: string;
  /** Everything between heading and footer. */
  readonly main: Html;
  /** The last line. */
  readonly footer: string;
}

/** A whole HTML page that loads nothing from anywhere, as text. */
export function renderPage(
  { title, facts, notes = [], style = "", main, footer }: PageParts,
): string {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <title>${title}</title>
        <style>${new Html(PAGE_STYLE + style)}</style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <dl class="facts">${facts.map(([name, value]) =>
            html`
              <div>
                <dt>${name}</dt>
                <dd>${value}</dd>
              </div>
            `
          )}</dl>
          ${notes.map((note) => html`<p class="note">${note}</p>`)}
        </header>
        <main>${main}</main>
        <footer>${footer}</footer>
      </body>
    </html>
  `.text;
}
