import { FoveaError } from "../../src/core/errors.ts";
import { elfMachine } from "./elf_machine.ts";
import { type UnpackOptions, unpackWheel } from "./unpack_wheel.ts";

/** A TensorFlow that a binding can be built against. */
export interface TensorFlowSource {
  /** The folder with the libraries. */
  readonly folder: string;
  /** The folder with the headers. */
  readonly include: string;
  /** Whether it was unpacked for the build and moves with it, or stays where it is. */
  readonly unpacked: boolean;
  /** Whether it was built for CUDA. */
  readonly cuda: boolean;
}

/** Libraries that a binding is linked with. */
export const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] as const;
const HEADER = "include/tensorflow/c/eager/c_api.h";
const INSTALL_HINT =
  "Install TensorFlow with pip, as the maker of the board tells for a board, and " +
  "give its folder: python3 -c 'import tensorflow; print(tensorflow.__path__[0])'";

/**
 * Finds the libraries and headers of TensorFlow.
 *
 * @param path The folder `tensorflow` of a pip-installed TensorFlow, a folder that holds it (such as
 * `site-packages` or a virtual environment), or a wheel.
 * @param unpackInto Where a wheel is unpacked.
 * @throws {FoveaError} `TENSORFLOW_BUILD` if something is missing or made for another processor.
 */
export async function findTensorFlow(
  path: string,
  unpackInto: string,
  options: UnpackOptions = {},
): Promise<TensorFlowSource> {
  const kind = await kindOf(path);
  if (kind === null) throw fault(path, "there is nothing", INSTALL_HINT);
  if (kind === "file") checkWheelName(path);
  const folder = kind === "file"
    ? await unpackWheel(path, unpackInto, options)
    : await findFolder(path);
  for (const library of LIBRARIES) await checkLibrary(path, folder, library);
  if (await kindOf(`${folder}/${HEADER}`) !== "file") {
    throw fault(path, `it has no header ${HEADER}`, INSTALL_HINT);
  }
  return {
    folder,
    include: `${folder}/include`,
    unpacked: kind === "file",
    cuda: await isCudaBuild(folder),
  };
}

/** Looks for the package in a folder, and where pip puts it below. */
async function findFolder(path: string): Promise<string> {
  const folder = await Deno.realPath(path);
  const places = [folder, `${folder}/tensorflow`];
  for (const lib of await foldersIn(`${folder}/lib`)) {
    places.push(`${folder}/lib/${lib}/site-packages/tensorflow`);
  }
  for (const place of places) {
    if (await kindOf(`${place}/${LIBRARIES[1]}`) === "file") return await Deno.realPath(place);
  }
  throw fault(path, `it holds no TensorFlow (${LIBRARIES[1]})`, INSTALL_HINT);
}

async function checkLibrary(path: string, folder: string, library: string): Promise<void> {
  const file = `${folder}/${library}`;
  if (await kindOf(file) !== "file") {
    throw fault(
      path,
      `it has no ${library}`,
      "Take a newer TensorFlow 2: old wheels lack this library",
    );
  }
  const machine = elfMachine(await readStart(file));
  if (machine === Deno.build.arch) return;
  throw fault(
    path,
    machine === null
      ? `${library} is no library for Linux`
      : `${library} is made for ${machine}, and this machine is ${Deno.build.arch}`,
    `Take a wheel for ${Deno.build.arch}`,
  );
}

/** Refuses another machine's wheel by its name, before it is unpacked. */
function checkWheelName(path: string): void {
  const name = path.split("/").at(-1)!;
  if (!name.endsWith(".whl")) {
    throw fault(path, "it is neither a folder nor a wheel (.whl)", INSTALL_HINT);
  }
  const machine = ["x86_64", "aarch64", "arm64", "amd64"].find((word) => name.includes(word));
  if (machine === undefined || (name.includes("linux") && machine === Deno.build.arch)) return;
  throw fault(
    path,
    `it is made for another machine than linux ${Deno.build.arch}`,
    `Take a wheel for ${Deno.build.arch}`,
  );
}

async function isCudaBuild(folder: string): Promise<boolean> {
  try {
    const text = await Deno.readTextFile(`${folder}/python/platform/build_info.py`);
    return /['"]is_cuda_build['"]\s*[,:]\s*True/.test(text);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function readStart(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const header = new Uint8Array(20);
  const read = await file.read(header);
  return header.subarray(0, read ?? 0);
}

async function kindOf(path: string): Promise<"file" | "folder" | null> {
  try {
    return (await Deno.stat(path)).isDirectory ? "folder" : "file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw error;
  }
}

async function foldersIn(path: string): Promise<string[]> {
  if (await kindOf(path) !== "folder") return [];
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.map(({ name }) => name).filter((name) => name.startsWith("python3")).sort();
}

function fault(path: string, found: string, hint: string): FoveaError {
  return new FoveaError(
    "TENSORFLOW_BUILD",
    `Cannot build against TensorFlow in ${path}: ${found}`,
    { hint },
  );
}
