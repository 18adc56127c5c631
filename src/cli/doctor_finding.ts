/** How one thing on this machine is. */
export type FindingStatus = "ok" | "warn" | "missing" | "unknown";

/** One thing that was looked at on this machine. */
export interface MachineFinding {
  /** What was looked at, as a stable word. */
  readonly check: string;
  /**
   * - `ok`: it is there and works.
   * - `warn`: it works, but something is limited.
   * - `missing`: it is not there or does not work.
   * - `unknown`: it could not be looked at, usually for want of a permission.
   */
  readonly status: FindingStatus;
  /** What was found, as text. */
  readonly found: string;
  /** What to do about it, as one imperative sentence; `null` where nothing is to be done. */
  readonly todo: string | null;
  /** Whether `fovea run` cannot work without it. */
  readonly needed: boolean;
}

/** A finding of something that `fovea run` needs. */
export function neededFinding(
  check: string,
  status: FindingStatus,
  found: string,
  todo: string | null = null,
): MachineFinding {
  return { check, status, found, todo, needed: true };
}

/** A finding of something that is good to know. */
export function optionalFinding(
  check: string,
  status: FindingStatus,
  found: string,
  todo: string | null = null,
): MachineFinding {
  return { check, status, found, todo, needed: false };
}

/** The first line of what an error says; a missing permission by its flag alone. */
export function reasonOf(error: unknown): string {
  const flag = missingFlag(error);
  if (flag !== null) return `not allowed without ${flag}`;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split("\n", 1)[0]!;
}

/** What to do about an error: grant the permission it misses, else `otherwise`. */
export function todoFor<Otherwise extends string | null>(
  error: unknown,
  otherwise: Otherwise,
): string | Otherwise {
  const flag = missingFlag(error);
  return flag === null ? otherwise : `Add ${flag} to "deno run"`;
}

/** The flag that an error asks for; libraries wrap Deno's error into their own. */
function missingFlag(error: unknown): string | null {
  return /run again with the (--allow-\w+)/.exec(error instanceof Error ? error.message : "")
    ?.[1] ??
    null;
}
