import { assertEquals, assertStringIncludes } from "@std/assert";
import { ORIN_NANO } from "../../tests/support/fake_boards.ts";
import { testWithEmulator } from "../../tests/support/cuda_emulator.ts";
import { makeTree } from "../../tests/support/fake_tree.ts";
import { SystemFiles } from "../native/system_files.ts";
import { checkCsiSensors } from "./check_csi.ts";
import { checkTensorFlow } from "./check_tensorflow.ts";
import { type BoardHost, examineBoard } from "./examine_board.ts";

const NOWHERE = [{ path: "/fovea-none/libcuda.so.1", source: "test" }];

async function examine(root: string, host: Partial<BoardHost> = {}): Promise<string[]> {
  const findings = await examineBoard({
    mayLoad: true,
    run: null,
    modulesFolder: new URL(`file://${root}/node_modules/`),
    root,
    driver: NOWHERE[0]!.path,
    libraryPlaces: { tensorRt: NOWHERE, cudnn: NOWHERE },
    ...host,
  });
  assertEquals(findings.filter(({ needed }) => needed), []);
  return findings.map(({ check, status }) => `${check} ${status}`);
}

testWithEmulator("examineBoard() walks the whole chain of a Jetson", async (emulator) => {
  await using tree = await makeTree(ORIN_NANO);
  assertEquals(await examine(tree.root, { driver: emulator.path }), [
    "board ok",
    "jetpack ok",
    "cuda driver ok",
    "gpu 0 ok",
    "cuda kernels ok",
    "cuda toolkit missing",
    "cudnn missing",
    "tensorrt missing",
    "csi cameras ok",
    "gstreamer unknown",
    "tensorflow ok",
    "power mode warn",
    "clocks ok",
    "gpu load ok",
    "temperature ok",
    "power ok",
    "swap ok",
  ]);
});

Deno.test("examineBoard() goes on where the driver of a Jetson is missing", async () => {
  await using tree = await makeTree(ORIN_NANO);
  const findings = await examine(tree.root);
  assertEquals(findings.slice(0, 4), [
    "board ok",
    "jetpack ok",
    "cuda driver missing",
    "cuda toolkit missing",
  ]);
});

Deno.test("examineBoard() asks a PC without a GPU for nothing", async () => {
  await using tree = await makeTree({ "/etc/hostname": "pc" });
  assertEquals(await examine(tree.root, { driver: null, driverPlaces: NOWHERE }), [
    "board ok",
    "cuda driver ok",
    "gstreamer unknown",
    "tensorflow ok",
  ]);
});

Deno.test("examineBoard() says what it needs where native code is not allowed", async () => {
  await using tree = await makeTree(ORIN_NANO);
  assertEquals(await examine(tree.root, { mayLoad: false }), [
    "board unknown",
    "cuda driver unknown",
    "gstreamer unknown",
    "tensorflow ok",
  ]);
});

Deno.test("checkCsiSensors() tells sensors from other cameras", async () => {
  await using tree = await makeTree({
    "/sys/class/video4linux/video0/name": "vi-output, imx219 9-0010\n",
    "/sys/class/video4linux/video1/name": "vi-output, imx477 10-001a\n",
    "/sys/class/video4linux/video2/name": "UVC Camera (046d:0825)\n",
  });
  using files = new SystemFiles({ root: tree.root });
  assertEquals(checkCsiSensors(files).found, "csi:0 imx219 9-0010; csi:1 imx477 10-001a");
  await using none = await makeTree({ "/sys/class/video4linux/video0/name": "UVC Camera\n" });
  using other = new SystemFiles({ root: none.root });
  const { found, todo } = checkCsiSensors(other);
  assertEquals(found, "the kernel sees no sensor");
  assertStringIncludes(todo!, "jetson-io");
});

Deno.test("checkTensorFlow() tells package, binding and libraries to build one against", async () => {
  const binding = "/node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node";
  const built = "/node_modules/.tensorflow/node_modules/@tensorflow/tfjs-node";
  const wheel = "/usr/local/lib/python3.10/dist-packages/tensorflow/libtensorflow_cc.so.2";
  const trees: readonly (readonly [Record<string, string>, string, string])[] = [
    [{ "/etc/hostname": "x" }, "ok", "no package @tensorflow/tfjs-node-gpu or"],
    [{ [wheel]: "" }, "ok", "libraries for one in /usr/local/lib/python3.10/dist-packages"],
    [{ "/node_modules/@tensorflow/tfjs-node/package.json": "{}" }, "warn", "without its native"],
    [
      { "/node_modules/@tensorflow/tfjs-node/package.json": "{}", [binding]: "" },
      "ok",
      "@tensorflow/tfjs-node with its native binding",
    ],
    [
      {
        "/node_modules/@tensorflow/tfjs-node/package.json": "{}",
        [`${built}/package.json`]: "{}",
        [`${built}/lib/napi-v8/tfjs_binding.node`]: "",
      },
      "ok",
      "@tensorflow/tfjs-node with its native binding",
    ],
    [
      { "/node_modules/@tensorflow/tfjs-node-gpu/package.json": "{}", [wheel]: "" },
      "warn",
      "libraries for one in",
    ],
  ];
  for (const [paths, status, says] of trees) {
    await using tree = await makeTree(paths);
    using files = new SystemFiles({ root: tree.root });
    const finding = await checkTensorFlow(new URL(`file://${tree.root}/node_modules/`), files);
    assertEquals([finding.check, finding.status], ["tensorflow", status]);
    assertStringIncludes(finding.found, says);
    assertEquals(finding.todo === null, status === "ok");
  }
});
