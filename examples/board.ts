// deno-lint-ignore-file no-console
// Tells what machine this is and how it is: deno run --allow-ffi examples/board.ts
import { detectBoard, openTelemetry } from "@fovea/fovea/board";

const { model, soc, release } = detectBoard();
console.log(soc === null ? "no Jetson" : `${model}, JetPack ${release?.jetpack ?? "unknown"}`);

using telemetry = openTelemetry();
const { gpuLoad, temperatures, boardMilliwatts, powerMode } = telemetry.sample();
// What a machine does not tell is null, never 0.
console.log("GPU load:", gpuLoad === null ? "not told" : `${Math.round(100 * gpuLoad)} %`);
console.log("power:", boardMilliwatts === null ? "not told" : `${boardMilliwatts} mW`);
console.log("power mode:", powerMode?.name ?? "not told");
for (const { name, celsius } of temperatures) console.log(`${name}: ${celsius.toFixed(1)} °C`);
