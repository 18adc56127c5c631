/** What a made clip shows. */
export interface ClipOptions {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Number of frames, at 25 a second where it is drawn, else at 30. */
  readonly frames: number;
  /** A clip to scale and loop; `null` for the drawn street. */
  readonly source: string | null;
}

const CLI = new URL("../src/cli/main.ts", import.meta.url);
const FOLDER = new URL("../out/bench/", import.meta.url);

/**
 * Makes an H.264 clip under `out/bench`, or finds the one made before with the same options.
 *
 * The encoder is node-av's x264, so no FFmpeg is needed on the machine.
 */
export async function makeClip(options: ClipOptions): Promise<string> {
  const { width, height, frames, source } = options;
  const content = source === null ? "drawn" : "street";
  const path = new URL(`${content}_${width}x${height}_${frames}.mp4`, FOLDER).pathname;
  if (await exists(path)) return path;
  await Deno.mkdir(FOLDER, { recursive: true });
  const partial = path.replace(/\.mp4$/, `.${Deno.pid}.part.mp4`);
  if (source === null) await drawWorld(options, partial);
  else await encode(graphOf(source, options), partial);
  await Deno.rename(partial, path);
  return path;
}

/** The frames of a street, as they are. */
async function drawWorld({ width, height, frames }: ClipOptions, path: string): Promise<void> {
  const uri = `synthetic:street?seed=4&size=${width}x${height}&frames=${frames}`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", CLI.pathname, "world", uri, "--save", path],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot draw ${path}: ${new TextDecoder().decode(stderr)}`);
}

/** The source as an FFmpeg filter graph without inputs. */
function graphOf(source: string, { width, height, frames }: ClipOptions): string {
  return `movie=filename='${source}':loop=0,setpts=N/(30*TB),` +
    `scale=${width}:${height}:flags=bicubic,trim=end_frame=${frames},format=yuv420p`;
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
