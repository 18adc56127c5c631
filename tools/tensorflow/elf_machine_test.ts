import { assertEquals } from "@std/assert";
import { elfMachine } from "./elf_machine.ts";

function header(machine: number, bigEndian = false): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, bigEndian ? 2 : 1]);
  new DataView(bytes.buffer).setUint16(18, machine, !bigEndian);
  return bytes;
}

Deno.test("elfMachine() tells the processors that Deno runs on", () => {
  assertEquals(elfMachine(header(0x3e)), "x86_64");
  assertEquals(elfMachine(header(0xb7)), "aarch64");
  assertEquals(elfMachine(header(0xb7, true)), "aarch64");
  assertEquals(elfMachine(header(0x1234)), "machine 4660");
});

Deno.test("elfMachine() is null for what is no ELF file", () => {
  assertEquals(elfMachine(new Uint8Array(20)), null);
  assertEquals(elfMachine(header(0x3e).subarray(0, 19)), null);
});

Deno.test({
  name: "elfMachine() tells this machine's processor by a program that runs on it",
  ignore: Deno.build.os !== "linux",
  fn() {
    using file = Deno.openSync(Deno.execPath());
    const bytes = new Uint8Array(20);
    file.readSync(bytes);
    assertEquals(elfMachine(bytes), Deno.build.arch);
  },
});
