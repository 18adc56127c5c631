import { cpus } from "node:os";

/** What figures were measured on and with. */
export interface Machine {
  /** Name for files: CPU and cores. */
  readonly device: string;
  /** The CPU's own name. */
  readonly cpu: string;
  /** Logical cores. */
  readonly cores: number;
  /** Memory in GB. */
  readonly memoryGb: number;
  /** Operating system with its release, and the architecture. */
  readonly system: string;
  /** Versions of what the figures depend on. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Reads what this machine is. */
export async function describeMachine(): Promise<Machine> {
  const cpu = cpus()[0]?.model.trim() || Deno.build.arch;
  const cores = navigator.hardwareConcurrency;
  const slug = cpu.toLowerCase().replace(/\(r\)|\(tm\)|@.*|cpu|processor/g, " ");
  return {
    device: `${slug.trim().replace(/[^a-z0-9]+/g, "-")}-${cores}c`,
    cpu,
    cores,
    memoryGb: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    versions: {
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      ...await readPackageVersions(["onnxruntime-node", "node-av"]),
      ffmpeg: await readFfmpegVersion(),
    },
  };
}

async function readPackageVersions(names: readonly string[]): Promise<Record<string, string>> {
  const config = JSON.parse(
    await Deno.readTextFile(new URL("../deno.json", import.meta.url)),
  ) as { imports: Record<string, string> };
  return Object.fromEntries(names.map((name) => [name, config.imports[name]!.split("@").at(-1)!]));
}

async function readFfmpegVersion(): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("ffmpeg", { args: ["-version"] }).output();
    return /^ffmpeg version (\S+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? "unknown";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "none";
    throw error;
  }
}
