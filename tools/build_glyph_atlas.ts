/**
 * Draws the characters that labels use and writes src/sink/font/glyph_atlas.ts.
 *
 *     deno run -A tools/build_glyph_atlas.ts            writes the file
 *     deno run -A tools/build_glyph_atlas.ts --check    fails if the committed file differs
 *     … --font file.woff                                takes the font from a file
 *
 * The font comes from the npm package below, into a temporary folder; FFmpeg's `drawtext`
 * (FreeType) draws it. The same font and the same node-av give the same bytes.
 */
import { Log } from "node-av/lib";
import { AV_LOG_ERROR } from "node-av/constants";
import { drawText, type Ink } from "./draw_text.ts";

const PACKAGE = "@fontsource/roboto@5.0.15";
const FONT_FILE = "files/roboto-latin-500-normal.woff";
const FONT_SHA256 = "0906a6f53a0087c835b219ed43abb2334526cddf8e2c033d73a29d5d2376a948";
const SIZES_PX = [11, 14, 20, 28];
const ASSET = new URL("../src/sink/font/glyph_atlas.ts", import.meta.url);

interface FontBytes {
  readonly sizePx: number;
  readonly ascentPx: number;
  readonly descentPx: number;
  readonly glyphs: Uint8Array;
}

async function main(args: readonly string[]): Promise<number> {
  Log.setLevel(AV_LOG_ERROR);
  const fontAt = args.indexOf("--font");
  const named = fontAt < 0 ? undefined : args[fontAt + 1];
  const folder = await Deno.makeTempDir();
  try {
    const font = named ?? await installFont(folder);
    await checkFont(font);
    const fonts: FontBytes[] = [];
    for (const sizePx of SIZES_PX) fonts.push(await drawFont(font, sizePx, folder));
    const text = formatModule(fonts);
    if (!args.includes("--check")) {
      await Deno.writeTextFile(ASSET, text);
      return 0;
    }
    if (await Deno.readTextFile(ASSET) === text) return 0;
    await Deno.stderr.write(
      new TextEncoder().encode("glyph_atlas.ts is not what it is built from\n"),
    );
    return 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Installs the font's package into `folder` and returns the font's path. */
async function installFont(folder: string): Promise<string> {
  await Deno.writeTextFile(
    `${folder}/deno.json`,
    JSON.stringify({ nodeModulesDir: "auto", imports: { font: `npm:${PACKAGE}` } }),
  );
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet"],
    cwd: folder,
  }).output();
  if (!success) throw new Error(`Cannot install ${PACKAGE}: ${new TextDecoder().decode(stderr)}`);
  return `${folder}/node_modules/@fontsource/roboto/${FONT_FILE}`;
}

async function checkFont(path: string): Promise<void> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  const sha256 = new Uint8Array(digest).toHex();
  if (sha256 !== FONT_SHA256) throw new Error(`Cannot use ${path}: its SHA-256 is ${sha256}`);
}

async function drawFont(font: string, sizePx: number, folder: string): Promise<FontBytes> {
  const glyphs: number[] = [];
  let ascentPx = 0;
  let descentPx = 0;
  const style = { font, sizePx, folder };
  const bars = await drawText("||", style);
  for (let code = 32; code <= 126; code++) {
    const character = String.fromCharCode(code);
    const ink = await drawText(character, style);
    // Sixteen in a row between two bars tell the advance to a sixteenth, also that of a space.
    const row = await drawText(`|${character.repeat(16)}|`, style);
    const advancePx = Math.round((row.width - bars.width) / 16);
    glyphs.push(advancePx, ink.left & 255, ink.top & 255, ink.width, ink.height, ...packMask(ink));
    ascentPx = Math.max(ascentPx, ink.top);
    descentPx = Math.max(descentPx, ink.height - ink.top);
  }
  return { sizePx, ascentPx, descentPx, glyphs: Uint8Array.from(glyphs) };
}

/** Two 4-bit alphas a byte, the high half first, rows padded to whole bytes. */
function packMask({ width, height, alpha }: Ink): number[] {
  const packed: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += 2) {
      const high = Math.round(alpha[y * width + x]! / 17);
      const low = x + 1 < width ? Math.round(alpha[y * width + x + 1]! / 17) : 0;
      packed.push(high << 4 | low);
    }
  }
  return packed;
}

function formatModule(fonts: readonly FontBytes[]): string {
  const entries = fonts.map(({ sizePx, ascentPx, descentPx, glyphs }) =>
    `  {
    sizePx: ${sizePx},
    ascentPx: ${ascentPx},
    descentPx: ${descentPx},
    glyphs:
      "${glyphs.toBase64()}",
  },
`
  );
  return `// Written by tools/build_glyph_atlas.ts; do not edit.
// Drawn from Roboto Medium, Copyright Google LLC, Apache License 2.0
// (npm package ${PACKAGE}, ${FONT_FILE}).
import type { EncodedFont } from "./glyph_font.ts";

/** The characters labels are drawn with, smallest size first. */
export const GLYPH_ATLAS: readonly EncodedFont[] = [
${entries.join("")}];
`;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
