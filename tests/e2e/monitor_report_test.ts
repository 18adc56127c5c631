// The page of a monitor in a real browser: on a phone and a desk, light and dark, without a network.
import { assert, assertEquals, assertGreater, assertLessOrEqual, assertMatch } from "@std/assert";
import { findBrowser } from "../support/browser.ts";
import { withTempFolder } from "../support/cli_process.ts";
import { contrast } from "../support/contrast.ts";
import { probePage } from "../support/framed_page.ts";
import { runInProcess } from "../support/memory_terminal.ts";

/** A street that becomes foggy: short, and certain to raise an alarm. */
const WORLD = "synthetic:street?seed=4&frames=180&weather=fog:3@110";

/** What the probe finds out about the page. */
interface Findings {
  /** Width that the page needs, and what it has, in pixels. */
  readonly scrollWidth: number;
  readonly clientWidth: number;
  /** Sizes of the embedded pictures; 0 where one cannot be shown. */
  readonly pictures: readonly (readonly [number, number])[];
  /** Background and text as `[red, green, blue]`. */
  readonly ground: readonly number[];
  readonly ink: readonly number[];
  readonly soft: readonly number[];
  /** Charts that show, and the smallest letters in them in pixels. */
  readonly charts: number;
  readonly letterPx: number;
  /** Marks of alarms in the charts that show. */
  readonly alarms: number;
  /** Text that hangs out of its tile. */
  readonly overflowing: readonly string[];
}

/** Runs beside the page, whose own rules allow no script. */
const PROBE = `
addEventListener("load", () => {
  const { contentDocument: page, contentWindow: view } = document.querySelector("iframe");
  const rgb = (element, property) =>
    view.getComputedStyle(element)[property].match(/[\\d.]+/g).slice(0, 3).map(Number);
  // The event waits for the pictures of the page as well.
  const pictures = [...page.querySelectorAll("img")]
    .map(({ naturalWidth, naturalHeight }) => [naturalWidth, naturalHeight]);
  const charts = [...page.querySelectorAll("svg")].filter((svg) => svg.clientWidth > 0);
  const letters = charts.flatMap((svg) => [...svg.querySelectorAll("text")])
    .filter((text) => text.getAttribute("transform") === null)
    .map((text) => text.getBoundingClientRect().height);
  document.title = JSON.stringify({
    scrollWidth: page.documentElement.scrollWidth,
    clientWidth: page.documentElement.clientWidth,
    pictures,
    ground: rgb(page.body, "backgroundColor"),
    ink: rgb(page.body, "color"),
    soft: rgb(page.querySelector("footer"), "color"),
    charts: charts.length,
    letterPx: Math.min(...letters),
    alarms: charts.flatMap((svg) => [...svg.querySelectorAll(".alarm-head")]).length,
    overflowing: [...page.querySelectorAll(".tiles li")]
      .filter((tile) => tile.scrollWidth > tile.clientWidth).map((tile) => tile.textContent),
  });
});`;

async function makeReport(folder: string): Promise<string> {
  const report = `${folder}/out/monitor.html`;
  const { code, stderr } = await runInProcess([
    "monitor",
    WORLD,
    "--labels",
    "truth",
    "--warmup",
    "100",
    "--report",
    report,
  ]);
  assertEquals(code, 3, stderr);
  return await Deno.readTextFile(report);
}

const browser = findBrowser();

Deno.test({
  name: `the page of a monitor fits a phone and a desk, light and dark${
    browser === null ? " [skipped: no chromium]" : ""
  }`,
  ignore: browser === null,
  fn: () =>
    withTempFolder(async (folder) => {
      const report = await makeReport(folder);
      for (const { width, dark } of [{ width: 360, dark: false }, { width: 1280, dark: true }]) {
        const view = { width, windowWidth: 1400, dark };
        const found = await probePage<Findings>(browser!, folder, report, PROBE, view);
        assertLessOrEqual(found.scrollWidth, found.clientWidth, `at ${width}`);
        assertGreater(found.pictures.length, 4);
        assert(found.pictures.every(([w, h]) => w > 0 && h > 0));
        assertEquals(found.charts, 2, "each chart once, at the size that suits");
        assertGreater(found.letterPx, 9);
        assertGreater(found.alarms, 1);
        assertEquals(found.overflowing, []);
        const brightness = found.ground.reduce((sum, value) => sum + value, 0) / 3;
        assertEquals(brightness < 128, dark);
        assertGreater(contrast(found.ink, found.ground), 7);
        assertGreater(contrast(found.soft, found.ground), 4.5);
      }
    }),
});

Deno.test("the page of a monitor loads nothing and runs nothing", async () => {
  await withTempFolder(async (folder) => {
    const report = await makeReport(folder);
    assertMatch(report, /Content-Security-Policy"\s+content="default-src 'none'; img-src data:/);
    const outside = [...report.matchAll(/(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]{1,30})/g)]
      .map(([, target]) => target!).filter((target) => !target.startsWith("data:"));
    assertEquals(outside, []);
    assertEquals(/<script|\son\w+=/.test(report), false);
    assertMatch(report, /suspected: [^<]*low contrast/);
  });
});
