import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";

/**
 * How long native code may take to come back after it was interrupted, in milliseconds. Some calls
 * cannot be: asking a name server, opening a named pipe that nobody writes to, waiting for a device.
 */
export const HANG_MS = 1000;

/**
 * Runs `open` and interrupts `source` when it takes too long or `signal` aborts. If it does not
 * come back even then it is left alone, and disposed should it ever open.
 *
 * @throws {FoveaError} `CAMERA_OPEN` if it does not answer in time.
 * @throws The reason of `signal` if that aborts first, else whatever `open` throws.
 */
export async function openInTime<T extends AsyncDisposable>(
  source: { interrupt(): void; explain?(): string | null },
  limits: {
    readonly label: string;
    readonly timeoutMs: number;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
  open: () => Promise<T>,
): Promise<T> {
  const { label, timeoutMs, clock, signal } = limits;
  signal.throwIfAborted();
  const waiting = new AbortController();
  const settled = new AbortController();
  function stopWaiting(): void {
    waiting.abort();
  }
  const opening = open().finally(() => {
    settled.abort();
    stopWaiting();
  });
  // Whoever waits for it below may have gone by then.
  opening.catch(() => undefined);
  function tooLate(cause?: unknown): FoveaError {
    const said = source.explain?.() ?? null;
    return new FoveaError(
      "CAMERA_OPEN",
      `Cannot open ${label}: no picture within ${timeoutMs} ms${said === null ? "" : `: ${said}`}`,
      { cause, hint: "Check address and network, or allow more time with openTimeoutMs" },
    );
  }
  signal.addEventListener("abort", stopWaiting, { once: true });
  await clock.wait(timeoutMs, waiting.signal);
  signal.removeEventListener("abort", stopWaiting);
  const inTime = settled.signal.aborted;
  if (!inTime) {
    source.interrupt();
    await clock.wait(HANG_MS, settled.signal);
  }
  if (!settled.signal.aborted) {
    opening.then((opened) => opened[Symbol.asyncDispose](), () => undefined);
    throw signal.aborted ? signal.reason : tooLate();
  }
  try {
    const opened = await opening;
    if (!signal.aborted) return opened;
    await opened[Symbol.asyncDispose]();
  } catch (cause) {
    if (!signal.aborted) throw inTime ? cause : tooLate(cause);
  }
  throw signal.reason;
}
