import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type CudaEmulator, testWithEmulator } from "../../tests/support/cuda_emulator.ts";
import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import { CudaContext } from "./cuda_context.ts";
import { CudaDriver } from "./cuda_driver.ts";
import { cudaDriverPlaces } from "./cuda_places.ts";

/** Gives `use` a context and frees it. */
function withContext(emulator: CudaEmulator, use: (context: CudaContext) => void): void {
  using driver = CudaDriver.open(cudaDriverPlaces(emulator.path, null));
  using context = new CudaContext(driver);
  use(context);
}

function assertCode(call: () => unknown, code: FoveaErrorCode, message: string): void {
  assertEquals(assertThrows(call, FoveaError, message).code, code);
}

testWithEmulator("DeviceMemory holds what was copied there, of any element type", (emulator) => {
  withContext(emulator, (context) => {
    const arrays = [
      Float32Array.of(1.5, -2),
      Float16Array.of(0.5, 1, 2),
      Int32Array.of(7),
      BigInt64Array.of(9n),
      new Uint8Array([1, 2, 3, 4, 5]).subarray(2),
    ];
    for (const array of arrays) {
      using memory = context.allocate(array.byteLength);
      memory.write(array);
      const back = new Uint8Array(array.byteLength);
      memory.read(back);
      assertEquals(back, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
  });
});

testWithEmulator(
  "DeviceMemory refuses copies that do not fit, and sizes that are none",
  (emulator) => {
    withContext(emulator, (context) => {
      using memory = context.allocate(8);
      assertThrows(() => memory.write(new Uint8Array(9)), RangeError, "there is room for 8");
      assertThrows(() => memory.read(new Uint8Array(9)), RangeError, "there is room for 8");
      for (const bytes of [0, -1, 0.5, NaN, 2 ** 60]) {
        assertThrows(() => context.allocate(bytes), RangeError, "a whole number from 1");
        assertThrows(() => context.allocatePinned(bytes), RangeError, "a whole number from 1");
      }
    });
  },
);

testWithEmulator("memory that is not there is told, and nothing is lost", (emulator) => {
  withContext(emulator, (context) => {
    emulator.set("memoryBytes", 1000);
    using _ = context.allocate(600);
    assertCode(() => context.allocate(600), "GPU_MEMORY", "Cannot reserve 600 bytes on the GPU");
    assertCode(() => context.allocatePinned(600), "GPU_MEMORY", "of pinned memory");
    assertEquals(context.measureMemory(), { freeBytes: 400, totalBytes: 1000 });
    using _more = context.allocate(400);
  });
});

testWithEmulator("pinned memory is freed where the GPU cannot see it", (emulator) => {
  withContext(emulator, (context) => {
    emulator.fail("cuMemHostGetDevicePointer_v2", 999);
    assertCode(() => context.allocatePinned(64), "GPU_FAILED", "Cannot show pinned memory");
    assertEquals(emulator.alive("host"), 0);
  });
  emulator.set("mapsHostMemory", 0);
  withContext(emulator, (context) => {
    using pinned = context.allocatePinned(64);
    assertEquals(pinned.deviceAddress, null);
  });
});

testWithEmulator("copies on a stream happen when the stream comes to them", (emulator) => {
  withContext(emulator, (context) => {
    using stream = context.createStream();
    using device = context.allocate(4);
    using pinned = context.allocatePinned(4);
    const bytes = new Uint8Array(pinned.buffer);
    bytes.set([1, 2, 3, 4]);
    pinned.copyTo(device, 4, stream);
    // The copy has not happened yet: what is written now goes along.
    bytes[0] = 9;
    stream.synchronize();
    const back = new Uint8Array(4);
    device.read(back);
    assertEquals([...back], [9, 2, 3, 4]);
    device.fill(5, stream);
    pinned.copyFrom(device, 2, stream);
    assertEquals([...bytes], [9, 2, 3, 4]);
    assertEquals([stream.isIdle(), stream.isIdle(), stream.isIdle()], [false, false, true]);
    assertEquals([...bytes], [5, 5, 3, 4]);
    assertThrows(() => pinned.copyTo(device, 5, stream), RangeError);
  });
});

testWithEmulator("disposed memory is empty and refuses calls, and is freed once", (emulator) => {
  withContext(emulator, (context) => {
    const pinned = context.allocatePinned(16);
    const view = new Uint8Array(pinned.buffer);
    pinned[Symbol.dispose]();
    pinned[Symbol.dispose]();
    assertEquals(view.length, 0);
    const device = context.allocate(16);
    device[Symbol.dispose]();
    device[Symbol.dispose]();
    assertCode(() => device.write(new Uint8Array(1)), "DISPOSED", "Cannot use the CUdeviceptr");
    assertEquals([emulator.alive("host"), emulator.alive("device")], [0, 0]);
  });
});

testWithEmulator("events order streams and time them", (emulator) => {
  withContext(emulator, (context) => {
    using copying = context.createStream();
    using filling = context.createStream();
    using start = context.createEvent({ timed: true });
    using end = context.createEvent({ timed: true });
    using device = context.allocate(1);
    using pinned = context.allocatePinned(1);
    assertEquals(end.hasHappened(), true);
    start.record(filling);
    device.fill(7, filling);
    end.record(filling);
    copying.waitFor(end);
    pinned.copyFrom(device, 1, copying);
    assertEquals(end.hasHappened(), false);
    copying.synchronize();
    assertEquals(new Uint8Array(pinned.buffer)[0], 7);
    end.synchronize();
    assertEquals(end.measureSinceMs(start) >= 0, true);
    using untimed = context.createEvent();
    untimed.record(filling);
    untimed.synchronize();
    assertCode(() => untimed.measureSinceMs(start), "GPU_FAILED", "Cannot time the GPU's work");
  });
});

testWithEmulator(
  "what fails on the GPU is told by whoever waits, and ends the context",
  (emulator) => {
    withContext(emulator, (context) => {
      using stream = context.createStream();
      using memory = context.allocate(4);
      memory.fill(0, stream);
      emulator.fail("cuStreamSynchronize", 719);
      const error = assertThrows(() => stream.synchronize(), FoveaError);
      assertEquals(error.code, "GPU_FAILED");
      assertStringIncludes(error.hint!, "Start a new process");
    });
  },
);
