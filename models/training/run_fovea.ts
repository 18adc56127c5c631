const CLI = new URL("../../src/cli/main.ts", import.meta.url);

/** What the command line needs to draw, decode and infer. */
const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys", "--allow-ffi"];

/**
 * Runs fovea's command line as a user would and returns what it prints.
 *
 * @throws {Error} If it fails, with what it said.
 */
export async function runFovea(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, CLI.href, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  if (code === 0) return text.decode(stdout);
  throw new Error(
    `Cannot run fovea ${args.join(" ")}: it ended with ${code}\n${text.decode(stderr)}`,
  );
}
