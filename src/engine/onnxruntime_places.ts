import type { LibraryCandidate } from "../native/library.ts";

/** The variable that names the library, as other programs on ONNX Runtime call it too. */
export const LIBRARY_VARIABLE = "ORT_DYLIB_PATH";

/** Where the library is put by hand, by a package or by a JetPack build. */
const LIBRARY_FOLDERS: readonly string[] = [
  "/usr/local/lib",
  "/usr/local/onnxruntime/lib",
  "/opt/onnxruntime/lib",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib",
];

/** Folders above `python3.*`; wheels of ONNX Runtime carry the library in `onnxruntime/capi`. */
const PYTHON_ROOTS: readonly string[] = ["/usr/local/lib", "/usr/lib"];
const WHEEL_PLACES: readonly string[] = [
  "site-packages/onnxruntime/capi",
  "dist-packages/onnxruntime/capi",
];

/** The library inside `onnxruntime-node`, from the package's folder, by operating system. */
const BUNDLED: Readonly<Record<string, string>> = {
  linux: "libonnxruntime.so.1",
  darwin: "libonnxruntime.1.dylib",
};

/** Reads what the search needs to know; a test gives its own. */
export interface PlacesHost {
  /** An environment variable; `null` where it is not set or may not be read. */
  env(name: string): string | null;
  /** Names in a folder; none where it is not there or may not be read. */
  list(folder: string): readonly string[];
}

/**
 * Files that may be ONNX Runtime's shared library, in the order they are tried:
 *
 * 1. `libraryPath`, and nothing else where it is given,
 * 2. the file that `ORT_DYLIB_PATH` names, and nothing else where it is set,
 * 3. usual places of JetPack builds, packages and Python wheels, the newest file of each,
 * 4. the library that comes with the npm package `onnxruntime-node`.
 *
 * Places that may not be read are left out.
 */
export function listOnnxRuntimePlaces(
  libraryPath: string | null,
  host: PlacesHost,
): LibraryCandidate[] {
  if (libraryPath !== null) return [{ path: libraryPath, source: "option libraryPath" }];
  const named = host.env(LIBRARY_VARIABLE);
  if (named !== null) return [{ path: named, source: LIBRARY_VARIABLE }];
  const found = [
    ...LIBRARY_FOLDERS.flatMap((folder) => newestIn(folder, "system library", host)),
    ...wheelFolders(host).flatMap((folder) => newestIn(folder, "Python wheel", host)),
  ];
  const bundled = bundledLibrary();
  return bundled === null ? found : [...found, { path: bundled, source: "onnxruntime-node" }];
}

/** The library that comes with `onnxruntime-node`; `null` where that has none that fits. */
export function bundledLibrary(): string | null {
  const file = BUNDLED[Deno.build.os];
  if (file === undefined) return null;
  const arch = Deno.build.arch === "x86_64" ? "x64" : "arm64";
  try {
    const entry = import.meta.resolve("onnxruntime-node");
    const url = new URL(`../bin/napi-v6/${Deno.build.os}/${arch}/${file}`, entry);
    return decodeURIComponent(url.pathname);
  } catch {
    // The package is not installed; whoever looks for the library is told that it was not found.
    return null;
  }
}

function newestIn(folder: string, source: string, host: PlacesHost): LibraryCandidate[] {
  const names = host.list(folder).filter((name) => /^libonnxruntime\.so[\d.]*$/.test(name));
  const newest = names.sort(compareVersions).at(-1);
  return newest === undefined ? [] : [{ path: `${folder}/${newest}`, source }];
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function wheelFolders(host: PlacesHost): string[] {
  const home = host.env("HOME");
  const virtual = host.env("VIRTUAL_ENV");
  const roots = [
    ...(virtual === null ? [] : [`${virtual}/lib`]),
    ...(home === null ? [] : [`${home}/.local/lib`]),
    ...PYTHON_ROOTS,
  ];
  return roots.flatMap((root) =>
    host.list(root).filter((name) => /^python3[\d.]*$/.test(name)).sort(compareVersions).reverse()
      .flatMap((python) => WHEEL_PLACES.map((place) => `${root}/${python}/${place}`))
  );
}

/** Looks at this machine, without ever prompting for a permission. */
export const SYSTEM_PLACES: PlacesHost = {
  env(variable) {
    return mayRead({ name: "env", variable }) ? Deno.env.get(variable) || null : null;
  },
  list(path) {
    if (!mayRead({ name: "read", path })) return [];
    try {
      return Array.from(Deno.readDirSync(path), ({ name }) => name);
    } catch {
      // Most of the places are not there.
      return [];
    }
  },
};

function mayRead(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}
