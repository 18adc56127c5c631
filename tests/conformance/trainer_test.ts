import { BuiltinTrainer, openTrainer } from "../../src/refine/mod.ts";
import { runTrainerCases } from "./trainer_cases.ts";

for (const kernels of ["wasm", "typescript"] as const) {
  runTrainerCases(`built-in trainer, ${kernels}`, () => BuiltinTrainer.create({ kernels }));
}

runTrainerCases("built-in trainer, on its thread", () => openTrainer({ kind: "builtin" }));
