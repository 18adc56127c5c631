/** What `open` opens, or `null` where it gave up because `signal` aborted. */
export async function unlessAborted<Opened>(
  signal: AbortSignal,
  open: (signal: AbortSignal) => Promise<Opened>,
): Promise<Opened | null> {
  try {
    return await open(signal);
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  }
}
