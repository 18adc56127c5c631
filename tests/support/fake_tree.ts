/** A folder that stands for the root of a machine. */
export interface FakeTree extends AsyncDisposable {
  /** Its path. */
  readonly root: string;
}

/** Writes files with absolute paths under a temporary folder, which is removed at the end. */
export async function makeTree(files: Readonly<Record<string, string>>): Promise<FakeTree> {
  const root = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${root}${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${root}${path}`, text);
  }
  return {
    root,
    async [Symbol.asyncDispose]() {
      await Deno.remove(root, { recursive: true });
    },
  };
}
