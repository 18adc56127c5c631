import { assertEquals } from "@std/assert";
import { hashSources, readCommitted, sha256 } from "./build.ts";

Deno.test("the committed kernels were made from the committed sources", async () => {
  const { wasm, stamp } = await readCommitted();
  assertEquals(await hashSources(), stamp.sourceSha256, "run `deno task build`");
  assertEquals(await sha256(wasm), stamp.wasmSha256);
});

Deno.test("the kernels import one shared memory and keep no state of their own", async () => {
  const { wasm } = await readCommitted();
  const module = await WebAssembly.compile(wasm as Uint8Array<ArrayBuffer>);
  assertEquals(WebAssembly.Module.imports(module), [
    { module: "env", name: "memory", kind: "memory" },
  ]);
  const kinds = new Set(WebAssembly.Module.exports(module).map(({ kind }) => kind));
  assertEquals([...kinds], ["function"]);
  assertEquals(sectionIds(wasm).filter((id) => [GLOBAL, START, DATA].includes(id)), []);
});

// WebAssembly core specification, section 5.5.2.
const GLOBAL = 6;
const START = 8;
const DATA = 11;

/** Ids of a module's sections: a byte, the size as LEB128, and the contents, again and again. */
function sectionIds(wasm: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < wasm.length;) {
    ids.push(wasm[at++]!);
    let size = 0;
    for (let shift = 0;; shift += 7) {
      const byte = wasm[at++]!;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
  return ids;
}
