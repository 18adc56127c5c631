/**
 * Cuts a pipeline into the words that `gst-launch-1.0` takes as its arguments: at blanks outside
 * quotes. Quotes and backslashes stay, the program reads them itself. `null` if a quote is open.
 */
export function splitPipeline(pipeline: string): string[] | null {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let at = 0; at < pipeline.length; at++) {
    const char = pipeline[at]!;
    if (char === "\\" && at + 1 < pipeline.length) {
      word += char + pipeline[++at];
    } else if (quote === "" && /\s/.test(char)) {
      if (word !== "") words.push(word);
      word = "";
    } else {
      if (quote === "" && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = "";
      word += char;
    }
  }
  if (word !== "") words.push(word);
  return quote === "" ? words : null;
}

/**
 * Writes `name="value"` so that nothing in the value is read as part of the pipeline; `null` if it
 * holds a quote or a backslash, which the program's own rules for them make unsafe.
 */
export function quoteProperty(name: string, value: string): string | null {
  return /["\\]/.test(value) ? null : `${name}="${value}"`;
}

/** A rate as GStreamer writes it: `30/1`, `30000/1001`. */
export function toFraction(fps: number): string {
  if (Number.isInteger(fps)) return `${fps}/1`;
  const ntsc = Math.ceil(fps);
  if (Math.abs(ntsc * 1000 / 1001 - fps) < 0.01) return `${ntsc * 1000}/1001`;
  return `${Math.round(fps * 1000)}/1000`;
}
