import { candidatesView } from "../core/candidates.ts";
import type { DecodeParams } from "../core/detector_spec.ts";
import type { Letterbox } from "../core/input_spec.ts";
import type { Kernels } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import { elementCount } from "../core/tensor.ts";
import { createAdapter, type OutputAdapter } from "../detector/adapter.ts";
import { SharedArena } from "../native/arena.ts";
import { createKernels } from "../native/create_kernels.ts";
import { ArenaOutputs } from "./arena_outputs.ts";
import { type MonitorFacts, MonitorTap, type TapMemory } from "./monitor_tap.ts";
import type { LoadReply } from "./protocol.ts";
import { mostCandidates, regionLayout } from "./region.ts";

/**
 * Tells a monitor about runs on a GPU: their outputs are brought to the host and read there by the
 * processor's kernels, in memory of its own. What is reported is still what the GPU decoded.
 */
export class DeviceWatch {
  readonly #adapter: OutputAdapter;
  readonly #tap: MonitorTap;
  readonly #params: DecodeParams;
  readonly #outputs: ArenaOutputs;
  readonly #kernels: Kernels;
  readonly #memory: TapMemory;

  private constructor(
    adapter: OutputAdapter,
    tap: MonitorTap,
    params: DecodeParams,
    outputs: ArenaOutputs,
    kernels: Kernels,
    memory: TapMemory,
  ) {
    this.#adapter = adapter;
    this.#tap = tap;
    this.#params = params;
    this.#outputs = outputs;
    this.#kernels = kernels;
    this.#memory = memory;
  }

  /** Reserves memory for one model's outputs, and makes kernels that work in it. */
  static async create(
    { spec }: Pick<LoadReply, "spec">,
    outputDims: Readonly<Record<string, readonly number[]>>,
    params: Omit<DecodeParams, "confidence">,
  ): Promise<DeviceWatch> {
    const adapter = createAdapter(spec);
    const tap = new MonitorTap(spec, adapter);
    const arenaOutputs = Object.keys(outputDims);
    const candidatesMax = mostCandidates(Object.values(outputDims), spec, params.labels);
    const asLoaded = { spec, outputDims, arenaOutputs, candidatesMax };
    // No picture comes here: the kernels need no room for rows of one.
    const bytes = regionLayout(asLoaded, 1, 0).end;
    const arena = new SharedArena();
    const layout = regionLayout(asLoaded, 1, arena.allocate(bytes));
    const { buffer, memory } = arena;
    const outputs = new ArenaOutputs();
    for (const [name, offset] of layout.outputs) {
      const dims = outputDims[name]!;
      outputs.place(name, dims, new Float32Array(buffer, offset, elementCount(dims)), false);
    }
    return new DeviceWatch(
      adapter,
      tap,
      { ...params, confidence: tap.confidence },
      outputs,
      await createKernels(memory, layout.scratch, layout.scratchBytes),
      {
        candidates: candidatesView(buffer, layout.candidates, candidatesMax),
        keep: new Int32Array(buffer, layout.keep, candidatesMax),
        rowTargets: new Int32Array(buffer, layout.rowTargets, candidatesMax),
      },
    );
  }

  /** Reads one run. @param fetched Its outputs on the host. */
  read(fetched: OutputView, letterbox: Letterbox): MonitorFacts {
    const outputs = this.#outputs.show(fetched);
    const { candidates } = this.#memory;
    this.#adapter.decodeInto(outputs, this.#kernels, this.#params, candidates);
    return this.#tap.read(outputs, this.#kernels, this.#memory, letterbox);
  }
}
