import { FoveaError } from "../core/errors.ts";

/**
 * The variable in which the task of `deno.json` passes on the folder that it was started from:
 * a task runs in the folder of `deno.json`, and Deno keeps the other one in `INIT_CWD`. That one is
 * not read here, because programs around a plain `deno run` leave it behind too.
 */
const VARIABLE = "FOVEA_FOLDER";

/**
 * Goes to the folder in which the user stands, so that paths on the command line mean what they
 * mean to him. Does nothing where the program was not started by its task.
 *
 * @throws {FoveaError} `USAGE` if there is no such folder or it may not be read.
 */
export function enterUserFolder(): void {
  const permission = { name: "env", variable: VARIABLE } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return;
  const folder = Deno.env.get(VARIABLE);
  if (folder === undefined || folder === "") return;
  try {
    Deno.chdir(folder);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("USAGE", `Cannot work in the folder ${folder}: ${reason}`, {
      cause,
      hint: `Start it from another folder, or unset ${VARIABLE}`,
    });
  }
}
