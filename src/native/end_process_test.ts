import { assertEquals } from "@std/assert";

async function endWith(flags: readonly string[], exitCode: number) {
  const source = `
    import { endProcess } from ${JSON.stringify(new URL("./end_process.ts", import.meta.url).href)};
    addEventListener("unload", () => console.log("cleaned up"));
    console.log("written");
    endProcess(${exitCode});
  `;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      ...flags,
      `data:text/javascript,${encodeURIComponent(source)}`,
    ],
    stderr: "null",
  }).output();
  return [code, new TextDecoder().decode(stdout)];
}

Deno.test({
  name: "endProcess() ends without cleaning up, with what was written and its code",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    assertEquals(await endWith(["--allow-ffi"], 130), [130, "written\n"]);
    assertEquals(await endWith([], 7), [7, "written\ncleaned up\n"]);
  },
});
