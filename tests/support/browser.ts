/** Names under which systems know Chromium. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The path of a Chromium, or `null` where there is none. */
export function findBrowser(): string | null {
  for (const name of NAMES) {
    const { success, stdout } = new Deno.Command("sh", {
      args: ["-c", `command -v ${name}`],
      stderr: "null",
    }).outputSync();
    if (success) return new TextDecoder().decode(stdout).trim();
  }
  return null;
}

/** How a page is opened. */
export interface BrowserOptions {
  /** Width of the window in pixels. */
  readonly width: number;
  /** Whether the reader prefers dark pages. */
  readonly dark: boolean;
}

/** What a browser made of a page. */
export interface OpenedPage {
  /** The document after all scripts, as HTML. */
  readonly dom: string;
  /** What the page, or the browser about it, wrote to the console. */
  readonly console: string;
}

/** Opens a file in a browser without a window and returns what became of it. */
export async function openInBrowser(
  browser: string,
  path: string,
  { width, dark }: BrowserOptions,
): Promise<OpenedPage> {
  const profile = await Deno.makeTempDir({ prefix: "fovea-browser-" });
  try {
    const { stdout, stderr } = await new Deno.Command(browser, {
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-extensions",
        "--disable-background-networking",
        "--enable-logging=stderr",
        `--blink-settings=preferredColorScheme=${dark ? 0 : 1}`,
        `--user-data-dir=${profile}`,
        `--window-size=${width},1000`,
        "--virtual-time-budget=20000",
        "--dump-dom",
        `file://${path}`,
      ],
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const lines = decoder.decode(stderr).split("\n");
    return {
      dom: decoder.decode(stdout),
      console: lines.filter((line) => line.includes("CONSOLE")).join("\n"),
    };
  } finally {
    await Deno.remove(profile, { recursive: true });
  }
}
