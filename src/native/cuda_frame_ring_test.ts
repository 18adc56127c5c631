import { assertEquals, assertThrows } from "@std/assert";
import { CudaBench } from "../../tests/support/cuda_bench.ts";
import { testWithEmulator } from "../../tests/support/cuda_emulator.ts";
import { FoveaError } from "../core/errors.ts";
import type { Picture } from "../core/frame.ts";
import type { InputSpec } from "../core/input_spec.ts";
import { fitLetterbox } from "../preprocess/letterbox.ts";
import { CudaContext } from "./cuda_context.ts";
import { CudaDriver } from "./cuda_driver.ts";
import { chooseTransfer, CudaFrameRing, type DevicePicture } from "./cuda_frame_ring.ts";
import { CudaLetterbox } from "./cuda_letterbox.ts";
import { cudaDriverPlaces } from "./cuda_places.ts";

/** 3 × 2 pixels of gray in rows of 4 bytes, from byte 1 on. */
const GRAY: Picture = {
  format: "gray8",
  width: 3,
  height: 2,
  colorRange: "full",
  colorMatrix: "bt601",
  planes: [{ byteOffset: 1, strideBytes: 4 }],
};
const NV12: Picture = {
  ...GRAY,
  format: "nv12",
  planes: [{ byteOffset: 0, strideBytes: 3 }, { byteOffset: 8, strideBytes: 4 }],
};

Deno.test("chooseTransfer() reads in place where memory is shared and cached", () => {
  const orin = { integrated: true, mapsHostMemory: true, computeCapability: 87 };
  assertEquals(chooseTransfer(orin), "mapped");
  assertEquals(chooseTransfer({ ...orin, computeCapability: 72 }), "mapped");
  assertEquals(chooseTransfer({ ...orin, computeCapability: 62 }), "copied");
  assertEquals(chooseTransfer({ ...orin, integrated: false }), "copied");
  assertEquals(chooseTransfer({ ...orin, mapsHostMemory: false }), "copied");
});

for (const transfer of ["mapped", "copied"] as const) {
  testWithEmulator(`CudaFrameRing takes a picture with one copy, ${transfer}`, (emulator) => {
    using driver = CudaDriver.open(cudaDriverPlaces(emulator.path, null));
    using context = new CudaContext(driver);
    using stream = context.createStream();
    using ring = new CudaFrameRing(context, { transfer });
    const memory = Uint8Array.of(0, 11, 12, 13, 0, 21, 22, 23);
    const images: DevicePicture[] = [];
    for (let frame = 0; frame < 5; frame++) {
      ring.submit(GRAY, memory.buffer, stream, (image) => images.push(image));
    }
    const [first, second, third] = images;
    assertEquals(first!.picture.planes, [{ byteOffset: 0, strideBytes: 4 }]);
    assertEquals(first!.bytes, 7);
    assertEquals(second!.picture === first!.picture, true);
    assertEquals([first!.address === second!.address, first!.address === third!.address], [
      false,
      true,
    ]);
    const copies = transfer === "copied" ? 5 : 0;
    assertEquals(emulator.calls("cuMemcpyHtoDAsync_v2"), copies);
    assertEquals(emulator.calls("cuMemHostAlloc"), 2);
    assertEquals(emulator.alive("device"), transfer === "copied" ? 2 : 0);
    stream.synchronize();
  });
}

/** One network pixel: the mean of the picture's middle. */
const INPUT: InputSpec = {
  name: "images",
  type: "float32",
  layout: "nchw",
  width: 1,
  height: 1,
  channels: "rgb",
  scale: [1, 1, 1],
  bias: [0, 0, 0],
  letterbox: { mode: "stretch", anchor: "center", padValue: 0 },
};

for (const transfer of ["mapped", "copied"] as const) {
  testWithEmulator(`CudaFrameRing overwrites only what was read, ${transfer}`, async (emulator) => {
    using driver = CudaDriver.open(cudaDriverPlaces(emulator.path, null));
    using bench = await CudaBench.open(driver);
    const { context, kernels, stream } = bench;
    using ring = new CudaFrameRing(context, { slots: 2, transfer });
    using stack = new DisposableStack();
    const memory = new Uint8Array(8);
    const geometry = fitLetterbox(3, 2, 1, 1, INPUT.letterbox);
    const outs = Array.from({ length: 7 }, () => stack.use(context.allocate(12)));
    // Nobody waits for the stream but the ring.
    for (const [frame, out] of outs.entries()) {
      memory.fill(10 * frame);
      const letterbox = new CudaLetterbox(kernels, INPUT, out.address);
      ring.submit(GRAY, memory.buffer, stream, (image) => {
        letterbox.run(stream, image.picture, image, geometry);
      });
    }
    memory.fill(255);
    const found = outs.map((out) => bench.fetch(out, new Float32Array(3))[0]);
    assertEquals(found, [0, 10, 20, 30, 40, 50, 60]);
  });
}

testWithEmulator("CudaFrameRing makes its slots anew for another shape only", (emulator) => {
  using driver = CudaDriver.open(cudaDriverPlaces(emulator.path, null));
  using context = new CudaContext(driver);
  using stream = context.createStream();
  using ring = new CudaFrameRing(context, { transfer: "copied" });
  const memory = new ArrayBuffer(64);
  const shapes: Picture[] = [];
  const submit = (picture: Picture) => {
    ring.submit(picture, memory, stream, (image) => shapes.push(image.picture));
  };
  submit(GRAY);
  submit({ ...GRAY, planes: [{ byteOffset: 9, strideBytes: 4 }] });
  submit(NV12);
  submit(NV12);
  submit({ ...NV12, colorRange: "limited" });
  submit(GRAY);
  assertEquals(shapes[1] === shapes[0], true);
  assertEquals(shapes[2]!.planes, [{ byteOffset: 0, strideBytes: 3 }, {
    byteOffset: 256,
    strideBytes: 4,
  }]);
  assertEquals(shapes[4]!.colorRange, "limited");
  assertEquals(emulator.calls("cuMemHostAlloc"), 8);
  assertEquals(emulator.alive("host"), 2);
});

testWithEmulator("CudaFrameRing refuses what it cannot take and stays usable", (emulator) => {
  using driver = CudaDriver.open(cudaDriverPlaces(emulator.path, null));
  using context = new CudaContext(driver);
  using stream = context.createStream();
  assertThrows(() => new CudaFrameRing(context, { slots: 9 }), RangeError, "a ring of 9");
  using ring = new CudaFrameRing(context);
  const nothing = () => {};
  assertThrows(() => ring.submit(GRAY, new ArrayBuffer(7), stream, nothing), RangeError);
  emulator.fail("cuMemHostAlloc", 2, 1);
  const error = assertThrows(
    () => ring.submit(GRAY, new ArrayBuffer(8), stream, nothing),
    FoveaError,
  );
  assertEquals(error.code, "GPU_MEMORY");
  assertEquals(emulator.alive("host"), 0);
  ring.submit(GRAY, new ArrayBuffer(8), stream, nothing);
  assertEquals(emulator.alive("host"), 2);
  emulator.set("mapsHostMemory", 0);
  using blind = new CudaContext(driver);
  assertThrows(() => new CudaFrameRing(blind, { transfer: "mapped" }), RangeError, "in place");
});
