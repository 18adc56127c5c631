import type { Clock } from "../core/clock.ts";

/** Longer timers fire at once: the host counts them in 32 signed bits. */
const TIMER_MS_MAX = 2 ** 31 - 1;

async function waitReal(delayMs: number, signal?: AbortSignal): Promise<void> {
  for (let leftMs = delayMs; leftMs > 0 && !signal?.aborted; leftMs -= TIMER_MS_MAX) {
    await waitTimer(Math.min(leftMs, TIMER_MS_MAX), signal);
  }
}

function waitTimer(delayMs: number, signal?: AbortSignal): Promise<void> {
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
