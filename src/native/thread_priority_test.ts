import { assertEquals } from "@std/assert";
import { SystemFiles } from "./system_files.ts";
import { lowerThreadPriority } from "./thread_priority.ts";

const THREAD = new URL("../../tests/support/priority_worker.ts", import.meta.url);

const LOWEST = 19;

/** Priority of every thread of this process: the 19th field of `stat`, see proc(5). */
function prioritiesOf(): number[] {
  using files = new SystemFiles();
  return files.list("/proc/self/task").map((task) => {
    const stat = files.readText(`/proc/self/task/${task}/stat`) ?? "";
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
  });
}

function countLowest(): number {
  return prioritiesOf().filter((priority) => priority === LOWEST).length;
}

Deno.test({
  name: "lowerThreadPriority() lowers the thread that calls it and no other",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const before = countLowest();
    const worker = new Worker(THREAD, { type: "module" });
    const done = await new Promise<boolean>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
    });
    assertEquals([done, countLowest() - before], [true, 1]);
    worker.terminate();
  },
});

Deno.test({
  name: "lowerThreadPriority() does nothing and asks nobody without permission",
  permissions: { ffi: false },
  fn: () => assertEquals(lowerThreadPriority(), false),
});
