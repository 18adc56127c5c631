import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";

/** A file that may be the wanted library. */
export interface LibraryCandidate {
  /** Its path, or a name that the system's loader looks for. */
  readonly path: string;
  /** Why it is tried, for messages, for example `ORT_DYLIB_PATH`. */
  readonly source: string;
}

/** Why a candidate was passed over. */
export interface RefusedCandidate extends LibraryCandidate {
  /** - `unopened`: missing, no library, or one of its own needs is missing.
   *  - `foreign`: a library, but another one.
   *  - `old`: the right library, but too old. */
  readonly kind: "unopened" | "foreign" | "old";
  /** What was found, in the loader's words where they are its. */
  readonly reason: string;
}

/** Thrown inside a check to say that an opened library is not the wanted one. */
export class UnfitLibrary extends Error {
  /** Says why it is refused. */
  constructor(readonly kind: "foreign" | "old", reason: string) {
    super(reason);
  }
}

/**
 * Opens the first candidate that `open` takes and lists those before it.
 *
 * @param what What is looked for, for messages.
 * @param open Opens one; throws {@linkcode UnfitLibrary} or the loader's error.
 * @param code The error's code where none opens.
 * @throws {FoveaError} `code`, naming every path that was tried and what was wrong with it.
 */
export function openFirst<Library>(
  what: string,
  candidates: readonly LibraryCandidate[],
  open: (path: string) => Library,
  hint: string,
  code: FoveaErrorCode = "ENGINE_UNAVAILABLE",
): { library: Library; candidate: LibraryCandidate; refused: readonly RefusedCandidate[] } {
  const refused: RefusedCandidate[] = [];
  for (const candidate of candidates) {
    try {
      return { library: open(candidate.path), candidate, refused };
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw notAllowed(what, candidate, error, code);
      const kind = error instanceof UnfitLibrary ? error.kind : "unopened";
      refused.push({ ...candidate, kind, reason: reasonOf(error) });
    }
  }
  const found = refused.map(describeRefused).join("; ") || "there is no place to look";
  throw new FoveaError(code, `Cannot open ${what}: ${found}`, { hint });
}

/** One refused candidate in words. */
export function describeRefused({ path, source, kind, reason }: RefusedCandidate): string {
  const verdict = {
    unopened: "cannot be opened",
    foreign: "is another library",
    old: "is too old",
  };
  return `${path} (${source}) ${verdict[kind]}: ${reason}`;
}

function notAllowed(
  what: string,
  { path }: LibraryCandidate,
  cause: Error,
  code: FoveaErrorCode,
): FoveaError {
  return new FoveaError(code, `Cannot open ${what} at ${path}: ${cause.message}`, {
    cause,
    hint: "Add --allow-ffi without a path: native memory is read and written by address",
  });
}

/** The loader's text without what Deno puts before it, twice. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^(Could not open library: )+/, "").replace(/\.$/, "");
}
