/** The compiler's version; another one gives other bytes. */
const ASSEMBLYSCRIPT = "0.28.20";

/** How the kernels are compiled; part of the hash. */
const FLAGS: readonly string[] = [
  "--optimizeLevel=3",
  "--converge",
  "--noAssert",
  "--runtime=stub",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory=1",
  "--maximumMemory=65536",
  "--noExportMemory",
  "--enable=threads",
  "--enable=simd",
  "--enable=relaxed-simd",
];

const SOURCES = new URL("./wasm/", import.meta.url);
const WASM = new URL("./wasm/fovea_kernels.wasm", import.meta.url);
const STAMP = new URL("./wasm/fovea_kernels.wasm.json", import.meta.url);

/** What the committed module was made from. */
export interface KernelStamp {
  /** SHA-256 over all sources, the compiler's version and its flags. */
  readonly sourceSha256: string;
  /** SHA-256 of the module. */
  readonly wasmSha256: string;
}

/** The committed module and its stamp. */
export async function readCommitted(): Promise<{ wasm: Uint8Array; stamp: KernelStamp }> {
  return {
    wasm: await Deno.readFile(WASM),
    stamp: JSON.parse(await Deno.readTextFile(STAMP)) as KernelStamp,
  };
}

/** SHA-256 over all kernel sources, the compiler's version and its flags, in hexadecimal. */
export async function hashSources(): Promise<string> {
  const parts = [`assemblyscript ${ASSEMBLYSCRIPT}`, ...FLAGS];
  for (const [name, text] of await readSources()) parts.push(name, text);
  return await sha256(new TextEncoder().encode(JSON.stringify(parts)));
}

/** SHA-256 in lower-case hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function readSources(): Promise<Map<string, string>> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(SOURCES)) {
    if (entry.isFile && entry.name.endsWith(".ts")) names.push(entry.name);
  }
  const texts = names.sort().map(async (name): Promise<[string, string]> => {
    return [name, await Deno.readTextFile(new URL(name, SOURCES))];
  });
  return new Map(await Promise.all(texts));
}

/** Compiles the sources in memory; writes nothing. */
async function compile(): Promise<Uint8Array> {
  const { main, version } = await import("assemblyscript/asc");
  if (version !== ASSEMBLYSCRIPT) {
    throw new Error(`Cannot compile with AssemblyScript ${version}: ${ASSEMBLYSCRIPT} is needed`);
  }
  const sources = await readSources();
  let wasm: Uint8Array | null = null;
  const { error, stderr } = await main(["index.ts", "--outFile=kernels.wasm", ...FLAGS], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") wasm = contents;
    },
    listFiles: () => [],
  });
  // Warnings are errors: they all are about numbers that change their type.
  if (error !== null || wasm === null || stderr.toString() !== "") {
    throw new Error(`Cannot compile the kernels: ${stderr.toString()}`, { cause: error });
  }
  return wasm;
}

async function build(check: boolean): Promise<void> {
  const wasm = await compile();
  const stamp = { sourceSha256: await hashSources(), wasmSha256: await sha256(wasm) };
  if (!check) {
    await Deno.writeFile(WASM, wasm);
    await Deno.writeTextFile(STAMP, JSON.stringify(stamp, null, 2) + "\n");
    return;
  }
  const committed = await readCommitted();
  const same = committed.stamp.sourceSha256 === stamp.sourceSha256 &&
    committed.stamp.wasmSha256 === stamp.wasmSha256 &&
    await sha256(committed.wasm) === stamp.wasmSha256;
  if (!same) {
    throw new Error("The committed kernels are not what the sources give: run `deno task build`");
  }
}

if (import.meta.main) await build(Deno.args.includes("--check"));
