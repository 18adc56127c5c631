// A page in a frame of a stated width, in a real browser, with a script beside it that looks.
import { assert, assertEquals } from "@std/assert";
import { escapeHtml } from "../../src/report/html.ts";
import { openInBrowser } from "./browser.ts";

/** How a page is shown. */
export interface FramedView {
  /** Width of the frame in pixels. */
  readonly width: number;
  /** Width of the window around it in pixels. */
  readonly windowWidth: number;
  /** Whether the reader has chosen dark. */
  readonly dark: boolean;
}

/**
 * Shows a page and gives what a script found out about it, which stands beside the page, whose own
 * rules allow none. The script leaves its findings as JSON in the document's title. Fails if the
 * browser had anything to complain about.
 *
 * @param folder Where the document is put that holds the frame.
 */
export async function probePage<Findings>(
  browser: string,
  folder: string,
  page: string,
  script: string,
  { width, windowWidth, dark }: FramedView,
): Promise<Findings> {
  const probe = `${folder}/probe.html`;
  const frame = `<iframe style="border:0;width:${width}px;height:900px" srcdoc="${
    escapeHtml(page)
  }"></iframe>`;
  await Deno.writeTextFile(
    probe,
    `<!DOCTYPE html><meta charset="utf-8"><title></title><body style="margin:0">${frame}<script>${script}</script>`,
  );
  const { dom, console } = await openInBrowser(browser, probe, { width: windowWidth, dark });
  assertEquals(console, "");
  const title = /<title>([^<]*)<\/title>/.exec(dom)?.[1] ?? "";
  assert(title !== "", dom.slice(-500));
  return JSON.parse(title.replaceAll("&amp;", "&")) as Findings;
}
