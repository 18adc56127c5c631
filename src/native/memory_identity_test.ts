import { assertEquals } from "@std/assert";
import { MemoryIdentity } from "./memory_identity.ts";

function makeMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 2, maximum: 10, shared: true });
}

Deno.test("MemoryIdentity.has() knows every buffer of a memory that grew", () => {
  const memory = makeMemory();
  const first = memory.buffer;
  memory.grow(1);
  const second = memory.buffer;
  memory.grow(1);
  const identity = new MemoryIdentity(memory);
  assertEquals(
    [first, second, memory.buffer, first].map((b) => identity.has(b)),
    Array(4).fill(true),
  );
  memory.grow(1);
  assertEquals(identity.has(memory.buffer), true);
});

Deno.test("MemoryIdentity.has() refuses buffers of other memories", () => {
  const identity = new MemoryIdentity(makeMemory());
  const strangers = [
    makeMemory().buffer,
    new SharedArrayBuffer(200_000),
    new SharedArrayBuffer(8),
    new ArrayBuffer(200_000),
  ];
  for (const buffer of strangers) assertEquals(identity.has(buffer), false);
});

Deno.test("MemoryIdentity.has() leaves the bytes as they were", () => {
  const memory = makeMemory();
  const old = memory.buffer;
  new Uint8Array(old).fill(7);
  memory.grow(1);
  new MemoryIdentity(memory).has(old);
  assertEquals(new Uint8Array(old).every((byte) => byte === 7), true);
});
