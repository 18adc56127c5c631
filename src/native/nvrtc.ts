import { FoveaError } from "../core/errors.ts";
import { CStringArray, readCString, toCString } from "./c_string.ts";
import { type LibraryCandidate, openFirst, UnfitLibrary } from "./library.ts";
import { NativeHandle } from "./native_handle.ts";
import { OutPointer, OutSize } from "./out_parameter.ts";

/**
 * The functions of NVRTC that fovea calls. Those for machine code came with CUDA 11.1.
 * Source: NVIDIA, NVRTC, `nvrtc.h`.
 */
const NVRTC_SYMBOLS = {
  // nvrtcResult nvrtcVersion(int* major, int* minor)
  nvrtcVersion: { parameters: ["buffer", "buffer"], result: "i32" },
  // const char* nvrtcGetErrorString(nvrtcResult result)
  nvrtcGetErrorString: { parameters: ["i32"], result: "pointer" },
  // nvrtcResult nvrtcCreateProgram(nvrtcProgram* program, const char* source, const char* name,
  //   int headerCount, const char* const* headers, const char* const* includeNames)
  nvrtcCreateProgram: {
    parameters: ["buffer", "buffer", "buffer", "i32", "buffer", "buffer"],
    result: "i32",
  },
  // nvrtcResult nvrtcDestroyProgram(nvrtcProgram* program)
  nvrtcDestroyProgram: { parameters: ["buffer"], result: "i32" },
  // nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int count, const char* const* options)
  nvrtcCompileProgram: { parameters: ["pointer", "i32", "buffer"], result: "i32" },
  // nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram program, size_t* bytes)
  nvrtcGetProgramLogSize: { parameters: ["pointer", "buffer"], result: "i32" },
  // nvrtcResult nvrtcGetProgramLog(nvrtcProgram program, char* log)
  nvrtcGetProgramLog: { parameters: ["pointer", "buffer"], result: "i32" },
  // nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, size_t* bytes)
  nvrtcGetCUBINSize: { parameters: ["pointer", "buffer"], result: "i32" },
  // nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, char* cubin)
  nvrtcGetCUBIN: { parameters: ["pointer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Where NVRTC may be: by its names, newest first, and in the toolkit's usual folder. */
const NVRTC_PLACES: readonly LibraryCandidate[] = [
  ...["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"].map((path) => {
    return { path, source: "by name" };
  }),
  { path: "/usr/local/cuda/lib64/libnvrtc.so", source: "CUDA toolkit" },
];

/** How kernels are compiled, besides the architecture: as nvcc compiles the PTX that is committed. */
const OPTIONS: readonly string[] = ["--std=c++14", "--fmad=false"];

const FOLDER = new URL("../../kernels/cuda/", import.meta.url);

/** Texts of the kernels by file name. `index.cu` takes in all others. */
export type KernelSources = ReadonlyMap<string, string>;

/**
 * The kernels' sources that come with fovea.
 *
 * @throws {FoveaError} `GPU_UNAVAILABLE` if they cannot be read.
 */
export async function readKernelSources(): Promise<KernelSources> {
  const sources = new Map<string, string>();
  async function read(name: string): Promise<void> {
    if (sources.has(name)) return;
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    sources.set(name, text);
    for (const [, included] of text.matchAll(/^#include "([\w.]+)"$/gm)) await read(included!);
  }
  try {
    await read("index.cu");
    return sources;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("GPU_UNAVAILABLE", `Cannot read the kernels' sources: ${reason}`, {
      cause,
      hint: "Allow fovea to read its own folder, and use a whole copy of it",
    });
  }
}

/** NVRTC, NVIDIA's compiler for CUDA at run time. It needs no GPU. */
export class Nvrtc implements Disposable {
  /** Where the library was found. */
  readonly path: string;
  /** Its version, for example `12.6`. */
  readonly version: string;
  readonly #api: Deno.DynamicLibrary<typeof NVRTC_SYMBOLS>["symbols"];
  readonly #stack: DisposableStack;

  /**
   * Opens the first library of `places` that is NVRTC.
   *
   * @throws {FoveaError} `GPU_UNAVAILABLE` if there is none.
   */
  constructor(places: readonly LibraryCandidate[] = NVRTC_PLACES) {
    using stack = new DisposableStack();
    const { library, candidate } = openFirst(
      "NVRTC",
      places,
      openLibrary,
      "Install the CUDA toolkit, or use the PTX that comes with fovea",
      "GPU_UNAVAILABLE",
    );
    stack.defer(() => library.close());
    this.path = candidate.path;
    this.#api = library.symbols;
    const [major, minor] = [new Int32Array(1), new Int32Array(1)];
    this.#check(this.#api.nvrtcVersion(major, minor), "tell its version", "");
    this.version = `${major[0]}.${minor[0]}`;
    const builtins = openBuiltins(candidate.path, this.version);
    stack.defer(() => builtins?.close());
    this.#stack = stack.move();
  }

  /**
   * Compiles kernels into machine code for one architecture.
   *
   * @param computeCapability Ten times the GPU's compute capability, for example 87.
   * @returns A cubin for `CudaKernels`.
   * @throws {FoveaError} `GPU_FAILED` with the compiler's own words.
   */
  compile(sources: KernelSources, computeCapability: number): Uint8Array {
    const api = this.#api;
    using program = this.#createProgram(sources);
    const options = [...OPTIONS, `--gpu-architecture=sm_${computeCapability}`];
    const texts = new CStringArray(options);
    const code = api.nvrtcCompileProgram(program.pointer, texts.count, texts.addresses);
    this.#check(code, "compile the kernels", code === 0 ? "" : this.#readLog(program.pointer));
    const bytes = new OutSize();
    const what = "hand out the kernels";
    this.#check(api.nvrtcGetCUBINSize(program.pointer, bytes.bytes), what, "");
    const cubin = new Uint8Array(bytes.value);
    this.#check(api.nvrtcGetCUBIN(program.pointer, cubin), what, "");
    return cubin;
  }

  /** Closes the library. */
  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }

  #createProgram(sources: KernelSources): NativeHandle {
    const headers = [...sources].filter(([name]) => name !== "index.cu");
    const names = new CStringArray(headers.map(([name]) => name));
    const texts = new CStringArray(headers.map(([, text]) => text));
    const out = new OutPointer();
    const code = this.#api.nvrtcCreateProgram(
      out.bytes,
      toCString(sources.get("index.cu") ?? ""),
      toCString("index.cu"),
      headers.length,
      texts.addresses,
      names.addresses,
    );
    this.#check(code, "take the kernels' sources", "");
    return new NativeHandle("nvrtcProgram", out.take(), () => {
      this.#api.nvrtcDestroyProgram(out.bytes);
    });
  }

  #readLog(program: Deno.PointerObject): string {
    const bytes = new OutSize();
    if (this.#api.nvrtcGetProgramLogSize(program, bytes.bytes) !== 0 || bytes.value === 0) {
      return "";
    }
    const log = new Uint8Array(bytes.value);
    if (this.#api.nvrtcGetProgramLog(program, log) !== 0) return "";
    return new TextDecoder().decode(log.subarray(0, -1)).trim().replaceAll("\n", "; ");
  }

  #check(code: number, what: string, detail: string): void {
    if (code === 0) return;
    const text = readCString(this.#api.nvrtcGetErrorString(code));
    const message = `Cannot let NVRTC ${what}: ${text} (${code})${detail && `: ${detail}`}`;
    throw new FoveaError("GPU_FAILED", message);
  }
}

function openLibrary(path: string): Deno.DynamicLibrary<typeof NVRTC_SYMBOLS> {
  try {
    return Deno.dlopen(path, NVRTC_SYMBOLS);
  } catch (error) {
    const missing = /Failed to register symbol (\w+)/.exec(String(error))?.[1];
    if (missing === undefined) throw error;
    if (!hasVersion(path)) throw new UnfitLibrary("foreign", "it has no nvrtcVersion");
    throw new UnfitLibrary("old", `it has no ${missing}`);
  }
}

function hasVersion(path: string): boolean {
  try {
    Deno.dlopen(path, { nvrtcVersion: NVRTC_SYMBOLS.nvrtcVersion }).close();
    return true;
  } catch {
    return false;
  }
}

/**
 * NVRTC looks for the library of its built-in functions by name only. Opened before, it is found
 * also where the system does not look: beside NVRTC itself.
 */
function openBuiltins(path: string, version: string): { close(): void } | null {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  try {
    return Deno.dlopen(`${folder}libnvrtc-builtins.so.${version}`, {});
  } catch {
    // NVRTC itself says so if it cannot do without.
    return null;
  }
}
