import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** Runs the task's program as the task does. */
async function build(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; output: string; errors: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
      "--allow-run",
      "tools/build_tensorflow.ts",
      ...args,
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
}

Deno.test("tfjs:build says how it is used", async () => {
  for (const args of [[], ["--tensorflow"], ["--tensorflaw", "x"], ["some.whl"]]) {
    const { code, output, errors } = await build(args);
    assertEquals([code, output], [2, ""]);
    assertMatch(errors, /^error USAGE: Cannot /);
    assertStringIncludes(errors, "--tensorflow PATH");
  }
});

Deno.test("tfjs:build tells what failed, for people and for programs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const env = { FOVEA_FOLDER: folder };
    const said = await build(["--tensorflow", "tf"], env);
    assertEquals([said.code, said.output], [1, ""]);
    assertStringIncludes(
      said.errors,
      `error TENSORFLOW_BUILD: Cannot build against TensorFlow in ${await Deno.realPath(
        folder,
      )}/tf`,
    );
    assertStringIncludes(said.errors, "Install TensorFlow with pip");
    const { code, errors } = await build(["--tensorflow", "tf", "--json"], {
      ...env,
      CXX: "no-such-compiler",
    });
    assertEquals(code, 1);
    const { error } = JSON.parse(errors);
    assertEquals(error.code, "TENSORFLOW_BUILD");
    assertStringIncludes(error.message, 'there is no compiler "no-such-compiler"');
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
