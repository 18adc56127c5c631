import { dirname } from "node:path";
import process from "node:process";
import { FoveaError } from "../../src/core/errors.ts";
import type { TensorFlowPackage } from "../../src/refine/mod.ts";
import type { BindingCheck } from "./check_binding.ts";
import { programFault, runProgram } from "./run_program.ts";
import { findTensorFlow, LIBRARIES, type TensorFlowSource } from "./tensorflow_source.ts";

/** What is built from what, and where it goes. */
export interface BuildOptions {
  /** A folder or a wheel, see `findTensorFlow`. */
  readonly tensorflow: string;
  /** Where the packages and the binding go; replaced once the new ones are proven. */
  readonly into: string;
  /** An existing folder on the same disk for everything unfinished. */
  readonly workFolder: string;
  /** The C++ compiler. */
  readonly compiler: string;
  /** Ends the build; nothing is left of it. */
  readonly signal: AbortSignal;
  /** Is told what is being done. */
  readonly onProgress: (doing: string) => void;
}

/** What was built. */
export interface BuiltBinding extends BindingCheck {
  readonly package: TensorFlowPackage;
  /** The compiler's version, as it says it. */
  readonly compiler: string;
  /** The folder with the libraries that the binding uses. */
  readonly libraries: string;
  /** Where it was put. */
  readonly folder: string;
}

const PACKAGES = new URL("packages.json", import.meta.url);
const LOCK = new URL("packages.lock.json", import.meta.url);
const CHECK = new URL("check_binding.ts", import.meta.url);
const ROOT = new URL("../../", import.meta.url);

/**
 * Builds the native binding of TensorFlow.js against the libraries of a TensorFlow for Python,
 * proves it by training with it, and only then puts it in the place of an earlier one.
 *
 * @throws {FoveaError} `TENSORFLOW_BUILD` saying which part failed and what helps. Nothing of the
 * build is left then, and an earlier binding is still there.
 */
export async function buildBinding(options: BuildOptions): Promise<BuiltBinding> {
  const { signal, onProgress, workFolder } = options;
  if (Deno.build.os !== "linux") {
    throw new FoveaError("TENSORFLOW_BUILD", `Cannot build on ${Deno.build.os}: Linux is needed`, {
      hint: "Train with the built-in trainer",
    });
  }
  const compiler = await compilerVersion(options);
  const work = await Deno.makeTempDir({ dir: workFolder, prefix: "tensorflow-" });
  try {
    await Deno.mkdir(`${work}/tmp`);
    onProgress(`looking for TensorFlow in ${options.tensorflow}`);
    const onFile = (name: string, bytes: number) => {
      if (bytes > 1e6) onProgress(`unpacking ${name}, ${Math.round(bytes / 1e6)} MB`);
    };
    const source = await findTensorFlow(options.tensorflow, `${work}/tmp`, { onFile, signal });
    onProgress("installing TensorFlow.js");
    await installPackages(work, signal);
    const name = source.cuda ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node";
    onProgress(`compiling the binding of ${name}`);
    const libraries = await compile(options, work, name, source);
    await Deno.remove(`${work}/tmp`, { recursive: true });
    onProgress("training with it");
    const check = await checkBinding(work, name, signal);
    // A temporary folder is its maker's alone; this one is for whoever runs fovea.
    await Deno.chmod(work, 0o755);
    await replaceFolder(work, options.into);
    return {
      ...check,
      package: name,
      compiler,
      libraries: libraries.replace(work, options.into),
      folder: options.into,
    };
  } finally {
    await removeFolder(work);
  }
}

async function compilerVersion({ compiler, workFolder, signal }: BuildOptions): Promise<string> {
  const end = await runProgram({ command: compiler, args: ["--version"], cwd: workFolder }, signal);
  if (end === null || !end.success) {
    throw new FoveaError("TENSORFLOW_BUILD", `Cannot compile: there is no compiler "${compiler}"`, {
      hint: "Install one (apt-get install g++), or name another one in CXX",
    });
  }
  return end.output.split("\n")[0]!;
}

/** Installs the locked packages; no script of theirs runs, so nothing else is downloaded. */
async function installPackages(work: string, signal: AbortSignal): Promise<void> {
  await Deno.copyFile(PACKAGES, `${work}/deno.json`);
  await Deno.copyFile(LOCK, `${work}/deno.lock`);
  const end = await runProgram({
    command: Deno.execPath(),
    args: ["install", "--frozen"],
    cwd: work,
    env: { DENO_NO_UPDATE_CHECK: "1" },
  }, signal);
  if (end!.success) return;
  throw programFault(
    "install TensorFlow.js",
    end!,
    "It needs the npm registry once; DENO_DIR may be copied from a machine that has had it",
  );
}

/** Compiles the package's own sources; returns the folder whose libraries it was linked with. */
async function compile(
  { compiler, signal }: BuildOptions,
  work: string,
  name: TensorFlowPackage,
  source: TensorFlowSource,
): Promise<string> {
  const folder = await Deno.realPath(`${work}/node_modules/${name}`);
  const target = `${folder}/lib/napi-v${await nodeApiVersion(folder)}`;
  await Deno.mkdir(target, { recursive: true });
  const libraries = source.unpacked ? `${folder}/deps/lib` : source.folder;
  if (source.unpacked) {
    await Deno.mkdir(libraries, { recursive: true });
    for (const library of LIBRARIES) {
      await Deno.rename(`${source.folder}/${library}`, `${libraries}/${library}`);
    }
  }
  const end = await runProgram({
    command: compiler,
    args: [
      "-shared",
      "-fPIC",
      "-O2",
      "-std=c++17",
      "-DNAPI_VERSION=8",
      `-I${work}/node_modules/node-api-headers/include`,
      `-I${source.include}`,
      `-I${folder}`,
      `${folder}/binding/tfjs_backend.cc`,
      `${folder}/binding/tfjs_binding.cc`,
      `-L${libraries}`,
      ...LIBRARIES.map((library) => `-l:${library}`),
      // Unpacked libraries move with the binding; installed ones find others from where they lie.
      "-Xlinker",
      "-rpath",
      "-Xlinker",
      source.unpacked ? "$ORIGIN/../../deps/lib" : libraries,
      "-o",
      `${target}/tfjs_binding.node`,
    ],
    cwd: work,
    env: { TMPDIR: `${work}/tmp`, LC_ALL: "C" },
  }, signal);
  if (end!.success) return libraries;
  throw programFault(
    "compile the binding",
    end!,
    "A compiler of C++17 and a TensorFlow 2 with its own headers are needed",
  );
}

/** The newest Node-API that both the package and this runtime know, which is the one it looks for. */
async function nodeApiVersion(folder: string): Promise<number> {
  const { binary } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`)) as {
    binary: { napi_versions: number[] };
  };
  const newest = Number(process.versions["napi"]);
  return Math.max(...binary.napi_versions.filter((version) => version <= newest));
}

/** Trains with the binding in a process of its own, which may crash. */
async function checkBinding(
  work: string,
  name: TensorFlowPackage,
  signal: AbortSignal,
): Promise<BindingCheck> {
  const end = await runProgram({
    command: Deno.execPath(),
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      "--allow-ffi",
      CHECK.href,
      work,
      name,
    ],
    cwd: decodeURIComponent(ROOT.pathname),
  }, signal);
  if (end!.success) return JSON.parse(end!.output) as BindingCheck;
  throw programFault(
    "use the binding",
    end!,
    "TensorFlow and compiler may not fit each other; try another version of TensorFlow",
  );
}

/** Puts a folder in the place of another one, which comes back if that fails. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const old = `${to}-old`;
  try {
    await Deno.mkdir(dirname(to), { recursive: true });
    await removeFolder(old);
    const had = await rename(to, old);
    try {
      await Deno.rename(from, to);
    } catch (error) {
      if (had) await rename(old, to);
      throw error;
    }
    await removeFolder(old);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("TENSORFLOW_BUILD", `Cannot put the binding into ${to}: ${reason}`, {
      cause,
      hint: "Choose a folder on the disk of fovea's own folder that may be written",
    });
  }
}

/** Renames a folder; `false` if there is none. */
async function rename(from: string, to: string): Promise<boolean> {
  try {
    await Deno.rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
