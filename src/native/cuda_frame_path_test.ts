import type { AddressTensor } from "../core/tensor.ts";
import { assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { makeParams, makeSpec } from "../../tests/support/adapter_bench.ts";
import { CudaBench } from "../../tests/support/cuda_bench.ts";
import { type CudaEmulator, testWithEmulator } from "../../tests/support/cuda_emulator.ts";
import { FoveaError } from "../core/errors.ts";
import type { Picture } from "../core/frame.ts";
import { pickThreshold, planDecode } from "../detector/decode_plan.ts";
import { fitLetterbox } from "../preprocess/letterbox.ts";
import { CudaDriver } from "./cuda_driver.ts";
import { CudaFramePath, type FramePathSpec } from "./cuda_frame_path.ts";
import type { FrameTransfer } from "./cuda_frame_ring.ts";
import { cudaDriverPlaces } from "./cuda_places.ts";

const SPEC = makeSpec({
  family: "yolo-v8",
  options: { rows: 3, layout: "rows", scores: "probability" },
  width: 4,
  height: 4,
  letterbox: { mode: "letterbox", anchor: "center", padValue: 114 },
});
const PICTURE: Picture = {
  format: "rgb24",
  width: 4,
  height: 2,
  colorRange: "full",
  colorMatrix: "bt601",
  planes: [{ byteOffset: 0, strideBytes: 12 }],
};
const GEOMETRY = fitLetterbox(4, 2, 4, 4, SPEC.input.letterbox);
/** Two boxes of class 1 that overlap, and one that is too weak. */
const OUTPUT = [2, 2, 2, 2, 0, 0.5, 0, 2, 2, 2, 2, 0, 0.9, 0, 1, 1, 1, 1, 0.2, 0, 0];

function pathSpec(transfer: FrameTransfer): FramePathSpec {
  const plan = planDecode(SPEC);
  const params = makeParams();
  return {
    input: SPEC.input,
    plan,
    transfer,
    settings: {
      threshold: pickThreshold(plan, params),
      suppress: true,
      iouThreshold: 0.5,
      agnostic: false,
      maxDetections: 5,
      classFilter: null,
    },
  };
}

async function withBench(
  emulator: CudaEmulator,
  use: (bench: CudaBench) => void,
): Promise<void> {
  using driver = CudaDriver.open(cudaDriverPlaces(emulator.path, null));
  using bench = await CudaBench.open(driver);
  use(bench);
}

/** What a model would write. */
function writeOutput({ context }: CudaBench, tensor: AddressTensor, values: number[]): void {
  const to = Deno.UnsafePointer.create(tensor.address);
  const data = Float32Array.from(values);
  context.driver.api.cuMemcpyHtoD_v2(to, data, BigInt(data.byteLength));
}

function readTensor({ context }: CudaBench, tensor: AddressTensor, elements: number): number[] {
  const from = Deno.UnsafePointer.create(tensor.address);
  const data = new Float32Array(elements);
  context.driver.api.cuMemcpyDtoH_v2(data, from, BigInt(data.byteLength));
  return [...data];
}

for (const transfer of ["mapped", "copied"] as const) {
  testWithEmulator(`CudaFramePath waits once and copies once each way, ${transfer}`, (emulator) => {
    return withBench(emulator, (bench) => {
      using path = new CudaFramePath(bench.kernels, bench.stream, pathSpec(transfer));
      assertEquals(path.transfer, transfer);
      assertEquals(path.input.dims, [1, 3, 4, 4]);
      const output = path.outputs.get("p")!;
      writeOutput(bench, output, OUTPUT);
      const pixels = new Uint8Array(24).fill(50);
      const counts = ["cuStreamSynchronize", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2"];
      path.begin(PICTURE, pixels.buffer, GEOMETRY);
      path.finish();
      const before = counts.map((name) => emulator.calls(name));
      const memory = ["device", "host", "event"].map((kind) => emulator.alive(kind as "host"));
      for (let frame = 0; frame < 10; frame++) {
        path.begin(PICTURE, pixels.buffer, GEOMETRY);
        const { kept, brokenRows, brokenBoxes } = path.finish();
        assertEquals([kept.count, kept.nonFinite, brokenRows, brokenBoxes], [1, 0, 0, 0]);
        assertEquals([kept.anchorIndex[0], kept.classIndex[0]], [1, 1]);
        assertAlmostEquals(kept.score[0]!, 0.9, 1e-7);
        assertEquals([...kept.xyxyNet.subarray(0, 4)], [1, 1, 3, 3]);
      }
      const after = counts.map((name) => emulator.calls(name));
      const perFrame = after.map((count, i) => (count - before[i]!) / 10);
      assertEquals(perFrame, [1, transfer === "copied" ? 1 : 0, 1]);
      assertEquals(
        ["device", "host", "event"].map((kind) => emulator.alive(kind as "host")),
        memory,
      );
      const input = readTensor(bench, path.input, 16);
      assertEquals(input, [...Array(4).fill(114), ...Array(8).fill(50), ...Array(4).fill(114)]);
    });
  });
}

testWithEmulator("CudaFramePath tells what went wrong on the GPU when it waits", (emulator) => {
  return withBench(emulator, (bench) => {
    using path = new CudaFramePath(bench.kernels, bench.stream, pathSpec("mapped"));
    writeOutput(bench, path.outputs.get("p")!, OUTPUT);
    path.begin(PICTURE, new ArrayBuffer(24), GEOMETRY);
    emulator.fail("cuStreamSynchronize", 700);
    const error = assertThrows(() => path.finish(), FoveaError, "CUDA_ERROR_ILLEGAL_ADDRESS");
    assertEquals(error.code, "GPU_FAILED");
    assertStringIncludes(error.hint!, "new process");
  });
});

testWithEmulator("CudaFramePath frees everything when there is no room for all", (emulator) => {
  return withBench(emulator, (bench) => {
    const spec = pathSpec("mapped");
    for (let allocation = 0;; allocation++) {
      emulator.fail("cuMemAlloc_v2", 2, allocation);
      let made: CudaFramePath;
      try {
        made = new CudaFramePath(bench.kernels, bench.stream, spec);
      } catch (error) {
        assertEquals((error as FoveaError).code, "GPU_MEMORY");
        assertEquals([emulator.alive("device"), emulator.alive("host")], [0, 0]);
        continue;
      }
      made[Symbol.dispose]();
      assertEquals(allocation > 10, true);
      emulator.forgive("cuMemAlloc_v2");
      return;
    }
  });
});

testWithEmulator("CudaFramePath refuses outputs and settings that it cannot decode", (emulator) => {
  return withBench(emulator, (bench) => {
    const spec = pathSpec("mapped");
    const make = (change: Partial<FramePathSpec>) => () => {
      new CudaFramePath(bench.kernels, bench.stream, { ...spec, ...change })[Symbol.dispose]();
    };
    const error = assertThrows(
      make({ outputTypes: { p: "float64" } }),
      FoveaError,
      'Cannot read output "p" on the GPU: its elements are float64',
    );
    assertEquals(error.code, "MODEL_UNSUPPORTED");
    const { settings } = spec;
    for (const wrong of [{ threshold: NaN }, { iouThreshold: 2 }, { maxDetections: 0 }]) {
      assertThrows(make({ settings: { ...settings, ...wrong } }), RangeError);
    }
    make({ settings: { ...settings, classFilter: [0, 2] } })();
    assertEquals([emulator.alive("device"), emulator.alive("host")], [0, 0]);
  });
});
