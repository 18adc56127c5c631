import { probeCudnn } from "../native/cudnn_version.ts";
import { readTensorRtVersion } from "../native/gpu_identity.ts";
import type { LibraryCandidate } from "../native/library.ts";
import type { SystemFiles } from "../native/system_files.ts";
import { type MachineFinding, optionalFinding, reasonOf } from "./doctor_finding.ts";

/** Where the libraries are looked for; the usual places by default. */
export interface GpuLibraryPlaces {
  /** TensorRT. */
  readonly tensorRt?: readonly LibraryCandidate[];
  /** cuDNN. */
  readonly cudnn?: readonly LibraryCandidate[];
}

const TOOLKIT = "/usr/local/cuda";

/** Looks at what ONNX Runtime's GPU providers need besides the driver. */
export function checkGpuLibraries(
  files: SystemFiles,
  places: GpuLibraryPlaces = {},
): MachineFinding[] {
  return [
    checkToolkit(files),
    checkLibrary("cudnn", "the provider cuda needs it", () => {
      const { version, path } = probeCudnn(places.cudnn);
      return `${version}, ${path}`;
    }),
    checkLibrary(
      "tensorrt",
      "the provider tensorrt needs it",
      () => formatTensorRt(Number(readTensorRtVersion(places.tensorRt))),
    ),
  ];
}

/** `8602` is 8.6.2, `100300` is 10.3.0. */
export function formatTensorRt(version: number): string {
  const unit = version >= 100_000 ? 10_000 : 1000;
  return [Math.floor(version / unit), Math.floor(version % unit / 100), version % 100].join(".");
}

function checkLibrary(check: string, use: string, ask: () => string): MachineFinding {
  try {
    return optionalFinding(check, "ok", ask());
  } catch (error) {
    return optionalFinding(
      check,
      "missing",
      `${reasonOf(error).replace(/^FoveaError: /, "")}; ${use}`,
      `Install it (on a Jetson: sudo apt-get install nvidia-jetpack), or add its folder to LD_LIBRARY_PATH`,
    );
  }
}

/** The toolkit brings libraries that ONNX Runtime's CUDA provider links with; nvcc is not needed. */
function checkToolkit(files: SystemFiles): MachineFinding {
  const check = "cuda toolkit";
  const json = files.readText(`${TOOLKIT}/version.json`);
  const [, version] = /"cuda"\s*:\s*\{[^}]*"version"\s*:\s*"([\d.]+)"/.exec(json ?? "") ??
    /CUDA Version ([\d.]+)/.exec(files.readText(`${TOOLKIT}/version.txt`) ?? "") ?? [];
  if (version !== undefined) return optionalFinding(check, "ok", `${version}, ${TOOLKIT}`);
  return optionalFinding(
    check,
    "missing",
    `there is no ${TOOLKIT}/version.json; the provider cuda needs libraries of the toolkit`,
    "Install it, on a Jetson with: sudo apt-get install nvidia-jetpack",
  );
}
