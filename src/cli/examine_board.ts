import { type Board, readBoard } from "../board/detect_board.ts";
import { readPowerModes } from "../board/power_mode.ts";
import { openTelemetry } from "../board/telemetry.ts";
import type { LibraryCandidate } from "../native/library.ts";
import { SystemFiles } from "../native/system_files.ts";
import { describeBoard } from "./check_board.ts";
import { checkCsiSensors } from "./check_csi.ts";
import { checkGpu } from "./check_gpu.ts";
import { checkGpuLibraries, type GpuLibraryPlaces } from "./check_gpu_libraries.ts";
import { checkGstreamer, type RunProgram } from "./check_gstreamer.ts";
import { describePower } from "./check_power.ts";
import { checkTensorFlow } from "./check_tensorflow.ts";
import { type MachineFinding, optionalFinding, reasonOf, todoFor } from "./doctor_finding.ts";

/** What the board is looked at with; tests put other things there. */
export interface BoardHost {
  /** Whether native code may be loaded from anywhere. */
  readonly mayLoad: boolean;
  /** How GStreamer's programs are run; `null` where that is not allowed. */
  readonly run: RunProgram | null;
  /** The folder `node_modules`; `null` where packages lie elsewhere. */
  readonly modulesFolder: URL | null;
  /** A folder that stands for the root of the machine; the machine itself by default. */
  readonly root?: string;
  /** The library that is named as the CUDA driver; `null` for the usual places. */
  readonly driver: string | null;
  /** Where the driver is looked for; as `driver` says by default. */
  readonly driverPlaces?: readonly LibraryCandidate[];
  /** Places of TensorRT and cuDNN; the usual ones by default. */
  readonly libraryPlaces?: GpuLibraryPlaces;
}

/** Looks at everything that decides about GPU and cameras, in the order of the chain. */
export async function examineBoard(host: BoardHost): Promise<MachineFinding[]> {
  using files = openFiles(host);
  const board = files === null ? null : readBoard(files);
  const isJetson = board !== null && board.soc !== null;
  const gpu = await checkGpu(host.mayLoad, host.driver, isJetson, host.driverPlaces);
  const hasGpu = isJetson || gpu.some(({ check }) => check.startsWith("gpu "));
  return [
    ...board === null ? [unseen(host)] : describeBoard(board),
    ...gpu,
    ...files === null || !hasGpu ? [] : checkGpuLibraries(files, host.libraryPlaces),
    ...files === null || !isJetson ? [] : [checkCsiSensors(files)],
    ...await checkGstreamer(isJetson, host.run),
    await checkTensorFlow(host.modulesFolder, files),
    ...board === null || files === null ? [] : examinePower(board, files, host),
  ];
}

function openFiles({ mayLoad, root }: BoardHost): SystemFiles | null {
  if (!mayLoad || Deno.build.os !== "linux") return null;
  return new SystemFiles(root === undefined ? {} : { root });
}

function unseen({ mayLoad }: BoardHost): MachineFinding {
  return mayLoad ? optionalFinding("board", "ok", "no Jetson") : optionalFinding(
    "board",
    "unknown",
    "not looked at without --allow-ffi for everything",
    "Add --allow-ffi without a path",
  );
}

function examinePower(board: Board, files: SystemFiles, { root }: BoardHost): MachineFinding[] {
  if (board.soc === null) return [];
  try {
    using telemetry = openTelemetry(root === undefined ? {} : { root });
    return describePower(telemetry.sample(), readPowerModes(files));
  } catch (error) {
    return [optionalFinding("power mode", "unknown", reasonOf(error), todoFor(error, null))];
  }
}
