import type { AVPixelFormat } from "node-av/constants";
import type { FilterContext, FilterGraph, Frame as AvFrame } from "node-av/lib";
import { FoveaError } from "../core/errors.ts";
import { type AvLibrary, describeAvError } from "./av_library.ts";
import type { Turn } from "./turn.ts";

/** FFmpeg's filters for each turn. */
const FILTERS: Readonly<Record<Exclude<Turn, "none">, string>> = {
  clockwise: "transpose=clock",
  counterclockwise: "transpose=cclock",
  half: "hflip,vflip",
  mirror: "hflip",
  flip: "vflip",
  transpose: "transpose=cclock_flip",
  antitranspose: "transpose=clock_flip",
};

interface Graph {
  /** What it was made for. */
  readonly key: string;
  readonly graph: FilterGraph;
  readonly input: FilterContext;
  readonly output: FilterContext;
}

/** Turns pictures the right way up, with FFmpeg's filters; a graph lasts while nothing changes. */
export class AvTurner implements Disposable {
  readonly #av: AvLibrary;
  #graph: Graph | null = null;
  #turned: AvFrame | null = null;

  /** Makes a turner that allocates when there is something to turn. */
  constructor(av: AvLibrary) {
    this.#av = av;
  }

  /**
   * A turned copy of `frame`, valid until the next call.
   *
   * @throws {FoveaError} `PIXEL_FORMAT` if FFmpeg cannot turn such pictures.
   */
  async turn(frame: AvFrame, turn: Exclude<Turn, "none">): Promise<AvFrame> {
    const { lib, constants } = this.#av;
    const { input, output } = this.#prepare(frame, turn);
    if (this.#turned === null) {
      this.#turned = new lib.Frame();
      this.#turned.alloc();
    }
    this.#turned.unref();
    const keep = constants.AV_BUFFERSRC_FLAG_KEEP_REF;
    this.#check(await input.buffersrcAddFrame(frame, keep), frame);
    this.#check(await output.buffersinkGetFrame(this.#turned), frame);
    return this.#turned;
  }

  /** Frees the graph and the picture. */
  [Symbol.dispose](): void {
    this.#turned?.free();
    this.#turned = null;
    this.#graph?.graph.free();
    this.#graph = null;
  }

  #prepare(frame: AvFrame, turn: Exclude<Turn, "none">): Graph {
    const { width, height, format, colorRange, colorSpace } = frame;
    const key = [turn, width, height, format, colorRange, colorSpace].join();
    if (this.#graph?.key === key) return this.#graph;
    this.#graph?.graph.free();
    this.#graph = null;
    const { lib } = this.#av;
    const graph = new lib.FilterGraph();
    try {
      graph.alloc();
      graph.nbThreads = 1;
      const name = lib.avGetPixFmtName(format as AVPixelFormat);
      const description = [
        `buffer@in=video_size=${width}x${height}:pix_fmt=${name}:time_base=1/1000000` +
        `:range=${Number(colorRange)}:colorspace=${Number(colorSpace)}`,
        FILTERS[turn],
        "buffersink@out",
      ].join(",");
      this.#check(graph.parsePtr(description), frame);
      this.#check(graph.configSync(), frame);
      const input = graph.getFilter("buffer@in");
      const output = graph.getFilter("buffersink@out");
      if (input === null || output === null) throw new TypeError("Cannot find the ends of a graph");
      this.#graph = { key, graph, input, output };
      return this.#graph;
    } catch (error) {
      graph.free();
      throw error;
    }
  }

  #check(code: number, { width, height }: AvFrame): void {
    if (code >= 0) return;
    throw new FoveaError(
      "PIXEL_FORMAT",
      `Cannot turn pictures of ${width}×${height}: ${describeAvError(this.#av, code)}`,
      { hint: "Convert the file so that its pictures stand upright" },
    );
  }
}
