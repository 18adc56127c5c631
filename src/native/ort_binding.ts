import {
  type AddressTensor,
  elementBytes,
  elementCount,
  type Tensor,
  tensorView,
} from "../core/tensor.ts";
import { toCString } from "./c_string.ts";
import { NativeHandle } from "./native_handle.ts";
import { ORT_ELEMENT_TYPE } from "./ort_element_type.ts";
import { type OrtSession, readTensorInfo } from "./ort_session.ts";
import { type FailureReport, type OrtFailure, takeFailure } from "./ort_status.ts";
import { OutPointer, OutSize } from "./out_parameter.ts";

/**
 * Memory that a session reads its inputs from and writes its outputs to. Addresses are handed over
 * when a tensor is bound, so whoever binds one keeps its memory alive, where it is and as large as
 * it is, until something else is bound in its place.
 */
export class OrtBinding implements Disposable {
  readonly #session: OrtSession;
  readonly #handle: NativeHandle;

  /** Binds nothing yet. */
  constructor(session: OrtSession) {
    this.#session = session;
    const { environment } = session;
    this.#handle = environment.make(
      "OrtIoBinding",
      (out) => environment.api.CreateIoBinding(session.pointer, out),
      environment.api.ReleaseIoBinding,
      BINDING,
    );
  }

  /** The native object. */
  get pointer(): Deno.PointerObject {
    return this.#handle.pointer;
  }

  /** Lets an input be read from the tensor's memory at every run. */
  bindInput(name: string, tensor: Tensor): void {
    using value = this.#wrap(tensor);
    const { api } = this.#session.environment;
    this.#check(api.BindInput(this.pointer, toCString(name), value.pointer));
  }

  /** Lets an output be written into the tensor's memory at every run. */
  bindOutput(name: string, tensor: Tensor): void {
    using value = this.#wrap(tensor);
    const { api } = this.#session.environment;
    this.#check(api.BindOutput(this.pointer, toCString(name), value.pointer));
  }

  /**
   * Lets an input be read at an address at every run.
   *
   * @param memory `OrtMemoryInfo` of where the address is.
   */
  bindInputAt(name: string, tensor: AddressTensor, memory: NativeHandle): void {
    using value = this.#wrapAt(tensor, memory);
    const { api } = this.#session.environment;
    this.#check(api.BindInput(this.pointer, toCString(name), value.pointer));
  }

  /** Lets an output be written at an address at every run; see {@linkcode bindInputAt}. */
  bindOutputAt(name: string, tensor: AddressTensor, memory: NativeHandle): void {
    using value = this.#wrapAt(tensor, memory);
    const { api } = this.#session.environment;
    this.#check(api.BindOutput(this.pointer, toCString(name), value.pointer));
  }

  /** Lets the library allocate an output anew at every run; {@linkcode takeOutputs} reads it. */
  bindOutputToLibrary(name: string): void {
    const { api, cpuMemory } = this.#session.environment;
    this.#check(api.BindOutputToDevice(this.pointer, toCString(name), cpuMemory.pointer));
  }

  /**
   * Runs the model once, on the calling thread.
   *
   * @param runOptions The native run options, or `null`.
   * @returns What went wrong, or `null`.
   */
  run(runOptions: Deno.PointerValue): OrtFailure | null {
    const { api } = this.#session.environment;
    const status = api.RunWithBinding(this.#session.pointer, runOptions, this.#handle.pointer);
    return status === null ? null : takeFailure(api, status);
  }

  /**
   * Outputs of the newest run that the library allocated, in the order in which they were bound.
   *
   * @param wanted Whether the output at an index is wanted; the others are skipped.
   */
  takeOutputs(wanted: (index: number) => boolean): Map<number, LibraryTensor> {
    const { environment } = this.#session;
    const { api, allocator } = environment;
    const values = new OutPointer();
    const count = new OutSize();
    const status = api.GetBoundOutputValues(this.pointer, allocator, values.bytes, count.bytes);
    this.#check(status);
    if (count.value === 0) return new Map();
    const view = new Deno.UnsafePointerView(values.take());
    using stack = new DisposableStack();
    const owned = Array.from(
      { length: count.value },
      (_, i) => stack.use(new NativeHandle("OrtValue", view.getPointer(8 * i)!, api.ReleaseValue)),
    );
    this.#check(api.AllocatorFree(allocator, values.pointer));
    const taken = new Map<number, LibraryTensor>();
    for (const [i, handle] of owned.entries()) {
      if (wanted(i)) taken.set(i, new LibraryTensor(handle, this.#read(handle)));
    }
    // All could be read: what is wanted now belongs to the caller.
    stack.move();
    for (const [i, handle] of owned.entries()) if (!taken.has(i)) handle[Symbol.dispose]();
    return taken;
  }

  /** Lets go of everything that is bound. */
  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }

  #wrap({ type, dims, data }: Tensor): NativeHandle {
    // As bytes: the native interface does not know every kind of typed array.
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes as BufferSource));
    return this.#wrapAt({ type, dims, address }, this.#session.environment.cpuMemory);
  }

  #wrapAt({ type, dims, address }: AddressTensor, memory: NativeHandle): NativeHandle {
    const { environment } = this.#session;
    const shape = BigInt64Array.from(dims, BigInt);
    return environment.make(
      "OrtValue",
      (out) =>
        environment.api.CreateTensorWithDataAsOrtValue(
          memory.pointer,
          Deno.UnsafePointer.create(address),
          BigInt(elementCount(dims) * elementBytes(type)),
          shape,
          BigInt(shape.length),
          ORT_ELEMENT_TYPE[type],
          out,
        ),
      environment.api.ReleaseValue,
      BINDING,
    );
  }

  /** The tensor of a value in ordinary memory, where it lies. */
  #read(value: NativeHandle): Tensor {
    const { environment } = this.#session;
    const { api } = environment;
    using info = environment.make(
      "OrtTensorTypeAndShapeInfo",
      (out) => api.GetTensorTypeAndShape(value.pointer, out),
      api.ReleaseTensorTypeAndShapeInfo,
      READING,
    );
    const { type, dims, elementType } = readTensorInfo(environment, info.pointer, READING);
    if (type === null) throw new TypeError(`Cannot read an output of element type ${elementType}`);
    const elements = elementCount(dims);
    const data = new OutPointer();
    environment.check(api.GetTensorMutableData(value.pointer, data.bytes), READING);
    const buffer = elements === 0
      ? new ArrayBuffer(0)
      : Deno.UnsafePointerView.getArrayBuffer(data.take(), elements * elementBytes(type));
    return { type, dims, data: tensorView(type, buffer, 0, elements) };
  }

  #check(status: Deno.PointerValue): void {
    this.#session.environment.check(status, BINDING);
  }
}

/** A tensor in the library's own memory, on loan until it is disposed. */
export class LibraryTensor implements Disposable {
  readonly tensor: Tensor;
  readonly #handle: NativeHandle;

  /** Takes the native value over. */
  constructor(handle: NativeHandle, tensor: Tensor) {
    this.#handle = handle;
    this.tensor = tensor;
  }

  /** Empties the tensor's array, so that nobody reads freed memory, and frees it. */
  [Symbol.dispose](): void {
    (this.tensor.data.buffer as ArrayBuffer).transfer(0);
    this.#handle[Symbol.dispose]();
  }
}

const BINDING: FailureReport = { code: "ENGINE_FAILED", what: "Cannot bind a tensor" };
const READING: FailureReport = { code: "ENGINE_FAILED", what: "Cannot read an output" };
