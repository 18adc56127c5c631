/** One file of the repository. */
export interface SourceFile {
  /** Path from the repository root, with `/`. */
  readonly path: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** The text of a TypeScript or Markdown file, else `null`. */
  readonly text: string | null;
}

/** Folders that hold nothing of ours, or nothing that is committed. */
const SKIPPED_FOLDERS = new Set([".git", "node_modules", "out", "results"]);

/** Lists the files of the repository at `root`, sorted by path. */
export function listSourceFiles(root: URL): SourceFile[] {
  const files: SourceFile[] = [];
  collect(root, "", files);
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

function collect(root: URL, folder: string, files: SourceFile[]): void {
  for (const entry of Deno.readDirSync(new URL(`./${folder}`, root))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) {
      if (!SKIPPED_FOLDERS.has(entry.name)) collect(root, `${path}/`, files);
      continue;
    }
    if (!entry.isFile) continue;
    const url = new URL(`./${path}`, root);
    const isText = /\.(ts|md)$/.test(path);
    files.push({
      path,
      bytes: Deno.statSync(url).size,
      text: isText ? Deno.readTextFileSync(url) : null,
    });
  }
}

/** Whether a path is a test by Deno's own naming. */
export function isTest(path: string): boolean {
  return /(_|\.|\/)test\.ts$/.test(path);
}

/** The line, from 1, at which the character `offset` stands. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i !== -1 && i < offset; i = text.indexOf("\n", i + 1)) line++;
  return line;
}
