import { FoveaError } from "../core/errors.ts";

/**
 * Writes a file beside its place, flushes it and renames it, so that nobody ever sees half of it and
 * what was there before stays until the new one is whole.
 *
 * @throws {FoveaError} `SINK_WRITE` if that fails, for example because the disk is full; nothing is
 * left behind.
 */
export async function writeAside(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${crypto.randomUUID()}.part`;
  try {
    {
      using file = await Deno.open(aside, { write: true, createNew: true });
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.sync();
    }
    await Deno.rename(aside, path);
  } catch (cause) {
    await Deno.remove(aside).catch(() => {});
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("SINK_WRITE", `Cannot write ${path}: ${reason}`, {
      cause,
      hint:
        "Give a path in a folder that exists, that this program may write, with room on its disk",
    });
  }
}
