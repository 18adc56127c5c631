import { assertEquals } from "@std/assert";
import type { LoadReply } from "./protocol.ts";
import { mostCandidates, regionBytes, regionLayout } from "./region.ts";

const SPEC = {
  input: { width: 1280, height: 1280, type: "float32" },
  outputs: { predictions: "y" },
  classNames: ["one", "two"],
} as unknown as LoadReply["spec"];

function loaded(
  dims: readonly number[],
): Pick<LoadReply, "spec" | "outputDims" | "arenaOutputs" | "candidatesMax" | "kernels"> {
  const candidatesMax = mostCandidates([dims], SPEC, "best");
  return {
    spec: SPEC,
    outputDims: { y: dims },
    arenaOutputs: ["y"],
    candidatesMax,
    kernels: "wasm",
  };
}

Deno.test("mostCandidates() has room for every row of the biggest detectors", () => {
  for (const dims of [[1, 300, 6], [1, 84, 8400], [1, 102_000, 85]]) {
    const longest = Math.max(...dims);
    assertEquals(mostCandidates([dims], SPEC, "best"), longest);
    assertEquals(mostCandidates([dims], SPEC, "all"), 2 * longest);
  }
});

Deno.test("regionLayout() places everything apart, aligned, up to its end", () => {
  const start = 640;
  const { outputs, candidatesMax: _, scratchBytes, end, ...places } = regionLayout(
    loaded([1, 25_200, 85]),
    3840,
    start,
  );
  const offsets = [...Object.values(places), ...outputs.values()].sort((a, b) => a - b);
  assertEquals(offsets[0], start);
  assertEquals(new Set(offsets).size, 6);
  assertEquals(offsets.filter((offset) => offset % 64 !== 0), []);
  assertEquals(offsets.at(-1), places.scratch);
  assertEquals(end - places.scratch, Math.ceil(scratchBytes / 64) * 64);
  assertEquals(regionBytes(loaded([1, 25_200, 85]), 3840), end - start);
});

Deno.test("regionBytes() takes nothing of an arena for a model that runs on a GPU", () => {
  assertEquals(regionBytes({ ...loaded([1, 8400, 85]), kernels: "cuda" }, 1920), 0);
});
