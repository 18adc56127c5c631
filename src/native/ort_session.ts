import type { TensorType } from "../core/tensor.ts";
import { readCString } from "./c_string.ts";
import type { NativeHandle } from "./native_handle.ts";
import { tensorTypeOf } from "./ort_element_type.ts";
import type { OrtEnvironment } from "./ort_environment.ts";
import type { OrtSessionOptions } from "./ort_session_options.ts";
import type { FailureReport } from "./ort_status.ts";
import { OutPointer, OutSize } from "./out_parameter.ts";

/** What the library says about one input or output. */
export interface OrtValueInfo {
  /** Name in the graph. */
  readonly name: string;
  /** Its `ONNXTensorElementDataType`; `null` where it is not a tensor. */
  readonly elementType: number | null;
  /** The same as fovea calls it; `null` where it has no name for it. */
  readonly type: TensorType | null;
  /** Its shape, `-1` for an open dimension. */
  readonly dims: readonly number[];
}

/** A model that is loaded. Dispose it before the environment. */
export class OrtSession implements Disposable {
  readonly environment: OrtEnvironment;
  /** Inputs in the model's order. */
  readonly inputs: readonly OrtValueInfo[];
  /** Outputs in the model's order. */
  readonly outputs: readonly OrtValueInfo[];
  readonly #handle: NativeHandle;

  /**
   * Loads a model. The library copies what it needs of `model` before this returns.
   *
   * @throws {FoveaError} `ENGINE_FAILED` with the library's own text.
   */
  constructor(environment: OrtEnvironment, model: Uint8Array, options: OrtSessionOptions) {
    this.environment = environment;
    const { api } = environment;
    this.#handle = environment.make(
      "OrtSession",
      (out) =>
        api.CreateSessionFromArray(
          environment.pointer,
          model as BufferSource,
          BigInt(model.byteLength),
          options.pointer,
          out,
        ),
      api.ReleaseSession,
      LOADING,
    );
    try {
      this.inputs = this.#describe("Input");
      this.outputs = this.#describe("Output");
    } catch (error) {
      this.#handle[Symbol.dispose]();
      throw error;
    }
  }

  /** The native object. */
  get pointer(): Deno.PointerObject {
    return this.#handle.pointer;
  }

  /** Ends profiling and returns the path of the file that was written. */
  endProfiling(): string {
    const { api, allocator } = this.environment;
    const out = new OutPointer();
    const report: FailureReport = { code: "ENGINE_FAILED", what: "Cannot write the profile" };
    this.environment.check(api.SessionEndProfiling(this.pointer, allocator, out.bytes), report);
    return this.#takeText(out.take());
  }

  /** Frees the session. */
  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }

  #describe(side: "Input" | "Output"): OrtValueInfo[] {
    const { api, allocator } = this.environment;
    const count = new OutSize();
    this.#check(api[`SessionGet${side}Count`](this.pointer, count.bytes));
    return Array.from({ length: count.value }, (_, i) => {
      const out = new OutPointer();
      this.#check(api[`SessionGet${side}Name`](this.pointer, BigInt(i), allocator, out.bytes));
      const name = this.#takeText(out.take());
      using info = this.environment.make(
        "OrtTypeInfo",
        (out) => api[`SessionGet${side}TypeInfo`](this.pointer, BigInt(i), out),
        api.ReleaseTypeInfo,
        LOADING,
      );
      return { name, ...this.#readType(info) };
    });
  }

  #readType(info: NativeHandle): Omit<OrtValueInfo, "name"> {
    const tensor = new OutPointer();
    this.#check(this.environment.api.CastTypeInfoToTensorInfo(info.pointer, tensor.bytes));
    // The tensor's description is a part of `info` and not freed by itself.
    if (tensor.pointer === null) return { elementType: null, type: null, dims: [] };
    return readTensorInfo(this.environment, tensor.pointer, LOADING);
  }

  /** Reads a text that the library allocated, and frees it. */
  #takeText(pointer: Deno.PointerObject): string {
    const { api, allocator } = this.environment;
    const text = readCString(pointer);
    this.#check(api.AllocatorFree(allocator, pointer));
    return text;
  }

  #check(status: Deno.PointerValue): void {
    this.environment.check(status, LOADING);
  }
}

const LOADING: FailureReport = { code: "ENGINE_FAILED", what: "Cannot load the model" };

/** Reads an `OrtTensorTypeAndShapeInfo`. */
export function readTensorInfo(
  environment: OrtEnvironment,
  info: Deno.PointerObject,
  report: FailureReport,
): { elementType: number; type: TensorType | null; dims: number[] } {
  const { api } = environment;
  const elementType = new Int32Array(1);
  environment.check(api.GetTensorElementType(info, elementType), report);
  const count = new OutSize();
  environment.check(api.GetDimensionsCount(info, count.bytes), report);
  const dims = new BigInt64Array(count.value);
  environment.check(api.GetDimensions(info, dims, BigInt(dims.length)), report);
  return {
    elementType: elementType[0]!,
    type: tensorTypeOf(elementType[0]!),
    dims: Array.from(dims, (dim) => dim >= 0n ? Number(dim) : -1),
  };
}
