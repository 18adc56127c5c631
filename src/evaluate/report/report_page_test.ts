import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { evaluateDetections, type Evaluation } from "../evaluate_detections.ts";
import { parseAnnotations } from "../parse_annotations.ts";
import { type CocoDetection, parseDetections } from "../parse_detections.ts";
import { findWorstImages } from "../worst_images.ts";
import { escapeHtml, html } from "../../report/html.ts";
import { renderReport } from "./report_page.ts";

const EVIL = `<img src=x onerror=alert(1)>"'&`;

interface Material {
  readonly evaluation: Evaluation;
  readonly pictures: ReturnType<typeof findWorstImages>;
}

function material(found: readonly CocoDetection[], className = "car"): Material {
  const truth = parseAnnotations({
    images: [{ id: 0, file_name: EVIL }],
    categories: [{ id: 0, name: className }, { id: 1, name: "van" }],
    annotations: [
      { id: 1, image_id: 0, category_id: 0, bbox: [0, 0, 40, 40] },
      { id: 2, image_id: 0, category_id: 1, bbox: [100, 0, 40, 40] },
    ],
  });
  const detections = parseDetections(found, truth);
  const evaluation = evaluateDetections(truth, detections, { score: 0.3 });
  return { evaluation, pictures: findWorstImages(truth, detections, evaluation, 12) };
}

function render({ evaluation, pictures }: Material, jpegBase64: string | null): string {
  return renderReport(evaluation, {
    title: EVIL,
    facts: [[EVIL, EVIL]],
    notes: [EVIL],
    pictures: pictures.map((one) => ({ ...one, widthPx: 200, heightPx: 100, jpegBase64 })),
  });
}

const FOUND: CocoDetection[] = [
  { image_id: 0, category_id: 0, bbox: [0, 0, 40, 40], score: 0.9 },
  { image_id: 0, category_id: 0, bbox: [100, 0, 40, 40], score: 0.8 },
];

Deno.test("renderReport() lets nothing from files into the page as HTML", () => {
  const page = render(material(FOUND, EVIL), null);
  assert(!page.includes("<img"));
  assertStringIncludes(page, escapeHtml(EVIL));
});

Deno.test("renderReport() needs nothing from elsewhere", () => {
  const page = render(material(FOUND), "AAAA");
  assert(!/<script|<link|@import|url\(|https?:/i.test(page));
  const sources = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
  assertEquals(sources, ["data:image/jpeg;base64,AAAA"]);
  assertStringIncludes(page, "default-src 'none'");
  assertStringIncludes(page, `name="viewport"`);
});

Deno.test("renderReport() draws boxes of every kind, with labels for mistakes", () => {
  const page = render(material(FOUND), null);
  for (const kind of ["hit", "false", "miss"]) assertStringIncludes(page, `<g class="${kind}">`);
  assertStringIncludes(page, `<rect class="empty"`);
  const labels = [...page.matchAll(/<text x="[\d.]+" y="[\d.]+">\s*([^<]*?)\s*<\/text>/g)];
  const inPicture = labels.map((match) => match[1]!).filter((text) => /car|van/.test(text));
  assertEquals(inPicture, ["car 0.80", "van"]);
});

Deno.test("renderReport() says what cannot be measured, and bears an empty evaluation", () => {
  const page = render(material([]), null);
  assertStringIncludes(page, "–");
  assert(!/NaN|undefined|Infinity|null/.test(page));
});

Deno.test("renderReport() is well-formed: every element that opens closes", () => {
  const page = render(material(FOUND), "AAAA").replace(/<style>[\s\S]*?<\/style>/, "");
  const open: string[] = [];
  for (const [, close, name, self] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (["meta", "input"].includes(name!) || self === "/") continue;
    if (close === "/") assertEquals(open.pop(), name);
    else open.push(name!);
  }
  assertEquals(open, []);
});

Deno.test("html`` escapes text and attributes and joins lists", () => {
  const items = ["<", `"`].map((item) => html`<li title="${item}">${item}</li>`);
  assertEquals(
    html`<ul>${items}${3}${""}</ul>`.text,
    `<ul><li title="&lt;">&lt;</li><li title="&quot;">&quot;</li>3</ul>`,
  );
});
