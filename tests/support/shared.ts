/**
 * Where the real models, clips and images for tests lie: a folder `shared` beside the repository,
 * or the one that `FOVEA_SHARED` names. They are too big, or licensed too differently, to commit.
 */
function sharedRoot(): URL {
  const named = Deno.env.get("FOVEA_SHARED");
  if (named !== undefined) return new URL(`file://${named.replace(/\/*$/, "")}/`);
  return new URL("../../../shared/", import.meta.url);
}

/** The path of a shared file, or `null` where it is absent. */
export function sharedPath(path: string): string | null {
  const url = new URL(path, sharedRoot());
  try {
    Deno.statSync(url);
    return decodeURIComponent(url.pathname);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * Registers a test that needs shared files. Where one is absent the test is ignored, and its name
 * says which file is missing.
 */
export function testWithShared<const Paths extends readonly string[]>(
  name: string,
  paths: Paths,
  fn: (files: { [K in keyof Paths]: string }, t: Deno.TestContext) => void | Promise<void>,
): void {
  const files = paths.map(sharedPath);
  const missing = paths.filter((_, i) => files[i] === null);
  Deno.test({
    name: missing.length === 0 ? name : `${name} [skipped: no shared/${missing.join(", ")}]`,
    ignore: missing.length > 0,
    fn: (t) => fn(files as { [K in keyof Paths]: string }, t),
  });
}
