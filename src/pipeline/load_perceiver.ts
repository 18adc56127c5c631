import type { DecodePlan } from "../core/decode_plan.ts";
import type { DetectorSpec } from "../core/detector_spec.ts";
import { FoveaError } from "../core/errors.ts";
import type { Engine } from "../core/ports.ts";
import { elementBytes, elementCount, type Tensor, tensorView } from "../core/tensor.ts";
import { createAdapter } from "../detector/adapter.ts";
import { planDecode } from "../detector/decode_plan.ts";
import { classIndices } from "../detector/class_indices.ts";
import { needsProbe, planProbe, type ProbePlan, resolveSpec } from "../detector/resolve_spec.ts";
import { loadEngine } from "../engine/load_engine.ts";
import { layOutGrid } from "../detector/head_grid.ts";
import { HeadTap, rawSpec } from "../detector/head_tap.ts";
import type { CudaSession } from "../native/cuda_session.ts";
import { canRead } from "../native/cuda_pick_stage.ts";
import { readModel } from "../onnx/read_model.ts";
import { type AddressableEngine, DevicePerceiver } from "./device_perceiver.ts";
import { feedConstants } from "./feed_constants.ts";
import { HeadSlots } from "./head_slots.ts";
import { type DeviceAttempt, isGpuProvider, openDevice } from "./open_device.ts";
import { Perceiver, type ServedHead } from "./perceiver.ts";
import type { PicturePerceiver } from "./picture_perceiver.ts";
import type { ExposedRequest, LoadReply, LoadRequest } from "./protocol.ts";
import { CANDIDATES_MAX, mostCandidates } from "./region.ts";
import { chooseSharing } from "./tensor_sharing.ts";

/** Grey, as pictures are padded: what the warm-up run sees. */
const GREY = 114;

/**
 * Loads engine, specification and adapter of a detector, on the thread that will run them. The
 * warm-up run tells the shapes of the outputs.
 *
 * Where the model runs on a GPU, pictures and outputs stay there, unless the GPU cannot decode this
 * model; `kernels` of the reply tells.
 *
 * @param load What loads the engine, {@linkcode loadEngine} by default.
 * @throws {FoveaError} As {@linkcode loadDetector} does.
 */
export async function loadPerceiver(
  request: LoadRequest,
  load: typeof loadEngine = loadEngine,
): Promise<{ perceiver: PicturePerceiver; reply: LoadReply }> {
  const model = readModel(request.model);
  const plan = planProbe(model, request.resolve);
  // Where the file tells all shapes, a model that cannot be decoded is refused before it is loaded.
  // An exposed one may have grown, and was looked at before it was exposed.
  const { head: exposed } = request;
  if (exposed === null && !needsProbe(model)) resolveSpec(model, request.resolve);
  const device = await openDevice(request);
  await using stack = new AsyncDisposableStack();
  stack.use(device.session);
  const stream = device.session?.stream.address ?? null;
  const { engine: name, engineOptions } = request;
  const bytes = exposed?.model ?? request.model;
  const engine = stack.use(await load(name, bytes, engineOptions, stream));
  const missedProviders = [...engine.missedProviders, ...missedDevice(request, engine, device)];
  const session = takeSession(engine, device);
  const slots = exposed === null ? null : serveHead(engine, exposed);
  const homeInput = bindInputs(engine, plan);
  const seenDims = await runOnce(engine);
  session?.stream.synchronize();
  const spec = resolveSpec(model, { ...request.resolve, outputDims: seenDims });
  const openRows = spec.options["openRows"] === true ? Object.values(spec.outputs) : [];
  const outputDims = { ...seenDims, ...mostRows(spec, seenDims, openRows) };
  const decodePlan = planDecode(spec);
  const sharing = await chooseSharing(engine);
  const adapter = createAdapter(spec);
  const tap = exposed === null ? null : prepareTap(exposed, spec, adapter.rows, outputDims);
  const tapped = tap instanceof HeadTap ? tap.arenaOutputs : [];
  const arenaOutputs = [...new Set([...Object.values(spec.outputs), ...tapped])];
  // A head is swapped and tapped where the processor reaches it.
  const isForGpu = exposed === null && openRows.length === 0 && canStayOnGpu(engine, decodePlan);
  const reply: LoadReply = {
    spec,
    engine: engine.name,
    library: engine.library,
    provider: engine.provider,
    missedProviders,
    outputDims,
    openRows,
    arenaOutputs,
    candidatesMax: mostCandidates(
      arenaOutputs.map((output) => outputDims[output] ?? []),
      spec,
      request.decode.labels,
    ),
    kernels: session !== null && isForGpu ? "cuda" : "wasm",
    tap: tap instanceof HeadTap
      ? { levels: tap.grid.levels, pointOffset: tap.grid.pointOffset }
      : tap?.toJSON() ?? null,
    inputCopies: sharing === "copy" ? 1 : 0,
  };
  const classFilter = request.classes === null
    ? null
    : classIndices(spec.classNames, request.classes);
  const params = { ...request.decode, classFilter };
  const head: ServedHead | null = slots === null
    ? null
    : { slots, tap: tap instanceof HeadTap ? tap : null };
  const memory = { homeInput, sharing, session };
  const perceiver = session !== null && reply.kernels === "cuda"
    ? new DevicePerceiver(engine as AddressableEngine, session, reply, decodePlan, params)
    : new Perceiver(engine, adapter, reply, params, memory, head);
  stack.move();
  return { perceiver, reply };
}

/**
 * Why pictures do not stay on the GPU that the model runs on; nothing where they do.
 *
 * @throws {FoveaError} Why, where no fallback is allowed.
 */
function missedDevice(request: LoadRequest, engine: Engine, { fault }: DeviceAttempt): string[] {
  if (fault === null || !isGpuProvider(engine.provider)) return [];
  if (request.engineOptions.fallback !== true) throw fault;
  return [`${engine.provider} kernels: ${fault.message}`];
}

/** The GPU that the engine computes on; one that it does not need is freed. */
function takeSession(engine: Engine, { session }: DeviceAttempt): CudaSession | null {
  if (isGpuProvider(engine.provider)) return session;
  session?.[Symbol.dispose]();
  return null;
}

/** Whether the GPU's kernels can read all outputs where the engine puts them. */
function canStayOnGpu({ addressing, outputs }: Engine, plan: DecodePlan): boolean {
  return addressing?.memory === "cuda" && addressing.isAsync &&
    Object.keys(plan.outputs).every((name) => {
      const type = outputs.find((output) => output.name === name)?.type;
      return type !== undefined && canRead(plan, name, type);
    });
}

/** Feeds an exposed model with the head to begin with. */
function serveHead(engine: Engine, { inputs, layout, version, packed }: ExposedRequest): HeadSlots {
  const slots = new HeadSlots(engine, inputs, layout.layers);
  slots.stage({ version, packed });
  slots.commit();
  return slots;
}

/** What taps the head, or why it cannot be tapped. */
function prepareTap(
  { layout }: ExposedRequest,
  spec: DetectorSpec,
  rows: number,
  outputDims: Readonly<Record<string, readonly number[]>>,
): HeadTap | FoveaError {
  const raw = rawSpec(spec, layout, outputDims);
  if (raw === null) {
    return new FoveaError(
      "HEAD_UNSUPPORTED",
      "Cannot tap the head: the model picks among rows whose boxes and scores are never together",
      { hint: "Export the model without suppression or selection in the graph" },
    );
  }
  try {
    const all = raw === spec ? rows : createAdapter(raw).rows;
    if (all > CANDIDATES_MAX) {
      return new FoveaError("LIMIT", `Cannot tap a head of ${all} rows: at most ${CANDIDATES_MAX}`);
    }
    return new HeadTap(layout, layOutGrid(layout, outputDims, spec, all), raw);
  } catch (error) {
    if (error instanceof FoveaError) return error;
    throw error;
  }
}

/** Binds the picture input to memory of its own and the extra inputs to their constants. */
function bindInputs(engine: Engine, plan: ProbePlan): Tensor {
  const { name, type, dims } = plan.picture;
  const count = elementCount(dims);
  const data = tensorView(type, new ArrayBuffer(count * elementBytes(type)), 0, count);
  if (data instanceof Uint8Array) data.fill(GREY);
  else (data as Float32Array).fill(GREY / 255);
  const tensor: Tensor = { type, dims, data };
  engine.setInput(name, tensor);
  feedConstants(engine, plan.extraInputs);
  return tensor;
}

/** Shapes with the most rows that a picture may give. */
function mostRows(
  spec: DetectorSpec,
  seenDims: Readonly<Record<string, readonly number[]>>,
  openRows: readonly string[],
): Record<string, readonly number[]> {
  const rows = spec.options["rows"] as number;
  return Object.fromEntries(openRows.map((name) => [name, seenDims[name]!.with(1, rows)]));
}

async function runOnce(engine: Engine): Promise<Record<string, readonly number[]>> {
  const view = await engine.run();
  return Object.fromEntries(engine.outputs.map(({ name }) => [name, [...view.get(name).dims]]));
}
