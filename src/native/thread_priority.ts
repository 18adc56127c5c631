/** The lowest priority that a thread can have on Linux: it gets what others leave. */
const NICE_MAX = 19;
/** The first argument of setpriority(2) for one thread; 0 as its id is the calling one. */
const PRIO_PROCESS = 0;

/**
 * Gives the calling thread the lowest priority, for good. Linux only: there priorities belong to
 * threads.
 *
 * @returns Whether it has it now; not without permission for native code.
 */
export function lowerThreadPriority(): boolean {
  // Asked first, so that nobody is prompted for a permission that only makes things nicer.
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  if (Deno.build.os !== "linux" || state !== "granted") return false;
  for (const name of ["libc.so.6", "libc.so"]) {
    try {
      const libc = Deno.dlopen(name, {
        // int setpriority(int which, id_t who, int prio)
        setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" },
      });
      const done = libc.symbols.setpriority(PRIO_PROCESS, 0, NICE_MAX) === 0;
      libc.close();
      return done;
    } catch {
      // Another C library, or none: the next name, or the priority stays as it is.
    }
  }
  return false;
}
