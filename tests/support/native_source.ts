// Libraries that stand in for real ones, built from a few lines of C where there is a compiler.

/** A library built for a test. */
export interface BuiltLibrary extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
}

/** Why nothing can be built here, as a part of a test's name; `""` if it can. */
export function whyNoCompiler(): string {
  try {
    const { success } = new Deno.Command("g++", {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success ? "" : " [skipped: no g++ that works]";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return " [skipped: no g++]";
    throw error;
  }
}

/** Builds a shared library from C++; remove it with `using`. */
export async function buildLibrary(name: string, source: string): Promise<BuiltLibrary> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/${name}.cc`, source);
  const { success, stderr } = await new Deno.Command("g++", {
    args: ["-shared", "-fPIC", "-O1", "-o", `${folder}/lib${name}.so`, `${folder}/${name}.cc`],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot build ${name}: ${new TextDecoder().decode(stderr)}`);
  return {
    path: `${folder}/lib${name}.so`,
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
}
