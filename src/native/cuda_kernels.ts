import manifest from "../../kernels/cuda/fovea_kernels.json" with { type: "json" };
import { FoveaError } from "../core/errors.ts";
import type { CudaContext } from "./cuda_context.ts";
import { CudaModule } from "./cuda_module.ts";
import type { CudaStream } from "./cuda_stream.ts";
import { type KernelField, KernelParameters, type KernelValues } from "./kernel_parameters.ts";

const PTX = new URL("../../kernels/cuda/fovea_kernels.ptx", import.meta.url);

/** Names of fovea's kernels. */
export type KernelName = keyof typeof manifest.kernels;

/** Names of one kernel's parameters. */
export type ParameterName<Kernel extends KernelName> =
  & keyof (typeof manifest.kernels)[Kernel]["fields"]
  & string;

/** Blocks of a grid, or threads of a block. */
export type Extent = readonly [x: number, y: number, z: number];

/** Most blocks along the second and third axis of a grid. */
const GRID_SIDE_MAX = 65_535;

/**
 * The PTX that comes with fovea.
 *
 * @throws {FoveaError} `GPU_UNAVAILABLE` if its file cannot be read.
 */
export async function readKernelPtx(): Promise<string> {
  try {
    return await Deno.readTextFile(PTX);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("GPU_UNAVAILABLE", `Cannot read the CUDA kernels: ${reason}`, {
      cause,
      hint: "Allow fovea to read its own folder, and use a whole copy of it",
    });
  }
}

/** fovea's kernels on one GPU. Dispose it before the context. */
export class CudaKernels implements Disposable {
  /** The context they were loaded in. */
  readonly context: CudaContext;
  readonly #module: CudaModule;
  readonly #functions = new Map<KernelName, Deno.PointerObject>();

  /**
   * Loads them.
   *
   * @param image What the driver makes them from: {@linkcode readKernelPtx}, or what NVRTC made.
   * @throws {FoveaError} `GPU_UNAVAILABLE` if the driver is too old, `GPU_FAILED` if the image is
   * not this version's.
   */
  constructor(context: CudaContext, image: string | Uint8Array) {
    this.context = context;
    this.#module = new CudaModule(context, image);
    try {
      // All at once, so that what is missing is told now.
      for (const name of Object.keys(manifest.kernels) as KernelName[]) {
        this.#functions.set(name, this.#module.findFunction(name));
      }
    } catch (error) {
      this.#module[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Lays out a launch that is made again and again.
   *
   * @param block Threads of a block.
   * @param values All parameters; they may be changed later.
   */
  prepare<Kernel extends KernelName>(
    name: Kernel,
    block: Extent,
    values: KernelValues<ParameterName<Kernel>>,
  ): KernelLaunch<ParameterName<Kernel>> {
    const { threadsMax, parameterBytes, fields } = manifest.kernels[name];
    const layout: unknown = fields;
    const threads = block[0] * block[1] * block[2];
    if (threads < 1 || threads > threadsMax) {
      throw new RangeError(`Cannot run ${name} with ${threads} threads: at most ${threadsMax}`);
    }
    const parameters = new KernelParameters(
      parameterBytes,
      layout as Readonly<Record<ParameterName<Kernel>, KernelField>>,
      values,
    );
    const fn = this.#functions.get(name)!;
    return new KernelLaunch(this.context, name, fn, block, parameters);
  }

  /** Unloads them, after the GPU has done its work. */
  [Symbol.dispose](): void {
    this.#functions.clear();
    this.#module[Symbol.dispose]();
  }
}

/** One kernel with its parameters, ready to be launched. It is valid as long as its kernels are. */
export class KernelLaunch<Name extends string> {
  /** What the kernel is told at the next launch. */
  readonly parameters: KernelParameters<Name>;
  readonly #context: CudaContext;
  readonly #name: string;
  readonly #function: Deno.PointerObject;
  readonly #block: Extent;

  /** Made by {@linkcode CudaKernels.prepare}. */
  constructor(
    context: CudaContext,
    name: string,
    fn: Deno.PointerObject,
    block: Extent,
    parameters: KernelParameters<Name>,
  ) {
    this.#context = context;
    this.#name = name;
    this.#function = fn;
    this.#block = block;
    this.parameters = parameters;
  }

  /**
   * Gives the kernel to a stream.
   *
   * @param x Blocks along the first axis, from 1; `y` and `z` along the others.
   * @throws {FoveaError} `GPU_FAILED` if the driver refuses it, or an earlier kernel failed.
   */
  run(stream: CudaStream, x: number, y = 1, z = 1): void {
    if (!(x >= 1 && y >= 1 && z >= 1 && y <= GRID_SIDE_MAX && z <= GRID_SIDE_MAX)) {
      throw new RangeError(`Cannot run ${this.#name} with ${x} x ${y} x ${z} blocks`);
    }
    const { driver } = this.#context;
    const [blockX, blockY, blockZ] = this.#block;
    const code = driver.api.cuLaunchKernel(
      this.#function,
      x,
      y,
      z,
      blockX,
      blockY,
      blockZ,
      0,
      stream.pointer,
      this.parameters.addresses,
      null,
    );
    driver.check(code, "cuLaunchKernel", `Cannot run ${this.#name}`);
  }
}
