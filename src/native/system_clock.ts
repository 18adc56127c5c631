import type { Clock } from "../core/clock.ts";

function waitReal(delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted || delayMs <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(finish, delayMs);
    signal?.addEventListener("abort", finish, { once: true });
    function finish(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    }
  });
}

/**
 * The machine's monotonic clock, in milliseconds since an origin all isolates of the process
 * share: times taken in a worker compare with times taken in the main isolate.
 */
export const systemClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  wait: waitReal,
};
