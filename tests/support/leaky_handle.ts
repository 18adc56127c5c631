// Drops a handle without disposing it, collects it, and prints what was reported.
// Run with --v8-flags=--expose-gc.
import { leakedHandles, liveHandles, NativeHandle } from "../../src/native/native_handle.ts";

const { gc } = globalThis as unknown as { gc: () => void };

function drop(): void {
  new NativeHandle("OrtLeaky", Deno.UnsafePointer.create(8n)!, () => {
    throw new Error("a leaked handle must not be freed");
  });
}

drop();
while (leakedHandles().length === 0) {
  gc();
  await new Promise<void>((resolve) => setImmediate(resolve));
}
// deno-lint-ignore no-console -- it is a program
console.log(JSON.stringify({ leaked: leakedHandles(), live: [...liveHandles()] }));
