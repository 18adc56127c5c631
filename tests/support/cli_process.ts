/** The command line as its users start it: a process of its own with the task's permissions. */
const ROOT = new URL("../../", import.meta.url);

/** What a finished command left. */
export interface CliOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is started. */
export interface CliOptions {
  /** Permission flags in place of the task's own. */
  readonly permissions?: readonly string[];
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `fovea` with these arguments; paths are relative to the repository. */
export function spawnCli(args: readonly string[], options: CliOptions = {}): Deno.ChildProcess {
  const permissions = options.permissions ?? taskPermissions();
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", ...permissions, "src/cli/main.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `fovea` to its end. */
export async function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliOutcome> {
  const { code, stdout, stderr } = await spawnCli(args, options).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The permission flags of a task in `deno.json`. */
export function taskPermissions(name = "fovea"): string[] {
  const config = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT))) as {
    tasks: Record<string, string | { command: string }>;
  };
  const task = config.tasks[name]!;
  const command = typeof task === "string" ? task : task.command;
  return command.split(/\s+/).filter((word) => word.startsWith("--allow-"));
}

/** Runs `fn` with a temporary folder that is removed afterwards. */
export async function withTempFolder<T>(fn: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-cli-" });
  try {
    return await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
