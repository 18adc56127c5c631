// Libraries that stand in for real ones, built from a few lines of C++.
import { compileLibrary } from "./fake_onnxruntime/build.ts";

/** A library built for a test. */
export interface BuiltLibrary extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
}

/** Builds a shared library; see `testWithCompiler()` for where this can be done. */
export async function buildLibrary(name: string, source: string): Promise<BuiltLibrary> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/lib${name}.so`;
  await Deno.writeTextFile(`${folder}/${name}.cc`, exportAll(source));
  compileLibrary(`${folder}/${name}.cc`, path, folder);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The compiler is told to hide what is not marked; here nothing is to be hidden. */
function exportAll(source: string): string {
  return `#pragma GCC visibility push(default)\n${source}\n#pragma GCC visibility pop\n`;
}
