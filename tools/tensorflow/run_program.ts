import { FoveaError } from "../../src/core/errors.ts";

/** A program to run. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly success: boolean;
  /** Standard output. */
  readonly output: string;
  /** Standard error. */
  readonly errors: string;
}

/**
 * Runs a program to its end.
 *
 * @returns `null` if there is no such program.
 * @throws What `signal` gives, if it ended the program.
 */
export async function runProgram(
  { command, args, cwd, env = {} }: Program,
  signal: AbortSignal,
): Promise<ProgramEnd | null> {
  signal.throwIfAborted();
  const decoder = new TextDecoder();
  try {
    const child = new Deno.Command(command, {
      args: [...args],
      cwd,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      signal,
    });
    const { success, stdout, stderr } = await child.output();
    signal.throwIfAborted();
    return { success, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Says that a program failed, with the line of its errors that tells most. */
export function programFault(what: string, end: ProgramEnd, hint: string): FoveaError {
  const lines = `${end.errors}\n${end.output}`.split("\n").map((line) => line.trim())
    .filter((line) => line !== "");
  const telling = lines.find((line) => /\b(error|fatal)\b/i.test(line)) ?? lines.at(-1) ??
    "it said nothing";
  return new FoveaError("TENSORFLOW_BUILD", `Cannot ${what}: ${telling}`, {
    hint,
    cause: new Error(lines.join("\n")),
  });
}
