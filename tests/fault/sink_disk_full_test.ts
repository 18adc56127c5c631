// A disk that fills up while outputs are written: a typed error, nothing leaked, and what was
// written before can be played.
import { assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { decodePictures } from "../support/decode_pictures.ts";

const WRITER = new URL("./sink_writer.ts", import.meta.url).href;
const DEVICE_FULL = new URL("./sink_device_full.ts", import.meta.url).href;
const isLinux = Deno.build.os === "linux";
const onLinux = isLinux ? "" : " [skipped: needs Linux]";

async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-full-" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the writer in a process whose files may not grow beyond `blocks` of 512 or 1024 bytes. */
async function writeLimited(path: string, blocks: number): Promise<string[]> {
  const script = `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" run --quiet -A "$@"`;
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, Deno.execPath(), WRITER, path, "150"],
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.at(-1), "done", new TextDecoder().decode(stderr));
  return lines;
}

for (const extension of ["mp4", "mjpeg", "ndjson"]) {
  Deno.test({
    name: `the .${extension} sink tells a full disk by its code and leaks nothing${onLinux}`,
    ignore: !isLinux,
    fn: () =>
      inFolder(async (folder) => {
        const path = `${folder}/full.${extension}`;
        await Deno.symlink("/dev/full", path);
        const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "--quiet", "-A", DEVICE_FULL, path],
        }).output();
        assertEquals(new TextDecoder().decode(stderr), "");
        const report = JSON.parse(new TextDecoder().decode(stdout));
        assertEquals(report.errors.length, 20);
        for (const error of report.errors) {
          assertEquals(error.code, "SINK_WRITE");
          assertMatch(error.message, /^Cannot write .*: No space left on device/);
          assertEquals(error.hint, "Free some space or write to another disk");
        }
        assertEquals([report.openWithOneHeld, report.openAfter], [1, 0]);
      }),
  });
}

Deno.test({
  name: `an MP4 that hits a limit in the middle plays up to there${onLinux}`,
  ignore: !isLinux,
  fn: () =>
    inFolder(async (folder) => {
      const path = `${folder}/limited.mp4`;
      const lines = await writeLimited(path, 2_000);
      const written = lines.filter((line) => line.startsWith("frame")).length;
      assertMatch(lines.at(-2)!, /^SINK_WRITE: Cannot write .*limited\.mp4: File too large$/);
      const { pictures } = await decodePictures(path);
      assertGreater(pictures.length, 25);
      assertLess(pictures.length, 150);
      // Only the fragment that did not fit may be missing.
      assertGreater(pictures.length, written - 27);
    }),
});

Deno.test({
  name: `an MJPEG that hits a limit in the middle plays up to there${onLinux}`,
  ignore: !isLinux,
  fn: () =>
    inFolder(async (folder) => {
      const path = `${folder}/limited.mjpeg`;
      const lines = await writeLimited(path, 2_000);
      const written = lines.filter((line) => line.startsWith("frame")).length;
      assertMatch(lines.at(-2)!, /^SINK_WRITE: Cannot write .*limited\.mjpeg: File too large/);
      const { pictures } = await decodePictures(path);
      assertGreater(written, 10);
      assertGreater(pictures.length, written - 1);
    }),
});

Deno.test({
  name: `a picture that does not fit leaves no half file${onLinux}`,
  ignore: !isLinux,
  fn: () =>
    inFolder(async (folder) => {
      const lines = await writeLimited(`${folder}/%d.png`, 20);
      assertMatch(lines.at(-2)!, /^SINK_WRITE: Cannot write .*: File too large/);
      assertEquals([...Deno.readDirSync(folder)], []);
    }),
});

/** Mounts 1 MiB of memory as a disk at `folder`; returns whether that was allowed. */
async function mountTinyDisk(folder: string): Promise<boolean> {
  const options = { stdout: "null", stderr: "null" } as const;
  const args = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder];
  const mounted = await new Deno.Command("mount", { args, ...options }).output().catch(() => null);
  return mounted?.success ?? false;
}

async function unmount(folder: string): Promise<void> {
  await new Deno.Command("umount", { args: [folder] }).output();
}

async function mayMount(): Promise<boolean> {
  let allowed = false;
  await inFolder(async (folder) => {
    allowed = await mountTinyDisk(folder);
    if (allowed) await unmount(folder);
  });
  return allowed;
}

const hasTinyDisk = isLinux && await mayMount();

Deno.test({
  name: "an MP4 on a disk that fills up plays up to there" +
    (hasTinyDisk ? "" : " [skipped: may not mount a disk]"),
  ignore: !hasTinyDisk,
  fn: () =>
    inFolder(async (folder) => {
      assertEquals(await mountTinyDisk(folder), true);
      try {
        const path = `${folder}/out.mp4`;
        const { stdout } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "--quiet", "-A", WRITER, path, "150"],
        }).output();
        const lines = new TextDecoder().decode(stdout).trim().split("\n");
        const written = lines.filter((line) => line.startsWith("frame")).length;
        assertMatch(lines.at(-2)!, /^SINK_WRITE: Cannot write .*: No space left on device$/);
        const { pictures } = await decodePictures(path);
        assertGreater(pictures.length, 0);
        assertGreater(pictures.length, written - 27);
      } finally {
        await unmount(folder);
      }
    }),
});
