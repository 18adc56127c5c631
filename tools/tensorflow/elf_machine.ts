/** Processors by their number in an ELF file, named as Deno names them. */
const MACHINES: Readonly<Record<number, string>> = {
  0x03: "x86",
  0x28: "arm",
  0x3e: "x86_64",
  0xb7: "aarch64",
  0xf3: "riscv64",
};
const MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const MACHINE_OFFSET = 18;

/**
 * The processor that a library was built for, from the first bytes of its file.
 *
 * Source: System V ABI, "ELF Header", field `e_machine`.
 *
 * @returns `null` if it is no ELF file.
 */
export function elfMachine(header: Uint8Array): string | null {
  if (header.length < MACHINE_OFFSET + 2) return null;
  if (MAGIC.some((byte, i) => header[i] !== byte)) return null;
  const bigEndian = header[5] === 2;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const machine = view.getUint16(MACHINE_OFFSET, !bigEndian);
  return MACHINES[machine] ?? `machine ${machine}`;
}
