import type { DecodePlan } from "../core/decode_plan.ts";
import type { DetectorSpec, ExtraInput } from "../core/detector_spec.ts";
import type { Engine } from "../core/ports.ts";
import {
  elementBytes,
  elementCount,
  type Tensor,
  type TensorData,
  tensorView,
} from "../core/tensor.ts";
import { createAdapter } from "../detector/adapter.ts";
import { planDecode } from "../detector/decode_plan.ts";
import { classIndices } from "../detector/class_indices.ts";
import { needsProbe, planProbe, type ProbePlan, resolveSpec } from "../detector/resolve_spec.ts";
import { loadEngine } from "../engine/load_engine.ts";
import type { CudaSession } from "../native/cuda_session.ts";
import { canRead } from "../native/cuda_pick_stage.ts";
import { readModel } from "../onnx/read_model.ts";
import { type AddressableEngine, DevicePerceiver } from "./device_perceiver.ts";
import { type DeviceAttempt, isGpuProvider, openDevice } from "./open_device.ts";
import { Perceiver } from "./perceiver.ts";
import type { PicturePerceiver } from "./picture_perceiver.ts";
import type { LoadReply, LoadRequest } from "./protocol.ts";
import { mostCandidates } from "./region.ts";
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
 * @throws {FoveaError} As {@linkcode loadDetector} does.
 */
export async function loadPerceiver(
  request: LoadRequest,
): Promise<{ perceiver: PicturePerceiver; reply: LoadReply }> {
  const model = readModel(request.model);
  const plan = planProbe(model, request.resolve);
  // Where the file tells all shapes, a model that cannot be decoded is refused before it is loaded.
  if (!needsProbe(model)) resolveSpec(model, request.resolve);
  const device = await openDevice(request);
  await using stack = new AsyncDisposableStack();
  stack.use(device.session);
  const stream = device.session?.stream.address ?? null;
  const { engine: name, engineOptions } = request;
  const engine = stack.use(await loadEngine(name, request.model, engineOptions, stream));
  const missedProviders = [...engine.missedProviders, ...missedDevice(request, engine, device)];
  const session = takeSession(engine, device);
  const homeInput = bindInputs(engine, plan);
  const seenDims = await runOnce(engine);
  session?.stream.synchronize();
  const spec = resolveSpec(model, { ...request.resolve, outputDims: seenDims });
  const openRows = spec.options["openRows"] === true ? Object.values(spec.outputs) : [];
  const outputDims = { ...seenDims, ...mostRows(spec, seenDims, openRows) };
  const decodePlan = planDecode(spec);
  const sharing = await chooseSharing(engine);
  const reply: LoadReply = {
    spec,
    engine: engine.name,
    library: engine.library,
    provider: engine.provider,
    missedProviders,
    outputDims,
    openRows,
    candidatesMax: mostCandidates(outputDims, spec, request.decode.labels),
    kernels: session !== null && openRows.length === 0 && canStayOnGpu(engine, decodePlan)
      ? "cuda"
      : "wasm",
    inputCopies: sharing === "copy" ? 1 : 0,
  };
  const classFilter = request.classes === null
    ? null
    : classIndices(spec.classNames, request.classes);
  const params = { ...request.decode, classFilter };
  const perceiver = session !== null && reply.kernels === "cuda"
    ? new DevicePerceiver(engine as AddressableEngine, session, reply, decodePlan, params)
    : new Perceiver(engine, createAdapter(spec), reply, params, { homeInput, sharing, session });
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

/** Binds the picture input to memory of its own and the extra inputs to their constants. */
function bindInputs(engine: Engine, plan: ProbePlan): Tensor {
  const { name, type, dims } = plan.picture;
  const count = elementCount(dims);
  const data = tensorView(type, new ArrayBuffer(count * elementBytes(type)), 0, count);
  if (data instanceof Uint8Array) data.fill(GREY);
  else (data as Float32Array).fill(GREY / 255);
  const tensor: Tensor = { type, dims, data };
  engine.setInput(name, tensor);
  for (const extra of plan.extraInputs) {
    engine.setInput(extra.name, { type: extra.type, dims: extra.dims, data: constants(extra) });
  }
  return tensor;
}

function constants({ type, values }: ExtraInput): TensorData {
  switch (type) {
    case "int64":
      return BigInt64Array.from(values, (value) => BigInt(value));
    case "int32":
      return Int32Array.from(values);
    case "float32":
      return Float32Array.from(values);
  }
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
