import { FFmpegError, FilterGraph, Frame } from "node-av/lib";

/** What text is drawn with. */
export interface TextStyle {
  /** Path of the font file. */
  readonly font: string;
  /** Size in pixels. */
  readonly sizePx: number;
  /** Where a scratch file may be written. */
  readonly folder: string;
}

/** The ink of a line of text, cut to its bounds. */
export interface Ink {
  /** From the origin to the left edge in pixels. */
  readonly left: number;
  /** From the baseline up to the top edge in pixels. */
  readonly top: number;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Opacity, `[height, width]`, 0–255. */
  readonly alpha: Uint8Array;
}

/** Draws one line of text, white on black, without kerning or ligatures. */
export async function drawText(text: string, { font, sizePx, folder }: TextStyle): Promise<Ink> {
  const originX = sizePx;
  const baselineY = 2 * sizePx;
  const [width, height] = [(text.length + 3) * 2 * sizePx, 3 * sizePx];
  await Deno.writeTextFile(`${folder}/text`, text);
  using graph = new FilterGraph();
  graph.alloc();
  const filters = [
    `color=c=black:s=${width}x${height},format=gray`,
    `drawtext=fontfile=${font}:textfile=${folder}/text:expansion=none:text_shaping=0` +
    `:fontsize=${sizePx}:fontcolor=white:x=${originX}:y=${baselineY}:y_align=baseline`,
    "buffersink",
  ];
  FFmpegError.throwIfError(graph.parsePtr(filters.join(",")), "parse the filters");
  FFmpegError.throwIfError(await graph.config(), "configure the filters");
  using frame = new Frame();
  frame.alloc();
  const sink = graph.filters?.find((filter) => filter.name?.includes("buffersink"));
  if (sink === undefined) throw new Error("Cannot draw text: the graph has no end");
  FFmpegError.throwIfError(await sink.buffersinkGetFrame(frame), "draw text");
  return cutInk(frame.data![0]!, frame.linesize[0]!, { width, height, originX, baselineY });
}

interface Page {
  readonly width: number;
  readonly height: number;
  readonly originX: number;
  readonly baselineY: number;
}

/** Copies the smallest rectangle that holds all ink. */
function cutInk(luma: Uint8Array, strideBytes: number, page: Page): Ink {
  const inked: [number, number][] = [];
  for (let y = 0; y < page.height; y++) {
    for (let x = 0; x < page.width; x++) {
      if (luma[y * strideBytes + x]! >= 8) inked.push([x, y]);
    }
  }
  if (inked.length === 0) return { left: 0, top: 0, width: 0, height: 0, alpha: new Uint8Array(0) };
  const xs = inked.map(([x]) => x);
  const ys = inked.map(([, y]) => y);
  const [x1, y1] = [Math.min(...xs), Math.min(...ys)];
  const width = Math.max(...xs) + 1 - x1;
  const height = Math.max(...ys) + 1 - y1;
  const alpha = Uint8Array.from({ length: width * height }, (_, i) => {
    return luma[(y1 + Math.floor(i / width)) * strideBytes + x1 + i % width]!;
  });
  return { left: x1 - page.originX, top: page.baselineY - y1, width, height, alpha };
}
