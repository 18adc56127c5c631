import { type LibraryCandidate, openFirst } from "./library.ts";

/** What a library that is only asked for its version tells. */
export interface ProbedLibrary {
  /** Its version. */
  readonly version: string;
  /** Where it lies. */
  readonly path: string;
}

const CUDNN_SYMBOLS = {
  // size_t cudnnGetVersion(void)
  cudnnGetVersion: { parameters: [], result: "usize" },
} as const;

/** cuDNN by its major versions, newest first. */
export const CUDNN_PLACES: readonly LibraryCandidate[] = ["9", "8"].map((major) => ({
  path: `libcudnn.so.${major}`,
  source: "by name",
}));

/**
 * The version of cuDNN, for example `9.3.0`.
 *
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if there is none.
 */
export function probeCudnn(places: readonly LibraryCandidate[] = CUDNN_PLACES): ProbedLibrary {
  const { library, candidate } = openFirst(
    "cuDNN",
    places,
    (path) => Deno.dlopen(path, CUDNN_SYMBOLS),
    "Install cuDNN, and add its folder to LD_LIBRARY_PATH if it lies elsewhere",
  );
  try {
    const number = Number(library.symbols.cudnnGetVersion());
    // Up to 8, a major version is a thousand; from 9 on, ten thousand.
    const unit = number >= 90_000 ? 10_000 : 1000;
    const parts = [Math.floor(number / unit), Math.floor(number % unit / 100), number % 100];
    return { version: parts.join("."), path: candidate.path };
  } finally {
    library.close();
  }
}
