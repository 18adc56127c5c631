import { type MachineFinding, neededFinding, optionalFinding } from "./doctor_finding.ts";

/** The oldest Deno that fovea is tested on. */
export const DENO_VERSION_MIN = "2.9.5";

/** What a permission is good for. */
interface PermissionUse {
  readonly name: "read" | "write" | "net" | "env" | "sys" | "ffi";
  readonly use: string;
}

const PERMISSIONS: readonly PermissionUse[] = [
  { name: "read", use: "models and files" },
  { name: "write", use: "--save and --stats" },
  { name: "net", use: "network streams" },
  { name: "env", use: "loading the video library" },
  { name: "sys", use: "this report" },
  { name: "ffi", use: "the inference and video libraries" },
];

/** Whether `version` is `minimum` or newer; a pre-release counts as its release. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = version.split(/[.+-]/).map(Number);
  for (const [i, least] of minimum.split(".").map(Number).entries()) {
    const part = have[i] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

/** Looks at a Deno version. */
export function checkDeno(version: { deno: string; v8: string }): MachineFinding {
  const found = `${version.deno} (V8 ${version.v8})`;
  return isAtLeast(version.deno, DENO_VERSION_MIN)
    ? neededFinding("deno", "ok", found)
    : neededFinding(
      "deno",
      "missing",
      `${found}; ${DENO_VERSION_MIN} or newer is needed`,
      `Run "deno upgrade", or start with "npx --yes deno@${DENO_VERSION_MIN}" instead of "deno"`,
    );
}

/** Looks at the operating system and the processor's architecture. */
export function checkPlatform(build: { os: string; arch: string; env?: string }): MachineFinding {
  const libc = build.env === undefined || build.env === "" ? "" : ` (${build.env})`;
  const found = `${build.os} ${build.arch}${libc}`;
  const tested = build.os === "linux" && build.env !== "musl";
  return tested ? neededFinding("platform", "ok", found) : neededFinding(
    "platform",
    "warn",
    found,
    "Expect rough edges: fovea is tested on Linux with glibc, x86_64 and aarch64",
  );
}

/** Asks Deno which permissions this process has, without ever prompting for one. */
export async function queryPermissions(): Promise<Map<string, boolean>> {
  const states = new Map<string, boolean>();
  for (const { name } of PERMISSIONS) {
    const { state } = await Deno.permissions.query({ name });
    states.set(name, state === "granted");
  }
  return states;
}

/** Looks at each permission; `granted` comes from {@linkcode queryPermissions}. */
export function checkPermissions(granted: ReadonlyMap<string, boolean>): MachineFinding[] {
  return PERMISSIONS.map(({ name, use }) =>
    granted.get(name) === true
      ? optionalFinding(`permission ${name}`, "ok", `granted; for ${use}`)
      : optionalFinding(
        `permission ${name}`,
        "warn",
        `not granted for everything; for ${use}`,
        `Add --allow-${name} to "deno run", or start with "deno task fovea"`,
      )
  );
}
