/** NVIDIA's management library, where it tells what the system's files do not. */
const SYMBOLS = {
  // nvmlReturn_t nvmlInit_v2(void)
  nvmlInit_v2: { parameters: [], result: "i32" },
  // nvmlReturn_t nvmlShutdown(void)
  nvmlShutdown: { parameters: [], result: "i32" },
  // nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* device)
  nvmlDeviceGetHandleByIndex_v2: { parameters: ["u32", "buffer"], result: "i32" },
  // nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t, nvmlUtilization_t* {gpu, memory})
  nvmlDeviceGetUtilizationRates: { parameters: ["pointer", "buffer"], result: "i32" },
  // nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t, nvmlTemperatureSensors_t, unsigned*)
  nvmlDeviceGetTemperature: { parameters: ["pointer", "i32", "buffer"], result: "i32" },
  // nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t, unsigned* milliwatts)
  nvmlDeviceGetPowerUsage: { parameters: ["pointer", "buffer"], result: "i32" },
  // nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t, nvmlClockType_t, unsigned* MHz)
  nvmlDeviceGetClockInfo: { parameters: ["pointer", "i32", "buffer"], result: "i32" },
  // nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t, nvmlClockType_t, unsigned* MHz)
  nvmlDeviceGetMaxClockInfo: { parameters: ["pointer", "i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Where the library may lie, besides where the system's loader looks. */
export const NVML_PLACES: readonly string[] = [
  "libnvidia-ml.so.1",
  "/usr/lib/aarch64-linux-gnu/nvidia/libnvidia-ml.so.1",
  "/usr/lib/wsl/lib/libnvidia-ml.so.1",
];

const SUCCESS = 0;
const TEMPERATURE_GPU = 0;
const CLOCK_GRAPHICS = 0;

/** What one GPU tells; `null` for what it does not: boards leave much of it out. */
export interface NvmlReading {
  /** Share of time it was busy, 0 to 1. */
  readonly load: number | null;
  /** Degrees Celsius. */
  readonly celsius: number | null;
  /** Power in mW. */
  readonly milliwatts: number | null;
  /** Clock now, in Hz. */
  readonly clockHz: number | null;
  /** The fastest it can be clocked, in Hz. */
  readonly clockMaxHz: number | null;
}

/** The first GPU of this machine as NVIDIA's management library sees it. */
export class Nvml implements Disposable {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #device: Deno.PointerObject;

  private constructor(
    library: Deno.DynamicLibrary<typeof SYMBOLS>,
    device: Deno.PointerObject,
  ) {
    this.#library = library;
    this.#device = device;
  }

  /**
   * Opens the library; `null` if the machine has none, or no GPU that it manages.
   *
   * @throws {Deno.errors.NotCapable} Without permission for native code.
   */
  static open(places: readonly string[] = NVML_PLACES): Nvml | null {
    for (const place of places) {
      const library = tryOpen(place);
      if (library === null) continue;
      if (library.symbols.nvmlInit_v2() === SUCCESS) {
        const device = new BigUint64Array(1);
        const code = library.symbols.nvmlDeviceGetHandleByIndex_v2(0, device);
        const pointer = Deno.UnsafePointer.create(device[0]!);
        if (code === SUCCESS && pointer !== null) return new Nvml(library, pointer);
        library.symbols.nvmlShutdown();
      }
      library.close();
    }
    return null;
  }

  /** Asks for everything. */
  read(): NvmlReading {
    const { symbols } = this.#library;
    const device = this.#device;
    const load = ask((out) => symbols.nvmlDeviceGetUtilizationRates(device, out));
    const clock = ask((out) => symbols.nvmlDeviceGetClockInfo(device, CLOCK_GRAPHICS, out));
    const most = ask((out) => symbols.nvmlDeviceGetMaxClockInfo(device, CLOCK_GRAPHICS, out));
    return {
      load: load === null ? null : load / 100,
      celsius: ask((out) => symbols.nvmlDeviceGetTemperature(device, TEMPERATURE_GPU, out)),
      milliwatts: ask((out) => symbols.nvmlDeviceGetPowerUsage(device, out)),
      clockHz: clock === null ? null : clock * 1e6,
      clockMaxHz: most === null ? null : most * 1e6,
    };
  }

  /** Closes the library. */
  [Symbol.dispose](): void {
    this.#library.symbols.nvmlShutdown();
    this.#library.close();
  }
}

/** One number that the library writes; the utilization is two of them, the GPU's first. */
function ask(call: (out: Uint32Array<ArrayBuffer>) => number): number | null {
  const out = new Uint32Array(2);
  return call(out) === SUCCESS ? out[0]! : null;
}

function tryOpen(place: string): Deno.DynamicLibrary<typeof SYMBOLS> | null {
  try {
    return Deno.dlopen(place, SYMBOLS);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return null;
  }
}
