/** Where the C library's `_exit` is, by operating system. */
const C_LIBRARIES: Readonly<Partial<Record<typeof Deno.build.os, string>>> = {
  linux: "libc.so.6",
  darwin: "libSystem.B.dylib",
};

/**
 * Ends the process at once with this exit code, whatever its threads are doing.
 *
 * `Deno.exit` lets libraries clean up behind themselves while a worker may still be inside one of
 * them: a model that is being loaded then finds its ground gone, and the process ends with a
 * segmentation fault instead. What was written stays written; nothing else is cleaned up. Without
 * unscoped permission for native code this is `Deno.exit`.
 */
export function endProcess(exitCode: number): never {
  const path = C_LIBRARIES[Deno.build.os];
  if (path !== undefined && Deno.permissions.querySync({ name: "ffi" }).state === "granted") {
    try {
      const { symbols } = Deno.dlopen(path, { _exit: { parameters: ["i32"], result: "void" } });
      symbols._exit(exitCode);
    } catch {
      // Another C library: what follows is what there is.
    }
  }
  Deno.exit(exitCode);
}
