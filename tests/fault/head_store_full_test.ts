// A disk that fills up while heads are decided about: a typed error, and the served head stays.
import { assertEquals, assertGreater } from "@std/assert";
import { HeadStore } from "../../src/refine/head_store.ts";
import { SMALL_MODEL } from "../support/judged_event.ts";

const WRITER = new URL("./head_store_writer.ts", import.meta.url).href;
const isLinux = Deno.build.os === "linux";

Deno.test({
  name: `heads on a full disk: the served one stays${isLinux ? "" : " [skipped: needs Linux]"}`,
  ignore: !isLinux,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "fovea-full-" });
    try {
      for (const blocks of [16, 17, 18, 19, 20]) {
        const place = `${folder}/${blocks}`;
        // Files of this process may not grow beyond so many blocks of 512 or 1024 bytes.
        const script = `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" run --quiet -A "$@"`;
        const { stdout, stderr } = await new Deno.Command("sh", {
          args: ["-c", script, Deno.execPath(), WRITER, place],
        }).output();
        assertEquals(new TextDecoder().decode(stderr), "");
        const report = JSON.parse(new TextDecoder().decode(stdout));
        assertEquals([report.code, report.fault, report.torn], ["SINK_WRITE", null, false]);
        assertGreater(report.promoted, 1);
        assertEquals([report.version, report.hash], [report.promoted, report.expected]);
        // With room again it goes on where it was.
        await using store = await HeadStore.open(place, { model: SMALL_MODEL });
        assertEquals(store.served.version, report.promoted);
        assertEquals(store.list().length, report.kept);
        await store.rollBack({ who: "Ada", why: "room" });
        assertEquals(store.served.version, report.promoted - 1);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
