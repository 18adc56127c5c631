// Loading can be ended from outside, whatever it is doing; what crashed does not spoil the next.
import { assertEquals, assertRejects } from "@std/assert";
import { loadDetector } from "../../mod.ts";
import { measureModel } from "../../src/cli/measure_model.ts";
import { spawnCli, withTempFolder } from "../support/cli_process.ts";
import { testWithShared } from "../support/shared.ts";

const MODEL = new URL("../../models/tiny/yolo_v8.onnx", import.meta.url);

/** A signal that aborts as soon as somebody listens to it. */
function abortsWhenHeard(reason: Error): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const listen = signal.addEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof listen>) => {
    listen(...args);
    queueMicrotask(() => controller.abort(reason));
  };
  return signal;
}

Deno.test("loadDetector() rejects with the reason of its signal, before and while it loads", async () => {
  const reason = new Error("changed my mind");
  for (const signal of [AbortSignal.abort(reason), abortsWhenHeard(reason)]) {
    const error = await assertRejects(() => loadDetector(MODEL, { workers: 2, signal }));
    assertEquals(error, reason);
  }
  await using detector = await loadDetector(MODEL, { signal: new AbortController().signal });
  assertEquals(detector.spec.family, "yolo-v8");
});

Deno.test("measureModel() runs slow models one by one, and not at all after an abort", async () => {
  const asked: number[] = [];
  const controller = new AbortController();
  const detector = (modelMs: number) => ({
    measureModelMs: (runs: number) => {
      asked.push(runs);
      return Promise.resolve(modelMs);
    },
  });
  assertEquals(await measureModel(detector(10), controller.signal), [10]);
  assertEquals(await measureModel(detector(9_000), controller.signal), [9_000]);
  assertEquals(asked.splice(0), [1, 60, 1, 1, 1]);
  controller.abort();
  assertEquals(await measureModel(detector(10), controller.signal), []);
  assertEquals(asked, []);
});

testWithShared(
  "Ctrl-C while a model loads ends at once with 130 and leaves nothing",
  ["models/yolov8n.onnx"],
  ([model]) =>
    withTempFolder(async (folder) => {
      // Several times, because where in the library the end comes is a matter of luck.
      for (let round = 0; round < 8; round++) {
        using watcher = Deno.watchFs(folder);
        const stats = `${folder}/stats.json`;
        const child = spawnCli(["run", "clip.mp4", "-m", model, "--json", "--stats", stats]);
        // The file aside is made right before the model is loaded.
        for await (const { kind } of watcher) if (kind === "create") break;
        child.kill("SIGINT");
        const [stdout, stderr] = [await child.stdout.text(), await child.stderr.text()];
        assertEquals([(await child.status).code, stdout, stderr], [130, "", ""]);
        assertEquals([...Deno.readDirSync(folder)], []);
      }
    }),
);
