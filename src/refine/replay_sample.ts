import { mixBits } from "../core/mix_bits.ts";
import { STRATA, type Stratum } from "./replay_record.ts";

/** What a decision about a frame needs to know. */
export interface SampledFrame {
  /** What it is an example of. */
  readonly stratum: Stratum;
  /** How many frames were appended before it: its lot. */
  readonly index: number;
  /** What it takes. */
  readonly bytes: number;
  /** What it takes with nothing but its positives; 0 if it has none. */
  readonly positiveBytes: number;
}

/** What becomes of a frame: it stays, only its positives stay, or it goes. */
export type Fate = "keep" | "thin" | "drop";

/**
 * Decides which frames stay when there is no room for all.
 *
 * The stratum that takes more gives way, so that each has at least half if it needs it. Within it
 * the frames with the lowest lots lose their background; once no frame has any, they go. Lots are
 * chance numbers that a frame gets once, so that what stays is an even sample of all that was ever
 * appended, however long ago (reservoir sampling by chance keys: Vitter 1985; Efraimidis & Spirakis
 * 2006, with equal weights).
 *
 * @param bytesMax What they may take together.
 */
export function chooseFates(frames: readonly SampledFrame[], bytesMax: number): Fate[] {
  const fates = frames.map((): Fate => "keep");
  const sums = new Map(STRATA.map((stratum) => [stratum, 0]));
  for (const { stratum, bytes } of frames) sums.set(stratum, sums.get(stratum)! + bytes);
  const queues = new Map(STRATA.map((stratum) => [stratum, giveWayOrder(frames, stratum)]));
  for (;;) {
    const [clean, drifted] = [sums.get("clean")!, sums.get("drifted")!];
    if (clean + drifted <= bytesMax) return fates;
    const stratum = clean >= drifted ? "clean" : "drifted";
    const next = queues.get(stratum)!.shift();
    if (next === undefined) return fates;
    const { bytes, positiveBytes } = frames[next]!;
    const now = fates[next] === "thin" ? positiveBytes : bytes;
    const thins = fates[next] === "keep" && positiveBytes > 0 && positiveBytes < bytes;
    fates[next] = thins ? "thin" : "drop";
    sums.set(stratum, sums.get(stratum)! - now + (thins ? positiveBytes : 0));
  }
}

/** A stratum's frames in the order in which they give way: all that have background, then all. */
function giveWayOrder(frames: readonly SampledFrame[], stratum: Stratum): number[] {
  const order = frames.flatMap((frame, i) => frame.stratum === stratum ? [i] : [])
    .sort((a, b) =>
      mixBits(frames[a]!.index) - mixBits(frames[b]!.index) || frames[a]!.index - frames[b]!.index
    );
  const withBackground = order.filter((i) => frames[i]!.positiveBytes < frames[i]!.bytes);
  return [...withBackground, ...order.filter((i) => frames[i]!.positiveBytes > 0)];
}
