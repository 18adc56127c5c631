import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { leakedHandles, liveHandles, NativeHandle } from "./native_handle.ts";

const SOME_POINTER = Deno.UnsafePointer.create(8n)!;

Deno.test("NativeHandle frees its pointer once and refuses to give it out afterwards", () => {
  const freed: unknown[] = [];
  const handle = new NativeHandle("OrtThing", SOME_POINTER, (pointer) => freed.push(pointer));
  assertEquals(handle.pointer, SOME_POINTER);
  assertEquals(liveHandles().get("OrtThing"), 1);
  handle[Symbol.dispose]();
  handle[Symbol.dispose]();
  assertEquals(freed, [SOME_POINTER]);
  assertEquals(liveHandles().has("OrtThing"), false);
  const error = assertThrows(() => handle.pointer, FoveaError, "Cannot use the OrtThing");
  assertEquals(error.code, "DISPOSED");
});

Deno.test("NativeHandle that is abandoned is neither freed nor a leak", () => {
  const handle = new NativeHandle("OrtThing", SOME_POINTER, () => {
    throw new Error("freed");
  });
  handle.abandon();
  handle[Symbol.dispose]();
  assertEquals(liveHandles().has("OrtThing"), false);
  assertEquals(leakedHandles(), []);
});

Deno.test("NativeHandle that is collected without being disposed is reported, not freed", () => {
  const script = new URL("../../tests/support/leaky_handle.ts", import.meta.url);
  const { stdout, stderr, success } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-ffi", "--no-prompt", "--v8-flags=--expose-gc", script.href],
  }).outputSync();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(success, true, error);
  assertEquals(JSON.parse(out!), { leaked: ["OrtLeaky"], live: [] });
  assertStringIncludes(error!, "NativeHandleLeak: A OrtLeaky was collected without being disposed");
});
