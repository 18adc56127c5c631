// The report of `eval` in a real browser: on a phone and a desk, light and dark.
import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { findBrowser } from "../support/browser.ts";
import {
  annotateCells,
  CELL_CATEGORIES,
  type ColoredCell,
  makeCellImage,
} from "../support/cell_pictures.ts";
import { withTempFolder } from "../support/cli_process.ts";
import { contrast } from "../support/contrast.ts";
import { probePage } from "../support/framed_page.ts";
import { runInProcess } from "../support/memory_terminal.ts";

const MODEL = new URL("../../models/tiny/yolo_v8.onnx", import.meta.url).pathname;

/** What the probe finds out about the report. */
interface Findings {
  /** Width that the page needs, and what it has, in pixels. */
  readonly scrollWidth: number;
  readonly clientWidth: number;
  /** Sizes of the embedded pictures that could be decoded. */
  readonly pictures: readonly (readonly [number, number])[];
  /** Background and text as `[red, green, blue]`. */
  readonly ground: readonly number[];
  readonly ink: readonly number[];
  readonly soft: readonly number[];
  /** Boxes of misses that show, before and after their kind is switched off. */
  readonly misses: readonly [number, number];
  readonly curves: number;
}

/** Runs beside the report, whose own rules allow no script. */
const PROBE = `
addEventListener("load", async () => {
  const { contentDocument: page, contentWindow: view } = document.querySelector("iframe");
  const rgb = (element, property) =>
    view.getComputedStyle(element)[property].match(/[\\d.]+/g).slice(0, 3).map(Number);
  const pictures = await Promise.all([...page.querySelectorAll("svg image")].map(async (found) => {
    const image = new Image();
    image.src = found.getAttribute("href");
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  }));
  const misses = () => [...page.querySelectorAll("g.miss")]
    .filter((group) => view.getComputedStyle(group).display !== "none").length;
  const shown = misses();
  page.querySelector("#show-miss").click();
  document.title = JSON.stringify({
    scrollWidth: page.documentElement.scrollWidth,
    clientWidth: page.documentElement.clientWidth,
    pictures,
    ground: rgb(page.body, "backgroundColor"),
    ink: rgb(page.body, "color"),
    soft: rgb(page.querySelector(".note"), "color"),
    misses: [shown, misses()],
    curves: page.querySelectorAll("path.curve").length,
  });
});`;

/** A report with a hit, a miss and a false detection in each of two pictures. */
async function makeReport(folder: string): Promise<string> {
  const cells: ColoredCell[] = [
    { column: 2, row: 2, color: "red" },
    { column: 9, row: 6, color: "blue" },
  ];
  const there: ColoredCell[] = [cells[0]!, { column: 12, row: 9, color: "red" }];
  const pictures = [{ id: 1, file_name: "one.bmp" }, { id: 2, file_name: "two.bmp" }];
  for (const { file_name } of pictures) await makeCellImage(`${folder}/${file_name}`, cells);
  const annotations = annotateCells(pictures.map(({ id }) => ({ id, cells: there })));
  const truth = { images: pictures, categories: CELL_CATEGORIES, annotations };
  await Deno.writeTextFile(`${folder}/truth.json`, JSON.stringify(truth));
  const report = `${folder}/out/eval.html`;
  const inputs = ["-m", MODEL, "--images", folder, "--annotations", `${folder}/truth.json`];
  const { code, stderr } = await runInProcess(["eval", ...inputs, "--report", report]);
  assertEquals(code, 0, stderr);
  return await Deno.readTextFile(report);
}

const browser = findBrowser();

Deno.test({
  name: `the report of eval fits a phone and a desk, light and dark${
    browser === null ? " [skipped: no chromium]" : ""
  }`,
  ignore: browser === null,
  fn: () =>
    withTempFolder(async (folder) => {
      const report = await makeReport(folder);
      for (const { width, dark } of [{ width: 360, dark: false }, { width: 1200, dark: true }]) {
        const view = { width, windowWidth: 1300, dark };
        const found = await probePage<Findings>(browser!, folder, report, PROBE, view);
        assertLessOrEqual(found.scrollWidth, found.clientWidth, `at ${width}`);
        assertEquals(found.pictures, [[128, 96], [128, 96]]);
        assertEquals(found.misses[0] > 0 && found.misses[1] === 0, true, `${found.misses}`);
        assertGreater(found.curves, 3);
        const brightness = found.ground.reduce((sum, value) => sum + value, 0) / 3;
        assertEquals(brightness < 128, dark);
        assertGreater(contrast(found.ink, found.ground), 7);
        assertGreater(contrast(found.soft, found.ground), 4.5);
      }
    }),
});
