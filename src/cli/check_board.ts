import type { Board } from "../board/detect_board.ts";
import { type MachineFinding, optionalFinding } from "./doctor_finding.ts";

/** The oldest JetPack whose system runs the packages of fovea. */
const JETPACK_MIN = 5;

/** Tells what kind of board this is, and for a Jetson which JetPack it has. */
export function describeBoard(board: Board): MachineFinding[] {
  const { model, soc, computeCapability, release } = board;
  if (soc === null) {
    return [optionalFinding("board", "ok", model === null ? "no Jetson" : `${model}, no Jetson`)];
  }
  const gpu = computeCapability === null ? "" : `, GPU of compute capability ${computeCapability}`;
  const found = optionalFinding("board", "ok", `${model ?? "a Jetson"} (${soc}${gpu})`);
  if (release === null) {
    return [
      found,
      optionalFinding(
        "jetpack",
        "unknown",
        "there is no /etc/nv_tegra_release, and no package nvidia-l4t-core",
        "In a container, mount /etc/nv_tegra_release from the board",
      ),
    ];
  }
  const { major, revision, jetpack } = release;
  const name = `L4T ${major}.${revision}`;
  if (jetpack === null) {
    const todo = "Expect surprises: fovea does not know this release";
    return [found, optionalFinding("jetpack", "warn", name, todo)];
  }
  return [
    found,
    jetpack < JETPACK_MIN
      ? optionalFinding(
        "jetpack",
        "warn",
        `JetPack ${jetpack} (${name}); its C library is too old for ONNX Runtime from npm`,
        `Install JetPack ${JETPACK_MIN} or newer where the board can have it`,
      )
      : optionalFinding("jetpack", "ok", `JetPack ${jetpack} (${name})`),
  ];
}
