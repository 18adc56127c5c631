import { assertEquals } from "@std/assert";
import type { Board } from "../board/detect_board.ts";
import { describeBoard } from "./check_board.ts";

const ORIN: Board = {
  model: "NVIDIA Jetson Orin Nano Developer Kit",
  soc: "tegra234",
  computeCapability: 87,
  release: { major: 36, revision: "4.3", jetpack: 6 },
};

function shortOf(board: Board): string[] {
  return describeBoard(board).map(({ check, status, found, todo }) =>
    `${check} ${status}: ${found}${todo === null ? "" : ` -> ${todo}`}`
  );
}

Deno.test("describeBoard() names a Jetson and its JetPack", () => {
  assertEquals(shortOf(ORIN), [
    "board ok: NVIDIA Jetson Orin Nano Developer Kit (tegra234, GPU of compute capability 87)",
    "jetpack ok: JetPack 6 (L4T 36.4.3)",
  ]);
  assertEquals(
    shortOf({ ...ORIN, model: null, computeCapability: null })[0],
    "board ok: a Jetson (tegra234)",
  );
});

Deno.test("describeBoard() says what to do about releases that are old, new or unknown", () => {
  const old = shortOf({ ...ORIN, release: { major: 32, revision: "7.1", jetpack: 4 } })[1]!;
  assertEquals(
    old.startsWith("jetpack warn: JetPack 4 (L4T 32.7.1); its C library is too old"),
    true,
  );
  assertEquals(old.endsWith("-> Install JetPack 5 or newer where the board can have it"), true);
  assertEquals(
    shortOf({ ...ORIN, release: { major: 50, revision: "1", jetpack: null } })[1],
    "jetpack warn: L4T 50.1 -> Expect surprises: fovea does not know this release",
  );
  const silent = shortOf({ ...ORIN, release: null })[1]!;
  assertEquals(silent.startsWith("jetpack unknown: there is no /etc/nv_tegra_release"), true);
});

Deno.test("describeBoard() tells other machines", () => {
  const pc = { model: null, soc: null, computeCapability: null, release: null };
  assertEquals(shortOf(pc), ["board ok: no Jetson"]);
  assertEquals(shortOf({ ...pc, model: "Raspberry Pi 5" }), [
    "board ok: Raspberry Pi 5, no Jetson",
  ]);
});
