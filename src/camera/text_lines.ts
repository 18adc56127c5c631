/** Most characters of a line; what is longer is handed on in pieces. */
const LINE_CHARS_MAX = 16_384;

/** Reads a stream of text to its end and hands each line to `take`, the last one too. */
export async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop()!;
    for (const line of lines) take(line);
    if (rest.length > LINE_CHARS_MAX) {
      take(rest);
      rest = "";
    }
  }
  if (rest !== "") take(rest);
}
