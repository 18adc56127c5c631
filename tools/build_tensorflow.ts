/**
 * Builds the native binding of TensorFlow.js against a TensorFlow that pip has installed:
 *
 *     deno task tfjs:build --tensorflow FOLDER_OR_WHEEL
 *     … --into FOLDER    puts it elsewhere than into node_modules/.tensorflow
 *     … --json           prints what was built, or the error, as JSON
 *
 * docs/tensorflow.md tells when that pays. Exit codes: 0 built, 1 failed, 2 wrong usage.
 */
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { formatError, reportError } from "../src/cli/report_error.ts";
import { enterUserFolder } from "../src/cli/user_folder.ts";
import { FoveaError } from "../src/core/errors.ts";
import { buildBinding, type BuiltBinding } from "./tensorflow/build_binding.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const ROOT = decodeURIComponent(new URL("../", import.meta.url).pathname);

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes("--json");
  const abort = new AbortController();
  const onInterrupt = () =>
    abort.abort(new FoveaError("TENSORFLOW_BUILD", "Cannot go on building: it was interrupted"));
  for (const name of SIGNALS) Deno.addSignalListener(name, onInterrupt);
  try {
    const { tensorflow, into } = readOptions(args);
    const workFolder = `${ROOT}out`;
    await Deno.mkdir(workFolder, { recursive: true });
    const built = await buildBinding({
      tensorflow,
      into,
      workFolder,
      compiler: Deno.env.get("CXX") || "g++",
      signal: abort.signal,
      onProgress: (doing) => {
        if (!json) print(Deno.stderr, `${doing} …\n`);
      },
    });
    print(Deno.stdout, `${json ? JSON.stringify(built) : describe(built)}\n`);
    return 0;
  } catch (error) {
    const report = reportError(error);
    const said = error instanceof FoveaError && error.cause instanceof Error
      ? error.cause.message
      : "";
    // What a compiler said is worth reading whole; other causes stand in the message.
    const log = json || report.message.includes(said) ? "" : `${said}\n\n`;
    print(Deno.stderr, `${log}${formatError(report, json)}`);
    return report.code === "USAGE" ? 2 : 1;
  } finally {
    for (const name of SIGNALS) Deno.removeSignalListener(name, onInterrupt);
  }
}

function readOptions(args: readonly string[]): { tensorflow: string; into: string } {
  const hint = "Give the folder of an installed TensorFlow, or a wheel: --tensorflow PATH";
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        tensorflow: { type: "string" },
        into: { type: "string" },
        json: { type: "boolean" },
      },
    }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("USAGE", `Cannot read the command line: ${reason}`, { cause, hint });
  }
  const { tensorflow, into } = values;
  if (tensorflow === undefined || tensorflow === "") {
    throw new FoveaError("USAGE", "Cannot build without --tensorflow", { hint });
  }
  enterUserFolder();
  return {
    tensorflow: resolve(tensorflow),
    into: into === undefined ? `${ROOT}node_modules/.tensorflow` : resolve(into),
  };
}

function print(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  stream.writeSync(new TextEncoder().encode(text));
}

function describe(built: BuiltBinding): string {
  const { name, compiler, libraries, folder, rows, stepMs, builtinStepMs } = built;
  return [
    `built      ${name}`,
    `compiler   ${compiler}`,
    `libraries  ${libraries}`,
    `installed  ${folder}`,
    `a step     ${stepMs.toFixed(1)} ms for ${rows} rows; built-in trainer ${
      builtinStepMs.toFixed(1)
    } ms`,
  ].join("\n");
}

if (import.meta.main) Deno.exit(await main(Deno.args));
