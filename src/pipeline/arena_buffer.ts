/**
 * The bytes of a memory of at least this size. After another isolate grew it, an isolate may still
 * see its old size; growing it by nothing shows the new one.
 */
export function currentBuffer(memory: WebAssembly.Memory, bytes: number): SharedArrayBuffer {
  if (memory.buffer.byteLength < bytes) memory.grow(0);
  return memory.buffer as unknown as SharedArrayBuffer;
}
