/** How much work a bench does: `small` ends in seconds and shows only that the bench runs. */
export interface BenchSize {
  /** Whether the figures mean nothing. */
  readonly small: boolean;
  /** Interleaved rounds of every comparison. */
  readonly rounds: number;
  /** Frames of the clip a throughput run takes. */
  readonly frames: number;
  /** Frames of the 1080p clip. */
  readonly framesHd: number;
  /** Frame at which memory is first looked at. */
  readonly memoryFrom: number;
  /** Frame at which memory is last looked at. */
  readonly memoryTo: number;
  /** Fresh processes for the time to the first detection. */
  readonly starts: number;
}

const FULL: BenchSize = {
  small: false,
  rounds: 7,
  frames: 377,
  framesHd: 300,
  memoryFrom: 200,
  memoryTo: 2_000,
  starts: 7,
};

const SMALL: BenchSize = {
  small: true,
  rounds: 1,
  frames: 12,
  framesHd: 8,
  memoryFrom: 8,
  memoryTo: 24,
  starts: 1,
};

/** The size that `FOVEA_BENCH` asks for: `small`, or full where it is not set. */
export function benchSize(): BenchSize {
  return Deno.env.get("FOVEA_BENCH") === "small" ? SMALL : FULL;
}
