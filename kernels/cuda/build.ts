import { type ParameterField, readDeclarations } from "./parameter_layout.ts";

/** The compiler's version; another one gives other bytes. */
const NVCC = "V13.0.88";

/**
 * How the kernels are compiled; part of the hash. `compute_75` is the lowest architecture that this
 * compiler knows. Nothing is contracted, so that a processor computes the same.
 */
const FLAGS: readonly string[] = ["-std=c++14", "-ptx", "-arch=compute_75", "-fmad=false"];

/**
 * What the PTX is lowered to: an instruction set of CUDA 10.0, which every driver from JetPack 4 on
 * takes, for the oldest Jetson, whose code runs on all later ones.
 */
const PTX_VERSION = "6.3";
const PTX_TARGET = "sm_53";

/** Architectures for which the lowered PTX must assemble: all that the compiler knows. */
const GATE: readonly number[] = [75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121];

const FOLDER = new URL("./", import.meta.url);
const PTX = new URL("fovea_kernels.ptx", FOLDER);
const MANIFEST = new URL("fovea_kernels.json", FOLDER);

/** One kernel of the committed PTX. */
export interface KernelEntry {
  /** Most threads of a block. */
  readonly threadsMax: number;
  /** Bytes of its one parameter, a struct. */
  readonly parameterBytes: number;
  /** The struct's fields. */
  readonly fields: Readonly<Record<string, ParameterField>>;
}

/** What the committed PTX was made from, and what is in it. */
export interface KernelManifest {
  /** SHA-256 over all sources, the compiler's version and its flags. */
  readonly sourceSha256: string;
  /** SHA-256 of the PTX. */
  readonly ptxSha256: string;
  /** PTX version that a driver must know. */
  readonly ptxVersion: string;
  /** Lowest architecture. */
  readonly target: string;
  /** Kernels by the name of their entry. */
  readonly kernels: Readonly<Record<string, KernelEntry>>;
}

/** The committed PTX and its manifest. */
export async function readCommitted(): Promise<{ ptx: string; manifest: KernelManifest }> {
  return {
    ptx: await Deno.readTextFile(PTX),
    manifest: JSON.parse(await Deno.readTextFile(MANIFEST)) as KernelManifest,
  };
}

/** Texts of the device sources by file name: `.cu` and `.cuh`. */
export async function readSources(): Promise<Map<string, string>> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(FOLDER)) {
    if (entry.isFile && /\.cuh?$/.test(entry.name)) names.push(entry.name);
  }
  const sources = new Map<string, string>();
  for (const name of names.sort()) {
    sources.set(name, await Deno.readTextFile(new URL(name, FOLDER)));
  }
  return sources;
}

/** SHA-256 over all kernel sources, the compiler's version and its flags, in hexadecimal. */
export async function hashSources(): Promise<string> {
  const parts = [`nvcc ${NVCC}`, ...FLAGS, PTX_VERSION, PTX_TARGET];
  for (const [name, text] of await readSources()) parts.push(name, text);
  return await sha256(JSON.stringify(parts));
}

/** SHA-256 of a text's UTF-8 in lower-case hexadecimal. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Why the sources cannot be compiled here to the committed bytes; `null` where they can.
 */
export async function findCompilerFault(): Promise<string | null> {
  try {
    const { stdout } = await new Deno.Command("nvcc", { args: ["--version"] }).output();
    const version = /V[\d.]+/.exec(new TextDecoder().decode(stdout))?.[0] ?? "of no version";
    return version === NVCC ? null : `nvcc is ${version}, not ${NVCC}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "nvcc is not installed";
    throw error;
  }
}

/**
 * Lowers PTX to the version and target of the committed file. `used_bytes_mask` only tells tools
 * which bytes of a load are used, and old assemblers do not know it.
 */
export function lowerPtx(ptx: string): string {
  return ptx
    .replace(/^\.version .*$/m, `.version ${PTX_VERSION}`)
    .replace(/^\.target .*$/m, `.target ${PTX_TARGET}`)
    .replace(/^\s*\.pragma "used_bytes_mask [^"]*";\n/gm, "");
}

/** Compiles and lowers the sources; writes nothing but a temporary folder. */
export async function compilePtx(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "fovea_ptx_" });
  try {
    await runTool("nvcc", [...FLAGS, "-o", `${folder}/kernels.ptx`, "index.cu"]);
    return lowerPtx(await Deno.readTextFile(`${folder}/kernels.ptx`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Assembles PTX for every architecture of the gate: what an instruction needs that the declared
 * version or target does not have is an error there.
 */
export async function assembleEverywhere(ptx: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea_ptx_" });
  try {
    await Deno.writeTextFile(`${folder}/kernels.ptx`, ptx);
    for (const architecture of GATE) {
      const output = `${folder}/kernels.cubin`;
      await runTool("ptxas", [`-arch=sm_${architecture}`, "-o", output, `${folder}/kernels.ptx`]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Describes PTX and what it was made from; checks that both say the same about parameters. */
export async function describePtx(ptx: string): Promise<KernelManifest> {
  const declarations = readDeclarations([...(await readSources()).values()]);
  const kernels: Record<string, KernelEntry> = {};
  for (const { name, parameterBytes, fields } of declarations) {
    const entry = new RegExp(
      `\\.entry ${name}\\(\\s*\\.param \\.align 8 \\.b8 \\w+\\[(\\d+)\\]\\s*\\)\\s*` +
        "\\.maxntid (\\d+), 1, 1",
    ).exec(ptx);
    if (entry === null || Number(entry[1]) !== parameterBytes) {
      throw new Error(`Cannot describe ${name}: ${entry?.[1]} of ${parameterBytes} bytes in PTX`);
    }
    kernels[name] = { threadsMax: Number(entry[2]), parameterBytes, fields };
  }
  const entries = [...ptx.matchAll(/\.entry (\w+)\(/g)].map((match) => match[1]!);
  if (entries.length !== declarations.length) {
    throw new Error(`Cannot describe the PTX: it has ${entries.join(", ")}`);
  }
  return {
    sourceSha256: await hashSources(),
    ptxSha256: await sha256(ptx),
    ptxVersion: PTX_VERSION,
    target: PTX_TARGET,
    kernels,
  };
}

async function runTool(program: string, args: readonly string[]): Promise<void> {
  const command = new Deno.Command(program, { args: [...args], cwd: FOLDER });
  const { success, stdout, stderr } = await command.output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("").trim();
  // Warnings are errors: PTX that warns is PTX that nobody looked at.
  if (!success || said !== "") throw new Error(`Cannot run ${program} ${args.join(" ")}: ${said}`);
}

async function build(check: boolean): Promise<void> {
  const committed = await readCommitted().catch(() => null);
  const fault = await findCompilerFault();
  if (fault !== null) {
    if (committed === null) throw new Error(`Cannot compile the CUDA kernels: ${fault}`);
    requireSame(
      committed.manifest,
      await describePtx(committed.ptx),
      `, which nvcc compiles; ${fault}`,
    );
    // deno-lint-ignore no-console -- it is a program
    console.log(`CUDA kernels: compared with their sources by hash only, because ${fault}`);
    return;
  }
  const ptx = await compilePtx();
  await assembleEverywhere(ptx);
  const manifest = await describePtx(ptx);
  if (check) {
    requireSame(committed, { ptx, manifest }, ": run `deno task build`");
    return;
  }
  await Deno.writeTextFile(PTX, ptx);
  await Deno.writeTextFile(MANIFEST, JSON.stringify(manifest, null, 2) + "\n");
}

function requireSame(committed: unknown, made: unknown, advice: string): void {
  if (JSON.stringify(committed) === JSON.stringify(made)) return;
  throw new Error(`The committed PTX is not what the sources give${advice}`);
}

if (import.meta.main) await build(Deno.args.includes("--check"));
