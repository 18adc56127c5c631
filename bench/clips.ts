/** What a made clip shows. */
export interface ClipOptions {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Number of frames, at 30 a second. */
  readonly frames: number;
  /** A clip to scale and loop; `null` for FFmpeg's moving test pattern. */
  readonly source: string | null;
}

const FOLDER = new URL("../out/bench/", import.meta.url);

/**
 * Makes an H.264 clip under `out/bench`, or finds the one made before with the same options.
 *
 * The encoder is node-av's x264, so no FFmpeg is needed on the machine.
 */
export async function makeClip(options: ClipOptions): Promise<string> {
  const { width, height, frames, source } = options;
  const content = source === null ? "pattern" : "street";
  const path = new URL(`${content}_${width}x${height}_${frames}.mp4`, FOLDER).pathname;
  if (await exists(path)) return path;
  await Deno.mkdir(FOLDER, { recursive: true });
  const partial = path.replace(/\.mp4$/, `.${Deno.pid}.part.mp4`);
  await encode(graphOf(options), partial);
  await Deno.rename(partial, path);
  return path;
}

/** The source as an FFmpeg filter graph without inputs. */
function graphOf({ width, height, frames, source }: ClipOptions): string {
  const size = `${width}x${height}`;
  const pictures = source === null
    ? `testsrc2=size=${size}:rate=30`
    : `movie=filename='${source}':loop=0,setpts=N/(30*TB),scale=${width}:${height}:flags=bicubic`;
  return `${pictures},trim=end_frame=${frames},format=yuv420p`;
}

async function encode(graph: string, path: string): Promise<void> {
  const { Decoder, Demuxer, Encoder, Log, Muxer } = await import("node-av");
  const { AV_LOG_ERROR, FF_ENCODER_LIBX264 } = await import("node-av/constants");
  Log.setLevel(AV_LOG_ERROR);
  await using input = await Demuxer.open(graph, { format: "lavfi" });
  const stream = input.video();
  if (stream === undefined) throw new Error(`Cannot make ${path}: the graph has no video`);
  using decoder = await Decoder.create(stream);
  using encoder = await Encoder.create(FF_ENCODER_LIBX264, {
    decoder,
    options: { preset: "veryfast", crf: 23 },
  });
  await using output = await Muxer.open(path, { input });
  const index = output.addStream(encoder, { inputStream: stream });
  for await (using packet of encoder.packets(decoder.frames(input.packets(stream.index)))) {
    await output.writePacket(packet, index);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
