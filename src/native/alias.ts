/**
 * Whether shared memory can be handed to libraries that refuse a `SharedArrayBuffer`: it takes
 * unscoped permission for native code (`--allow-ffi` without a path).
 */
export async function canAliasSharedMemory(): Promise<boolean> {
  const status = await Deno.permissions.query({ name: "ffi" });
  return status.state === "granted";
}

/**
 * A plain `ArrayBuffer` over bytes of a shared memory: the same bytes, no copy.
 *
 * The address is taken once, so the memory must never move: a shared wasm memory does not, not
 * even when it grows. The caller keeps the memory alive for as long as the alias is used.
 *
 * @throws {RangeError} If the bytes are not inside `memory`.
 * @throws {Deno.errors.NotCapable} Without unscoped `--allow-ffi`.
 */
export function aliasSharedBytes(
  memory: SharedArrayBuffer,
  byteOffset: number,
  bytes: number,
): ArrayBuffer {
  if (byteOffset < 0 || bytes < 0 || byteOffset + bytes > memory.byteLength) {
    throw new RangeError(
      `Cannot alias bytes ${byteOffset}..${byteOffset + bytes} of ${memory.byteLength}`,
    );
  }
  const address = Deno.UnsafePointer.of(new Uint8Array(memory));
  if (address === null) throw new RangeError("Cannot alias an empty memory");
  return Deno.UnsafePointerView.getArrayBuffer(address, bytes, byteOffset);
}
