import { CommanderError } from "commander";
import { FoveaError } from "../core/errors.ts";
import { EXIT_CODE } from "./exit_code.ts";

/** An error as the command line tells it. */
export interface ReportedError {
  /** A {@linkcode FoveaError}'s code, or `UNEXPECTED` for a defect. */
  readonly code: string;
  /** What could not be done and why. */
  readonly message: string;
  /** What to do next, or `null`. */
  readonly hint: string | null;
  /** Where it happened; only for a defect. */
  readonly stack: string | null;
}

/** Turns anything thrown into what is told about it. */
export function reportError(error: unknown): ReportedError {
  // Closing failed after something else had failed: what came first is the reason.
  if (error instanceof SuppressedError) return reportError(error.suppressed);
  if (error instanceof FoveaError) return { ...error.toJSON(), stack: null };
  if (error instanceof CommanderError) return reportUsage(error);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: "UNEXPECTED",
    message,
    hint: "This is a defect of fovea; please report it with the lines above",
    stack: error instanceof Error ? error.stack ?? null : null,
  };
}

/** The exit code for an error. */
export function exitCodeOf(error: ReportedError): number {
  return error.code === "USAGE" ? EXIT_CODE.usage : EXIT_CODE.failed;
}

/** The text for standard error: a few lines for people, or one line of JSON. */
export function formatError(error: ReportedError, json: boolean): string {
  if (json) {
    const { code, message, hint } = error;
    return `${JSON.stringify({ error: { code, message, hint } })}\n`;
  }
  const lines = [`error ${error.code}: ${error.message}`];
  if (error.stack !== null) lines.push(error.stack);
  if (error.hint !== null) lines.push(`  ${error.hint}`);
  return `${lines.join("\n")}\n`;
}

function reportUsage(error: CommanderError): ReportedError {
  const [what = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = rest.join(" ").replace(/^\(|\)$/g, "");
  return {
    code: "USAGE",
    message: `Cannot read the command line: ${what.replaceAll("'", '"').replace(/\.$/, "")}`,
    hint: suggestion === "" ? "Add --help to see what it takes" : suggestion,
    stack: null,
  };
}
