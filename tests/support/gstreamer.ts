/** Names of the elements that this machine's GStreamer lacks; asked once for each. */
const missing = new Map<string, boolean>();

function lacks(element: string): boolean {
  const known = missing.get(element);
  if (known !== undefined) return known;
  const found = exists(element);
  missing.set(element, !found);
  return !found;
}

function exists(element: string): boolean {
  try {
    return new Deno.Command("gst-inspect-1.0", {
      args: ["--exists", element],
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Why tests with these elements cannot run here, as a part of their names; `""` if they can. */
export function whyNoGstreamer(elements: readonly string[]): string {
  const absent = elements.filter(lacks);
  return absent.length === 0 ? "" : ` [skipped: no GStreamer with ${absent.join(", ")}]`;
}

/**
 * Registers a test that needs GStreamer with these elements. Where one is absent the test is
 * ignored, and its name says which.
 */
export function testWithGstreamer(
  name: string,
  elements: readonly string[],
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  const why = whyNoGstreamer(elements);
  Deno.test({ name: `${name}${why}`, ignore: why !== "", fn });
}
