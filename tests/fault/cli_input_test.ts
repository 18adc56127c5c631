// Models and sources that cannot be used: a typed error with a hint, and code 1.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli, withTempFolder } from "../support/cli_process.ts";
import { makeClip, makeSound } from "../support/clips.ts";

const MODEL = "models/tiny/yolo_v8.onnx";

interface ErrorLine {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}

/** Runs a command that must fail with one JSON line on standard error, and returns its error. */
async function failingError(args: readonly string[]): Promise<ErrorLine["error"]> {
  const { code, stdout, stderr } = await runCli([...args, "--json"]);
  assertEquals([code, stdout], [1, ""], stderr);
  assertEquals(stderr.split("\n").length, 2, stderr);
  const { error } = JSON.parse(stderr) as ErrorLine;
  assert(error.message.startsWith("Cannot "), error.message);
  return error;
}

Deno.test("a missing model is told with its path, by run and by inspect", async () => {
  for (const args of [["run", "a.mp4", "-m", "no/model.onnx"], ["inspect", "no/model.onnx"]]) {
    const error = await failingError(args);
    assertEquals(error.code, "MODEL_NOT_FOUND");
    assertStringIncludes(error.message, "no/model.onnx");
    assert(error.hint !== null);
  }
});

Deno.test("truncated models and files that are no ONNX are told apart from missing ones", () =>
  withTempFolder(async (folder) => {
    const whole = await Deno.readFile(new URL(`../../${MODEL}`, import.meta.url));
    const bad: Readonly<Record<string, Uint8Array>> = {
      "truncated.onnx": whole.subarray(0, whole.length >> 1),
      "empty.onnx": new Uint8Array(),
      "text.onnx": new TextEncoder().encode("this is no model\n".repeat(20)),
    };
    for (const [name, bytes] of Object.entries(bad)) {
      const path = `${folder}/${name}`;
      await Deno.writeFile(path, bytes);
      assertEquals((await failingError(["run", "a.mp4", "-m", path])).code, "MODEL_INVALID", name);
      assertEquals((await failingError(["inspect", path])).code, "MODEL_INVALID", name);
    }
  }));

Deno.test("models that are no detectors are told what was found", async () => {
  for (const name of ["classifier", "two_pictures", "unknown_layout", "zero_classes"]) {
    const model = `models/tiny/${name}.onnx`;
    assertEquals(
      (await failingError(["run", "a.mp4", "-m", model])).code,
      "MODEL_UNSUPPORTED",
      name,
    );
    assertEquals((await failingError(["inspect", model])).code, "MODEL_UNSUPPORTED", name);
  }
});

Deno.test("a broken manifest beside a model is told", () =>
  withTempFolder(async (folder) => {
    const model = `${folder}/model.onnx`;
    await Deno.copyFile(new URL(`../../${MODEL}`, import.meta.url), model);
    await Deno.writeTextFile(`${folder}/model.manifest.json`, '{"famly": "yolox"}');
    const error = await failingError(["inspect", model]);
    assertEquals(error.code, "MANIFEST_INVALID");
    assertStringIncludes(error.message, "famly");
  }));

Deno.test("sources that cannot be opened are told by kind", () =>
  withTempFolder(async (folder) => {
    const sound = `${folder}/sound.wav`;
    await makeSound(sound);
    const text = `${folder}/text.mp4`;
    await Deno.writeTextFile(text, "no video\n".repeat(100));
    const sources: readonly (readonly [string, string])[] = [
      [`${folder}/none.mp4`, "CAMERA_OPEN"],
      [text, "CAMERA_OPEN"],
      [sound, "CAMERA_NO_VIDEO"],
      ["rtsp://127.0.0.1:1/none", "CAMERA_OPEN"],
      ["gopher://somewhere", "CAMERA_URI"],
      [`images:${folder}`, "CAMERA_OPEN"],
    ];
    for (const [uri, expected] of sources) {
      assertEquals((await failingError(["run", uri, "-m", MODEL])).code, expected, uri);
    }
  }));

Deno.test("a password in a URI is never printed", async () => {
  const uri = "rtsp://me:hunter2@127.0.0.1:1/none";
  for (const mode of [["--json"], []]) {
    const { stdout, stderr } = await runCli(["run", uri, "-m", MODEL, ...mode]);
    assert(!`${stdout}${stderr}`.includes("hunter2"), stderr);
    assertStringIncludes(stderr, "me:***@");
  }
});

Deno.test("a provider that is not here is an error, not a silent fallback", () =>
  withTempFolder(async (folder) => {
    const clip = `${folder}/clip.mp4`;
    await makeClip({ path: clip, width: 64, height: 48, frames: 2, fps: 25 });
    const args = ["run", clip, "-m", MODEL, "--providers", "tensorrt,cpu"];
    assertEquals((await failingError(args)).code, "ENGINE_UNAVAILABLE");
    const fallen = await runCli([...args, "--fallback", "--json"]);
    assertEquals(fallen.code, 0, fallen.stderr);
    assertEquals(JSON.parse(fallen.stdout.split("\n", 1)[0]!).provider, "cpu");
    const told = await runCli([...args, "--fallback"]);
    assertStringIncludes(told.stderr, "tensorrt is not available; cpu serves instead");
  }));

Deno.test("a model that says NaN everywhere ends the run with OUTPUT_NOT_FINITE", () =>
  withTempFolder(async (folder) => {
    const clip = `${folder}/clip.mp4`;
    await makeClip({ path: clip, width: 64, height: 48, frames: 3, fps: 25 });
    const error = await failingError(["run", clip, "-m", "models/tiny/yolo_v8_nan.onnx"]);
    assertEquals(error.code, "OUTPUT_NOT_FINITE");
  }));

Deno.test("a missing permission is told by its flag", async () => {
  const { code, stderr } = await runCli(["run", "a.mp4", "-m", MODEL], { permissions: [] });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "--allow-read");
});
