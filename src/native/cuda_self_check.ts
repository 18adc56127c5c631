import type { CudaKernels } from "./cuda_kernels.ts";

const THREADS = 128;
const WARP = 32;

/**
 * Runs a kernel of one block and compares what it gives with what it must give: that shows that the
 * driver's compiler works, and memory, barriers, shuffles and atomics with it.
 *
 * @returns What is wrong, or `null` where all is right.
 * @throws {FoveaError} `GPU_FAILED` or `GPU_MEMORY` if it does not run.
 */
export function findSelfTestFault(kernels: CudaKernels): string | null {
  const { context } = kernels;
  using stack = new DisposableStack();
  const stream = stack.use(context.createStream());
  const values = Float32Array.from({ length: THREADS }, (_, i) => (i % 5 - 2) / 3);
  const memory = [4 * THREADS, 2 * THREADS, 4, 8].map((bytes) =>
    stack.use(context.allocate(bytes))
  );
  const [input, halves, positives, sum] = memory as [typeof memory[0], ...typeof memory];
  input.write(values);
  positives!.write(new Int32Array(1));
  const launch = kernels.prepare("fovea_self_test", [THREADS, 1, 1], {
    values: input.address,
    halves: halves!.address,
    positives: positives!.address,
    sum: sum!.address,
  });
  launch.run(stream, 1);
  stream.synchronize();
  const found = {
    halves: new Float16Array(THREADS),
    positives: new Int32Array(1),
    sum: new BigUint64Array(1),
  };
  halves!.read(found.halves);
  positives!.read(found.positives);
  sum!.read(found.sum);
  return compare(values, found);
}

function compare(
  values: Float32Array,
  found: { halves: Float16Array; positives: Int32Array; sum: BigUint64Array },
): string | null {
  const last = THREADS - 1;
  const wrong = found.halves.findIndex((half, i) => {
    const mirrored = (last - i) ^ (WARP - 1);
    return half !== Math.f16round(Math.fround(values[last - i]! + values[mirrored]!));
  });
  if (wrong !== -1) return `value ${wrong} is ${found.halves[wrong]}`;
  const positives = values.filter((value) => value > 0).length;
  if (found.positives[0] !== positives) return `${found.positives[0]} of ${positives} are positive`;
  const sum = BigInt(THREADS * last / 2) << 32n;
  return found.sum[0] === sum ? null : `the sum is ${found.sum[0]}, not ${sum}`;
}
