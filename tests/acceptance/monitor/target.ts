import type { Figure } from "../../../bench/figure.ts";

/** Something that the monitor must reach, and how it is measured. */
export interface Target<Needs extends readonly string[] = readonly string[]> {
  /** A word to ask for it by. */
  readonly name: string;
  /** Shared files that it needs. */
  readonly needs: Needs;
  /** Measures; `files` are the paths of what it needs, in that order. */
  measure(files: { [K in keyof Needs]: string }): Promise<readonly Figure[]>;
}
