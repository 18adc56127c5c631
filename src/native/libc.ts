/** The calls of the C library that fovea makes, with their C declarations. Linux only. */
const SYMBOLS = {
  // int open(const char* path, int flags, ...)
  open: { parameters: ["buffer", "i32"], result: "i32" },
  // ssize_t read(int fd, void* buf, size_t count)
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  // int close(int fd)
  close: { parameters: ["i32"], result: "i32" },
  // DIR* opendir(const char* name)
  opendir: { parameters: ["buffer"], result: "pointer" },
  // struct dirent* readdir(DIR* dir)
  readdir: { parameters: ["pointer"], result: "pointer" },
  // int closedir(DIR* dir)
  closedir: { parameters: ["pointer"], result: "i32" },
  // int socketpair(int domain, int type, int protocol, int sv[2])
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  // int fcntl(int fd, int cmd, ... /* int arg */)
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  // int shutdown(int fd, int how)
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  // ssize_t recv(int fd, void* buf, size_t len, int flags); on a thread of its own
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** The opened C library; close it when done. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>;

/** By what name the C library goes: glibc, then musl. */
const NAMES = ["libc.so.6", "libc.so"];

/**
 * Opens the C library that the process runs on.
 *
 * @throws {Deno.errors.NotCapable} Without permission for native code; the name cannot be put in
 * `--allow-ffi`, which takes paths.
 * @throws {Deno.errors.NotSupported} On other systems than Linux.
 */
export function openLibc(): Libc {
  if (Deno.build.os !== "linux") {
    throw new Deno.errors.NotSupported(`there is no Linux C library on ${Deno.build.os}`);
  }
  for (const [index, name] of NAMES.entries()) {
    try {
      return Deno.dlopen(name, SYMBOLS);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable || index === NAMES.length - 1) throw error;
    }
  }
  throw new Deno.errors.NotSupported("there is no C library");
}
