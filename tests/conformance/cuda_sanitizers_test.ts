// The same launches as in cuda_emulated_test.ts, recorded and repeated with one thread of the
// operating system per CUDA thread, under ThreadSanitizer and AddressSanitizer. Every barrier of the
// sources is left out once, and ThreadSanitizer must see it: that shows that it would see a barrier
// that somebody forgot, and that none is there in vain.
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import manifest from "../../kernels/cuda/fovea_kernels.json" with { type: "json" };
import {
  buildHostProgram,
  findHostCompilerFault,
  type HostProgram,
} from "../../kernels/cuda/host/build.ts";
import { readSources } from "../../kernels/cuda/build.ts";
import { CudaDriver } from "../../src/native/cuda_driver.ts";
import { cudaDriverPlaces } from "../../src/native/cuda_places.ts";
import { CudaBench } from "../support/cuda_bench.ts";
import { CudaEmulator } from "../support/cuda_emulator.ts";
import { SANITIZER_CASES } from "./cuda_sanitizer_cases.ts";

/** What ThreadSanitizer and AddressSanitizer end a program with. */
const THREAD_FAULT = 66;
const ADDRESS_FAULT = 1;

const fault = findHostCompilerFault();

function test(name: string, fn: (trace: string) => Promise<void>): void {
  Deno.test({
    name: `cuda sanitizers: ${name}${fault === null ? "" : ` [skipped: ${fault}]`}`,
    ignore: fault !== null,
    fn: async () => {
      const trace = await Deno.makeTempFile({ prefix: "fovea_trace_" });
      try {
        await record(trace);
        await fn(trace);
      } finally {
        await Deno.remove(trace);
      }
    },
  });
}

/** Runs all cases on the emulated device and writes their launches to a file. */
async function record(path: string): Promise<void> {
  using emulator = await CudaEmulator.open();
  using driver = CudaDriver.open(cudaDriverPlaces(emulator.path, null));
  using bench = await CudaBench.open(driver);
  emulator.trace(path);
  try {
    for (const run of SANITIZER_CASES) run(bench);
  } finally {
    emulator.trace(null);
  }
}

interface Replayed {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

async function replay(program: HostProgram, args: readonly string[]): Promise<Replayed> {
  const path = await buildHostProgram(program);
  const direct = await run(path, args);
  // Some kernels place memory where ThreadSanitizer keeps its own, unless told not to.
  if (!direct.said.includes("unexpected memory mapping")) return direct;
  return await run("setarch", ["-R", path, ...args]);
}

async function run(path: string, args: readonly string[]): Promise<Replayed> {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args: [...args],
    env: { TSAN_OPTIONS: "halt_on_error=1", ASAN_OPTIONS: "detect_leaks=0" },
  }).output();
  const [out, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out!, said: said! };
}

test("AddressSanitizer finds nothing, and an array that is too short", async (trace) => {
  const { code, said } = await replay("address-sanitizer", [trace]);
  assertEquals(code, 0, said);
  const shortened = await replay("address-sanitizer", [trace, "--shorten", "fovea_compact"]);
  assertEquals(shortened.code, ADDRESS_FAULT, shortened.said);
  assertStringIncludes(shortened.said, "heap-buffer-overflow");
});

test("ThreadSanitizer finds nothing, and every barrier that is left out", async (trace) => {
  const { code, out, said } = await replay("thread-sanitizer", [trace, "--list"]);
  assertEquals(code, 0, said);
  const barriers = out.trim().split("\n").map((line) => line.split(" "));
  const written = [...(await readSources()).values()].join("\n").match(/__syncthreads\(\);/g)!;
  assertEquals(barriers.length, written.length, "a barrier that no case reaches");
  const missed: string[] = [];
  for (const [site, kernel, place] of barriers) {
    const without = await replay("thread-sanitizer", [trace, "--skip", site!, kernel!]);
    if (without.code !== THREAD_FAULT) missed.push(`${place} in ${kernel}: ${without.said}`);
  }
  assertEquals(missed, []);
  assertGreater(barriers.length, 10);
});

test("every kernel is among the launches", async (trace) => {
  const text = new TextDecoder("latin1").decode(await Deno.readFile(trace));
  const launched = Object.keys(manifest.kernels).filter((name) => text.includes(name));
  assertEquals(launched, Object.keys(manifest.kernels));
});
