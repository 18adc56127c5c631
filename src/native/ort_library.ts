import { readCString } from "./c_string.ts";
import {
  type LibraryCandidate,
  openFirst,
  type RefusedCandidate,
  UnfitLibrary,
} from "./library.ts";
import {
  bindOrtApi,
  ORT_API,
  ORT_API_VERSION,
  type OrtApi,
  type OrtFunctionName,
} from "./ort_api.ts";

/** `OrtApiBase`: two addresses, in this order. */
const GET_API_OFFSET = 0;
const GET_VERSION_STRING_OFFSET = 8;

const SYMBOLS = { OrtGetApiBase: { parameters: [], result: "pointer" } } as const;
const GET_API = { parameters: ["u32"], result: "pointer" } as const;
const GET_VERSION_STRING = { parameters: [], result: "pointer" } as const;

/** An opened ONNX Runtime. Dispose it after everything that was made with it. */
export class OrtLibrary implements Disposable {
  /** Where it lies. */
  readonly path: string;
  /** Why this one was taken, for example `ORT_DYLIB_PATH`. */
  readonly source: string;
  /** Its version, for example `1.30.0`. */
  readonly version: string;
  /** Its functions. */
  readonly api: OrtApi;
  /** What was tried before it. */
  readonly refused: readonly RefusedCandidate[];
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #table: Deno.UnsafePointerView;

  private constructor(
    opened: OpenedLibrary,
    candidate: LibraryCandidate,
    refused: readonly RefusedCandidate[],
  ) {
    this.path = candidate.path;
    this.source = candidate.source;
    this.version = opened.version;
    this.api = bindOrtApi(opened.table, apiVersionOf(opened.version));
    this.refused = refused;
    this.#library = opened.library;
    this.#table = new Deno.UnsafePointerView(opened.table);
  }

  /**
   * Opens the first candidate that is an ONNX Runtime of version 1.11 or newer.
   *
   * @throws {FoveaError} `ENGINE_UNAVAILABLE` naming each path and whether it could not be opened,
   * is another library, or is too old.
   */
  static open(candidates: readonly LibraryCandidate[]): OrtLibrary {
    const { library, candidate, refused } = openFirst(
      "ONNX Runtime",
      candidates,
      openOne,
      "Give the path of libonnxruntime.so, version 1.11 or newer, or use engine onnxruntime-node",
    );
    return new OrtLibrary(library, candidate, refused);
  }

  /** The address of a function, for native code that is to call it. */
  addressOf(name: OrtFunctionName): Deno.PointerObject {
    return this.#table.getPointer(8 * ORT_API[name].slot)!;
  }

  /** Closes the library. */
  [Symbol.dispose](): void {
    this.#library.close();
  }
}

interface OpenedLibrary {
  readonly library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly version: string;
  readonly table: Deno.PointerObject;
}

function openOne(path: string): OpenedLibrary {
  const library = openSymbols(path);
  try {
    return { library, ...readBase(library) };
  } catch (error) {
    library.close();
    throw error;
  }
}

function openSymbols(path: string): Deno.DynamicLibrary<typeof SYMBOLS> {
  try {
    return Deno.dlopen(path, SYMBOLS);
  } catch (error) {
    // Deno tells a missing symbol from a library that does not open by its words only.
    if (error instanceof Error && error.message.includes("register symbol")) {
      throw new UnfitLibrary("foreign", "it has no OrtGetApiBase");
    }
    throw error;
  }
}

function readBase(
  library: Deno.DynamicLibrary<typeof SYMBOLS>,
): Pick<OpenedLibrary, "version" | "table"> {
  const base = library.symbols.OrtGetApiBase();
  if (base === null) throw new UnfitLibrary("foreign", "its OrtGetApiBase gives nothing");
  const view = new Deno.UnsafePointerView(base);
  const getVersion = new Deno.UnsafeFnPointer(
    view.getPointer(GET_VERSION_STRING_OFFSET) as Deno.PointerObject<typeof GET_VERSION_STRING>,
    GET_VERSION_STRING,
  );
  const version = readCString(getVersion.call());
  const getApi = new Deno.UnsafeFnPointer(
    view.getPointer(GET_API_OFFSET) as Deno.PointerObject<typeof GET_API>,
    GET_API,
  );
  const table = getApi.call(ORT_API_VERSION);
  if (table === null) {
    throw new UnfitLibrary("old", `it is ONNX Runtime ${version}, 1.${ORT_API_VERSION} is needed`);
  }
  return { version, table };
}

/** The newest API version of a library: the second part of its own version, 1.x so far. */
function apiVersionOf(version: string): number {
  const [major, minor] = version.split(".").map(Number);
  return major === 1 ? minor ?? ORT_API_VERSION : Infinity;
}
