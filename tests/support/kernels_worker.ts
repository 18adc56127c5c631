/// <reference lib="deno.worker" />
import type { Picture } from "../../src/core/frame.ts";
import type { InputSpec, Letterbox } from "../../src/core/input_spec.ts";
import { instantiateKernels } from "../../src/native/wasm_kernels.ts";

/** What a test sends: a picture in a memory, and where its letterboxed form goes. */
export interface KernelsRequest {
  readonly memory: WebAssembly.Memory;
  readonly scratchOffset: number;
  readonly scratchBytes: number;
  readonly picture: Picture;
  readonly letterbox: Letterbox;
  readonly input: InputSpec;
  /** Byte offset of the float32 output. */
  readonly outOffset: number;
}

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = async ({ data }: MessageEvent<KernelsRequest>): Promise<void> => {
  const { memory, scratchOffset, scratchBytes, picture, letterbox, input, outOffset } = data;
  const kernels = await instantiateKernels(memory, scratchOffset, scratchBytes);
  const buffer: ArrayBufferLike = memory.buffer;
  const out = new Float32Array(buffer, outOffset, 3 * input.width * input.height);
  kernels.letterboxInto(picture, buffer, letterbox, input, out);
  self.postMessage("done");
};
