import { FoveaError } from "./errors.ts";

/** Most source frames between two delivered ones with `every:N`. */
export const STRIDE_MAX = 10_000;

/**
 * Which frames of a source a reader gets.
 *
 * | policy | delivers | where it waits |
 * |---|---|---|
 * | `next` | every frame in order | a file waits for the reader; a live source drops its oldest |
 * | `latest` | the newest frame at the time of asking | never; older ones are dropped and counted |
 * | `every:N` | frames whose `seq` is a multiple of N | like `next` on files, like `latest` live |
 * | `adaptive` | evenly spaced frames, as many as the reader can take | never |
 */
export type FramePolicy =
  | { readonly kind: "next" }
  | { readonly kind: "latest" }
  | { readonly kind: "adaptive" }
  | {
    readonly kind: "every";
    /** Delivers frames whose `seq` is a multiple of it; 1 to {@linkcode STRIDE_MAX}. */
    readonly stride: number;
  };

/**
 * Reads a policy from text: `next`, `latest`, `adaptive` or `every:N`.
 *
 * @throws {FoveaError} `USAGE` if it is none of them or N is not a whole number from 1 to 10,000.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parsePolicy } from "@fovea/fovea/camera";
 *
 * assertEquals(parsePolicy("latest"), { kind: "latest" });
 * assertEquals(parsePolicy("every:5"), { kind: "every", stride: 5 });
 * ```
 */
export function parsePolicy(text: string): FramePolicy {
  if (text === "next" || text === "latest" || text === "adaptive") return { kind: text };
  const stride = /^every:([1-9]\d{0,4})$/.exec(text)?.[1];
  if (stride !== undefined && Number(stride) <= STRIDE_MAX) {
    return { kind: "every", stride: Number(stride) };
  }
  throw new FoveaError("USAGE", `Cannot use the frame policy ${JSON.stringify(text)}`, {
    hint: `Use next, latest, adaptive or every:N with N from 1 to ${STRIDE_MAX}`,
  });
}

/**
 * Writes a policy as {@linkcode parsePolicy} reads it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatPolicy } from "@fovea/fovea/camera";
 *
 * assertEquals(formatPolicy({ kind: "every", stride: 5 }), "every:5");
 * ```
 */
export function formatPolicy(policy: FramePolicy): string {
  return policy.kind === "every" ? `every:${policy.stride}` : policy.kind;
}
