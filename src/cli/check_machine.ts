import { cpus } from "node:os";
import { SystemFiles } from "../native/system_files.ts";
import {
  type MachineFinding,
  neededFinding,
  optionalFinding,
  reasonOf,
  todoFor,
} from "./doctor_finding.ts";

/** Instruction sets that make a difference to inference, as Linux names them. */
const VECTOR_FLAGS = [
  "sse4_2",
  "avx",
  "avx2",
  "fma",
  "avx512f",
  "avx512_vnni",
  "avx_vnni",
  "amx_tile",
  "asimd",
  "asimddp",
  "i8mm",
  "sve",
];

/** Memory in bytes below which video and a model get tight. */
const MEMORY_TIGHT_BYTES = 512 * 2 ** 20;

/** Looks at the processor: model, cores, and vector instructions where they may be read. */
export function checkCpu(): MachineFinding {
  let model: string;
  let cores: number;
  try {
    const all = cpus();
    model = all[0]?.model.trim() || "unnamed";
    cores = all.length;
  } catch (error) {
    return optionalFinding(
      "cpu",
      "unknown",
      `${navigator.hardwareConcurrency} cores; its model: ${reasonOf(error)}`,
      todoFor(error, null),
    );
  }
  return optionalFinding("cpu", "ok", `${model}, ${cores} cores`);
}

/**
 * Looks at the vector instructions. Deno shows them to a process with all permissions only, the C
 * library to one that may load native code.
 */
export function checkSimd(mayLoad: boolean): MachineFinding {
  try {
    const found = vectorFlags(readCpuInfo(mayLoad));
    return found.length > 0
      ? optionalFinding("simd", "ok", found.join(" "))
      : optionalFinding("simd", "unknown", "the system names none");
  } catch {
    return optionalFinding(
      "simd",
      "unknown",
      "the system does not tell",
      "Add --allow-ffi without a path, on Linux, to see it",
    );
  }
}

function readCpuInfo(mayLoad: boolean): string {
  if (!mayLoad) return Deno.readTextFileSync("/proc/cpuinfo");
  using files = new SystemFiles();
  return files.readText("/proc/cpuinfo") ?? "";
}

/** The vector instruction sets that `/proc/cpuinfo` names. */
export function vectorFlags(cpuInfo: string): string[] {
  const line = /^(flags|Features)\s*:\s*(.*)$/m.exec(cpuInfo)?.[2] ?? "";
  const flags = new Set(line.split(/\s+/));
  return VECTOR_FLAGS.filter((flag) => flags.has(flag));
}

/** Looks at the memory that is there and that is free. */
export function checkMemory(): MachineFinding {
  let memory: Deno.SystemMemoryInfo;
  try {
    memory = Deno.systemMemoryInfo();
  } catch (error) {
    return optionalFinding("memory", "unknown", reasonOf(error), todoFor(error, null));
  }
  const found = `${gibibytes(memory.total)} GiB, ${gibibytes(memory.available)} GiB available`;
  return memory.available >= MEMORY_TIGHT_BYTES
    ? optionalFinding("memory", "ok", found)
    : optionalFinding(
      "memory",
      "warn",
      found,
      "Close other programs, or use a smaller model and --workers 1",
    );
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}

/** Looks whether temporary files can be written, by writing one. */
export async function checkTemporaryFolder(): Promise<MachineFinding> {
  try {
    const path = await Deno.makeTempFile({ prefix: "fovea-doctor-" });
    try {
      await Deno.writeTextFile(path, "ok");
    } finally {
      await Deno.remove(path);
    }
    return optionalFinding("temporary folder", "ok", "writable");
  } catch (error) {
    return error instanceof Deno.errors.NotCapable
      ? optionalFinding("temporary folder", "unknown", reasonOf(error), todoFor(error, null))
      : neededFinding(
        "temporary folder",
        "warn",
        reasonOf(error),
        "Set TMPDIR to a folder that can be written",
      );
  }
}
