// The first run where things are not as it would like them: narrow screens, readers that leave,
// outputs that cannot be written, and sources that the shipped detector does not know.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openCamera } from "../../src/camera/open_camera.ts";
import { runCli as runOn } from "../../src/cli/run_cli.ts";
import { spawnCli, withTempFolder } from "../support/cli_process.ts";
import { makeBitmap } from "../support/bitmap.ts";
import { runInProcess } from "../support/memory_terminal.ts";
import { Screen } from "../support/screen.ts";

const STREET = "synthetic:street?seed=4&size=160x96";

Deno.test("a screen of 20 columns shows the table, and nothing that is wider", async () => {
  const screen = new Screen(20, 24);
  const uri = `${STREET}&frames=90&weather=night:3@70`;
  const code = await runOn(["run", uri, "--live", "--monitor", "--warmup", "50"], screen);
  assertEquals(code, 0, screen.text);
  const lines = screen.text.split("\n");
  const table = lines.slice(lines.findIndex((line) => line.includes("100%")));
  assert(table.length > 8 && table.length < 30, screen.text);
  assertStringIncludes(table[0]!, "90/90");
  assertStringIncludes(screen.text, "\nbicycle ");
  // A line that had wrapped would leave a rest behind when the table is drawn over.
  assertEquals(lines.filter((line) => line.startsWith("live ")).length, 1, screen.text);
  assertEquals(lines.filter((line) => line.includes(" there")).length, 1, screen.text);
});

Deno.test("figures of a world fit a screen of 20 columns", async () => {
  const screen = new Screen(20, 24);
  assertEquals(await runOn(["eval", "--video", `${STREET}&frames=4`, "--tracks"], screen), 0);
  for (const word of ["AP50", "IDF1", "pedes"]) assertStringIncludes(screen.text, word);
});

Deno.test("a reader of the table that leaves early ends the run well, with a video that plays", () =>
  withTempFolder(async (folder) => {
    const saved = `${folder}/seen.mp4`;
    const child = spawnCli(["run", `${STREET}&frames=20000`, "--live", "--save", saved]);
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    const stderr = await child.stderr.text();
    assertEquals((await child.status).code, 0, stderr);
    assert(!stderr.includes("error"), stderr);
    await using camera = await openCamera(saved);
    const event = await camera.next();
    assertEquals(event.kind, "frame");
    if (event.kind === "frame") event.frame[Symbol.dispose]();
  }));

Deno.test("a folder that cannot be written is told before the first frame", () =>
  withTempFolder(async (folder) => {
    const blocked = `${folder}/file`;
    await Deno.writeTextFile(blocked, "");
    const uri = `${STREET}&frames=4`;
    const cases: readonly (readonly string[])[] = [
      ["run", uri, "--live", "--save", `${blocked}/seen.mp4`],
      ["run", uri, "--live", "--save", `${blocked}/seen.png`],
      ["run", uri, "--live", "--monitor", "--events", `${blocked}/events.ndjson`],
      ["monitor", uri, "--report", `${blocked}/report.html`],
      ["eval", "--video", uri, "--tracks", "--report", `${blocked}/report.html`],
      ["world", uri, "--annotations", `${blocked}/truth.json`],
    ];
    for (const args of cases) {
      const { code, stdout, stderr } = await runInProcess(args);
      assertEquals([code, stdout], [1, ""], args.join(" "));
      assertStringIncludes(stderr, "error SINK_OPEN: Cannot ", args.join(" "));
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["file"]);
  }));

Deno.test("a detector that is named and missing is told; the shipped one does not step in", async () => {
  for (
    const words of [["run", STREET, "--live"], ["monitor", STREET], ["eval", "--video", STREET]]
  ) {
    const { code, stdout, stderr } = await runInProcess([
      ...words,
      ...(words[0] === "eval" ? ["--frames", "0:4"] : ["--max-frames", "4"]),
      "--model",
      "no/model.onnx",
    ]);
    assertEquals([code, stdout], [1, ""], words.join(" "));
    assertStringIncludes(stderr, "error MODEL_NOT_FOUND: Cannot read model no/model.onnx");
    assert(!stderr.includes("shipped"), stderr);
  }
});

Deno.test("the shipped detector says that it is not made for anything but the street", () =>
  withTempFolder(async (folder) => {
    await makeBitmap(`${folder}/a.bmp`, 64, 48, []);
    const source = `images:${folder}`;
    for (const words of [["run", source], ["run", source, "--live"], ["monitor", source]]) {
      const { code, stderr } = await runInProcess(words);
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr, "warning: fovea-street is not made for images:");
      assertStringIncludes(stderr, "Give a detector of your own with --model");
    }
    const json = await runInProcess(["run", source, "--json"]);
    assertStringIncludes(JSON.parse(json.stderr).warning.message, "fovea-street is not made for");
    const street = await runInProcess(["run", `${STREET}&frames=2`]);
    assert(!street.stderr.includes("warning"), street.stderr);
  }));
