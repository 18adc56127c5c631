import { ARGUMENT_CASES } from "./argument_cases.ts";
import { COMPACT_CASES } from "./compact_cases.ts";
import { FOCAL_CASES } from "./focal_cases.ts";
import { FOCAL_ORACLE_CASES } from "./focal_oracle_cases.ts";
import type { KernelBench } from "./kernel_bench.ts";
import { LETTERBOX_CASES } from "./letterbox_cases.ts";
import { NMS_CASES } from "./nms_cases.ts";

/**
 * Registers the tests that every implementation of `Kernels` must pass.
 *
 * @param label Name of the implementation, for the tests' names.
 * @param make Makes kernels and their memory; called once, when the first test runs.
 * @param skip Why the implementation cannot run here; the tests are ignored then and say so.
 */
export function runKernelCases(
  label: string,
  make: () => Promise<KernelBench>,
  skip: string | null = null,
): void {
  let made: Promise<KernelBench> | null = null;
  const cases = [
    ...LETTERBOX_CASES,
    ...COMPACT_CASES,
    ...NMS_CASES,
    ...FOCAL_CASES,
    ...FOCAL_ORACLE_CASES,
    ...ARGUMENT_CASES,
  ];
  for (const [name, run] of cases) {
    Deno.test({
      name: `${label}: ${name}${skip === null ? "" : ` [skipped: ${skip}]`}`,
      ignore: skip !== null,
      fn: async () => {
        const bench = await (made ??= make());
        try {
          run(bench);
        } finally {
          bench.reset();
        }
      },
    });
  }
}
