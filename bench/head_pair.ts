import { HeadWeights } from "../src/core/head_weights.ts";
import type { Engine } from "../src/core/ports.ts";
import { elementCount } from "../src/core/tensor.ts";
import { planProbe, resolveSpec } from "../src/detector/resolve_spec.ts";
import type { EngineName } from "../src/engine/engine_names.ts";
import { loadEngine } from "../src/engine/load_engine.ts";
import { exposeHead } from "../src/onnx/expose_head.ts";
import { findHeads } from "../src/onnx/find_heads.ts";
import { readModel } from "../src/onnx/read_model.ts";
import { HeadSlots } from "../src/pipeline/head_slots.ts";

/** A model beside itself with its head exposed, fed the same picture of noise. */
export interface HeadPair extends AsyncDisposable {
  /** The model as it is. */
  readonly plain: Engine;
  /** The model whose head comes in from outside. */
  readonly exposed: Engine;
  /** What the exposed one is fed. */
  readonly slots: HeadSlots;
  /** The head in the file. */
  readonly head: HeadWeights;
  /** Outputs of the model as it is. */
  readonly outputs: readonly string[];
}

/** Loads both, writing their output into memory of the bench, and checks that they say the same. */
export async function loadHeadPair(path: string, engine: EngineName): Promise<HeadPair> {
  const bytes = await Deno.readFile(path);
  const model = readModel(bytes);
  const { classNames } = resolveSpec(model);
  const found = findHeads(model, { classCount: classNames.length });
  const { bytes: edited, inputs, layout, values } = exposeHead(bytes, model, found);
  const head = new HeadWeights({
    model: "0".repeat(64),
    classNames,
    layers: layout.layers,
    values,
  });
  const plain = await loadEngine(engine, bytes, {});
  const exposed = await loadEngine(engine, edited, {});
  const slots = new HeadSlots(exposed, inputs, layout.layers);
  slots.stage({ version: 0, packed: head.packed() });
  slots.commit();
  const { picture } = planProbe(model);
  let state = 1;
  const data = Float32Array.from({ length: elementCount(picture.dims) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  });
  for (const one of [plain, exposed]) {
    one.setInput(picture.name, { ...picture, data });
    for (const { name, type, dims } of plain.outputs) {
      one.setOutput(name, { type, dims, data: new Float32Array(elementCount(dims)) });
    }
  }
  const outputs = plain.outputs.map(({ name }) => name);
  exposed.selectOutputs(outputs);
  await checkSame(plain, exposed, outputs);
  return {
    plain,
    exposed,
    slots,
    head,
    outputs,
    async [Symbol.asyncDispose]() {
      await plain[Symbol.asyncDispose]();
      await exposed[Symbol.asyncDispose]();
    },
  };
}

async function checkSame(a: Engine, b: Engine, outputs: readonly string[]): Promise<void> {
  const [left, right] = [await a.run(), await b.run()];
  for (const name of outputs) {
    const [x, y] = [left.get(name).data, right.get(name).data];
    const same = x.length === y.length && (x as Float32Array).every((v, i) => Object.is(v, y[i]));
    if (!same) throw new Error(`Cannot time the exposed head: output "${name}" differs`);
  }
}
