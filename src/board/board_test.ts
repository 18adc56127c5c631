import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { NANO, ORIN_NANO, THOR } from "../../tests/support/fake_boards.ts";
import { makeTree } from "../../tests/support/fake_tree.ts";
import { detectBoard } from "./detect_board.ts";
import { parseL4tPackage, parseTegraRelease } from "./l4t_release.ts";
import { explainUnreadable } from "./machine_error.ts";

Deno.test("detectBoard() names board, chip and release", async () => {
  const boards = [NANO, ORIN_NANO, THOR];
  const found = [];
  for (const files of boards) {
    await using tree = await makeTree(files);
    found.push(detectBoard({ root: tree.root }));
  }
  assertEquals(found, [
    {
      model: "NVIDIA Jetson Nano Developer Kit",
      soc: "tegra210",
      computeCapability: 53,
      release: { major: 32, revision: "7.1", jetpack: 4 },
    },
    {
      model: "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super",
      soc: "tegra234",
      computeCapability: 87,
      release: { major: 36, revision: "4.3", jetpack: 6 },
    },
    {
      model: "NVIDIA Jetson AGX Thor Developer Kit",
      soc: "tegra264",
      computeCapability: 110,
      release: { major: 39, revision: "2.10", jetpack: 7 },
    },
  ]);
});

Deno.test("detectBoard() knows that other machines are no Jetson", async () => {
  await using pc = await makeTree({ "/etc/hostname": "pc\n" });
  const nothing = { model: null, soc: null, computeCapability: null, release: null };
  assertEquals(detectBoard({ root: pc.root }), nothing);
  await using pi = await makeTree({
    "/proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
    "/proc/device-tree/compatible": "raspberrypi,5-model-b\0brcm,bcm2712\0",
  });
  assertEquals(detectBoard({ root: pi.root }), {
    ...nothing,
    model: "Raspberry Pi 5 Model B Rev 1.0",
  });
});

Deno.test("detectBoard() finds the release of an image without its file, and lives without", async () => {
  const { "/etc/nv_tegra_release": _, ...bare } = ORIN_NANO;
  await using without = await makeTree(bare);
  assertEquals(detectBoard({ root: without.root }).release, null);
  await using withPackages = await makeTree({
    ...bare,
    "/var/lib/dpkg/status":
      `Package: nvidia-l4t-cuda\nVersion: 9.9.9-1\n\n${
        "Package: filler\nVersion: 1\nDescription: words\n\n".repeat(5000)
      }Package: nvidia-l4t-core\nStatus: install ok installed\nArchitecture: arm64\n` +
      "Version: 36.4.7-20250918154033\n\nPackage: zlib1g\nVersion: 1.2\n",
  });
  assertEquals(detectBoard({ root: withPackages.root }).release, {
    major: 36,
    revision: "4.7",
    jetpack: 6,
  });
});

Deno.test("a chip that fovea does not know has no compute capability", async () => {
  await using tree = await makeTree({ "/proc/device-tree/compatible": "nvidia,tegra999\0" });
  const { soc, computeCapability } = detectBoard({ root: tree.root });
  assertEquals([soc, computeCapability], ["tegra999", null]);
});

Deno.test("parseTegraRelease() maps releases to JetPack by their major number", () => {
  const of = (text: string) => {
    const release = parseTegraRelease(text);
    return release === null ? null : [release.major, release.revision, release.jetpack];
  };
  assertEquals(of("# R35 (release), REVISION: 6.0, GCID: 1"), [35, "6.0", 5]);
  assertEquals(of("# R34 (release), REVISION: 1.1, GCID: 1"), [34, "1.1", 5]);
  assertEquals(of("# R38 (release), REVISION: 2.0, GCID: 1"), [38, "2.0", 7]);
  assertEquals(of("# R99 (release), REVISION: 1, GCID: 1"), [99, "1", null]);
  assertEquals(of("INSTALL_TYPE=\n# R36 (release), REVISION: 5.0, X"), [36, "5.0", 6]);
  assertEquals([of(""), of("R36 (release)"), of("# R36 (release), REVISION: x")], [
    null,
    null,
    null,
  ]);
});

Deno.test("parseL4tPackage() is not led astray by other packages", () => {
  assertEquals(parseL4tPackage("Package: nvidia-l4t-core-dev\nVersion: 1.2\n"), null);
  assertEquals(parseL4tPackage("Package: nvidia-l4t-core\n\nPackage: b\nVersion: 36.1\n"), null);
  assertEquals(parseL4tPackage(""), null);
});

Deno.test("what cannot be read is explained with what to do", () => {
  const refused = explainUnreadable(new Deno.errors.NotCapable("no"), "look");
  assertEquals(refused.code, "TELEMETRY_UNAVAILABLE");
  assertEquals(refused.hint?.startsWith("Run with --allow-ffi"), true);
  const error = assertThrows(() => {
    throw explainUnreadable(new Deno.errors.NotSupported("not Linux"), "look");
  }, FoveaError);
  assertEquals([error.message, error.hint], ["Cannot look: not Linux", null]);
});
