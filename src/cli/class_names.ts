import { FoveaError } from "../core/errors.ts";
import { parseList, wrongValue } from "./parse_value.ts";

/** Most bytes a file of class names may have. */
const FILE_BYTES_MAX = 1 << 20;

/**
 * Reads the class names given to `--names`: `a,b,c`, or a text file with one name a line.
 *
 * Text with a comma is a list; anything else is a file if there is one by that name.
 *
 * @throws {FoveaError} `USAGE` if it is neither, or the file holds no names.
 */
export async function readClassNames(value: string): Promise<string[]> {
  if (value.includes(",")) return parseList("--names", value);
  const text = await readNamesFile(value);
  if (text === null) {
    if (/[/\\]|\.\w+$/.test(value)) throw wrongValue("--names", "a file that exists", value);
    return [value];
  }
  const names = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  if (names.length === 0) throw wrongValue("--names", "a file with one name a line", value);
  return names;
}

async function readNamesFile(path: string): Promise<string | null> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile || size > FILE_BYTES_MAX) {
      throw wrongValue("--names", `a text file of at most ${FILE_BYTES_MAX} bytes`, path);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    if (cause instanceof FoveaError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("USAGE", `Cannot read ${path} for --names: ${reason}`, { cause });
  }
}
