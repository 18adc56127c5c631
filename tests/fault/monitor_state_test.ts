// What a monitor keeps: killed while it writes, on a full disk, cut and changed anywhere.
import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "../../src/core/errors.ts";
import { formatCalibration, parseCalibration } from "../../src/monitor/calibration_file.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import { formatMonitorState, parseMonitorState } from "../../src/monitor/monitor_state.ts";
import { spawnCli, withTempFolder } from "../support/cli_process.ts";
import { runInProcess } from "../support/memory_terminal.ts";
import { driftedAt, frameAt, STREET } from "../support/monitor_frames.ts";
import { TextLineStream } from "../support/text_lines.ts";

const WRITER = new URL("./monitor_state_writer.ts", import.meta.url).href;
const KILLS = 12;
const WORLD = "synthetic:street?seed=4&size=320x192&frames=70";

/** A monitor that has something of everything to keep. */
function livelyMonitor(): Monitor {
  const monitor = new Monitor(STREET, { warmUpFrames: 300 });
  for (let seq = 0; seq < 420; seq++) {
    monitor.observe(seq < 360 ? frameAt(seq) : driftedAt(seq));
  }
  for (let seq = 410; seq < 420; seq++) monitor.label(seq, { targets: [], ignored: [] });
  assert(monitor.alarms.length > 0);
  return monitor;
}

/** Lets a writer write so many times and kills it at once; returns the last frame it told of. */
async function killAfter(path: string, writes: number): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "--allow-write", WRITER, path],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  let [told, count] = [-1, 0];
  for await (const line of lines) {
    told = Number(line);
    if (++count === writes) child.kill("SIGKILL");
  }
  assertEquals((await child.status).signal, "SIGKILL", await stderr);
  return told;
}

Deno.test("a process killed at any moment leaves a state that opens, at most one frame old", async () => {
  await withTempFolder(async (folder) => {
    const path = `${folder}/state.json`;
    let alarms = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // Each process goes on from what the one before left, and is killed at another moment.
      const told = await killAfter(path, 7 + 5 * kill);
      const state = parseMonitorState(await Deno.readTextFile(path), path);
      assertGreaterOrEqual(state.frames.at(-1)!.seq, told);
      assertGreaterOrEqual(state.alarms.length, alarms);
      alarms = state.alarms.length;
    }
    assertGreaterOrEqual(alarms, 1);
    // The state, and what the last two processes left at most.
    assertLess([...Deno.readDirSync(folder)].length, 4);
  });
});

Deno.test("the command killed in the middle goes on from what it kept at its last event", async () => {
  await withTempFolder(async (folder) => {
    const path = `${folder}/state.json`;
    const world = WORLD.replace("frames=70", "frames=400");
    const usual = `${folder}/usual.json`;
    const files = ["--monitor-state", path, "--calibrate", usual];
    const args = ["run", world, "--monitor", "--warmup", "60", ...files, "--json"];
    const child = spawnCli(args);
    const stderr = new Response(child.stderr).text();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(
      new TextLineStream(),
    );
    let last = -1;
    for await (const line of lines) {
      if (last < 90) last = JSON.parse(line).seq;
      if (last === 90) child.kill("SIGKILL");
    }
    assertEquals((await child.status).signal, "SIGKILL", await stderr);
    const state = parseMonitorState(await Deno.readTextFile(path), path);
    // The warm-up ended at frame 59, which is an event.
    assertGreaterOrEqual(state.frames.at(-1)!.seq, 59);
    const kept = parseCalibration(await Deno.readTextFile(usual), usual);
    assertEquals([kept.calibration.frames, kept.camera], [60, state.camera]);
    const again = await runInProcess([...args, "--max-frames", "3"]);
    assertEquals(again.code, 0, again.stderr);
    for (const line of again.stdout.trimEnd().split("\n")) {
      assert(JSON.parse(line).monitor.health !== "warming");
    }
  });
});

Deno.test("a file cut at any byte is refused as such: state and calibration", () => {
  const monitor = livelyMonitor();
  const files = [
    [formatMonitorState(monitor.state!), parseMonitorState],
    [formatCalibration(monitor.calibration!), parseCalibration],
  ] as const;
  for (const [text, parse] of files) {
    // The last byte ends the line.
    for (let length = 0; length < text.length - 1; length++) {
      const error = assertThrows(() => parse(text.slice(0, length), "kept.json"), FoveaError);
      assertEquals(error.code, "STATE_INVALID");
      assert(error.message.includes("kept.json") && error.hint !== null);
    }
  }
});

Deno.test("a changed file is refused or means something: a monitor takes it and goes on", () => {
  const text = formatMonitorState(livelyMonitor().state!);
  const damage = fc.record({
    at: fc.nat({ max: text.length - 1 }),
    remove: fc.integer({ min: 0, max: 40 }),
    insert: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom("-", "1e999", "null", "NaN", "{}", "[", '"', "0"),
    ),
  });
  let refused = 0;
  fc.assert(
    fc.property(damage, ({ at, remove, insert }) => {
      const changed = text.slice(0, at) + insert + text.slice(at + remove);
      let state;
      try {
        state = parseMonitorState(changed, "kept.json");
      } catch (error) {
        assert(error instanceof FoveaError, String(error));
        assertEquals(error.code, "STATE_INVALID");
        refused++;
        return;
      }
      if (state.modelSha256 !== STREET.modelSha256 || state.camera !== STREET.camera) return;
      const monitor = new Monitor(STREET, { state });
      for (let seq = 420; seq < 440; seq++) monitor.observe(frameAt(seq));
    }),
    { seed: 3, numRuns: 400 },
  );
  assertGreaterOrEqual(refused, 100);
});

Deno.test("a state or calibration of another model or camera is refused by its hash or name", () => {
  const monitor = livelyMonitor();
  const { state, calibration } = monitor;
  const others = [{ ...STREET, modelSha256: "b".repeat(64) }, { ...STREET, camera: "rtsp://x" }];
  for (const other of others) {
    for (const options of [{ state: state! }, { calibration: calibration! }]) {
      const error = assertThrows(() => new Monitor(other, options), FoveaError);
      assertEquals(error.code, "STATE_FOREIGN");
      assert(error.hint!.length > 0);
    }
  }
});

Deno.test("a state that cannot be opened ends the command before anything runs", async () => {
  await withTempFolder(async (folder) => {
    const path = `${folder}/state.json`;
    const before = '{"format":"fovea-monitor-state","version":1,';
    await Deno.writeTextFile(path, before);
    const { code, stderr } = await runInProcess(["monitor", WORLD, "--monitor-state", path]);
    assertEquals(code, 1);
    assert(stderr.includes("STATE_INVALID") && stderr.includes(path), stderr);
    // It is for people to look at.
    assertEquals(await Deno.readTextFile(path), before);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  });
});

/** Mounts a disk of memory at `folder` that has no room left; returns whether that was allowed. */
async function mountFullDisk(folder: string): Promise<boolean> {
  const args = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder];
  const options = { stdout: "null", stderr: "null" } as const;
  const mounted = await new Deno.Command("mount", { args, ...options }).output().catch(() => null);
  if (mounted?.success !== true) return false;
  await Deno.writeFile(`${folder}/fill`, new Uint8Array(60_000));
  return true;
}

async function unmount(folder: string): Promise<void> {
  await new Deno.Command("umount", { args: [folder] }).output();
}

async function mayMount(): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-disk-" });
  const allowed = Deno.build.os === "linux" && await mountFullDisk(folder);
  if (allowed) await unmount(folder);
  await Deno.remove(folder);
  return allowed;
}

const hasFullDisk = await mayMount();

Deno.test({
  name: "on a full disk a monitor watches on, says so once, and writes what has room elsewhere" +
    (hasFullDisk ? "" : " [skipped: may not mount a disk]"),
  ignore: !hasFullDisk,
  fn: () =>
    withTempFolder(async (folder) => {
      const disk = `${folder}/disk`;
      await Deno.mkdir(disk);
      assertEquals(await mountFullDisk(disk), true);
      try {
        const flags = ["--warmup", "60", "--monitor-state", `${disk}/state.json`];
        const page = `${folder}/monitor.html`;
        const outcome = await runInProcess(["monitor", WORLD, ...flags, "--report", page]);
        assertEquals(outcome.code, 1);
        const told = outcome.stderr.split("\n").filter((line) => line.includes("No space left"));
        assertEquals(told.length, 2, outcome.stderr);
        assert(told[0]!.endsWith("watching goes on"));
        assert(told[1]!.includes("SINK_WRITE"));
        // All 70 frames were watched, and the report is there.
        assert(outcome.stdout.includes("(70 frames"), outcome.stdout);
        assert((await Deno.readTextFile(page)).includes("</html>"));
        assertEquals([...Deno.readDirSync(disk)].map(({ name }) => name), ["fill"]);
      } finally {
        await unmount(disk);
      }
    }),
});
