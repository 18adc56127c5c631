import { AssignmentSolver } from "../core/assignment.ts";

/**
 * Counts in how many frames each object and each id overlapped, and finds the one-to-one assignment
 * of ids to objects, over the whole sequence, that explains most frames.
 *
 * Source: E. Ristani and others, "Performance measures and a data set for multi-target, multi-camera
 * tracking", ECCV workshops 2016. The assignment of least misses and false alarms there is the one
 * of most common frames here: both ends of every pair have a fixed number of boxes.
 */
export class IdentityMatches {
  /** Common frames by object and id. */
  readonly #frames = new Map<number, Map<number, number>>();

  /** Counts one frame in which an object and an id overlapped enough. */
  add(truthId: number, trackId: number): void {
    let ofTruth = this.#frames.get(truthId);
    if (ofTruth === undefined) this.#frames.set(truthId, ofTruth = new Map());
    ofTruth.set(trackId, (ofTruth.get(trackId) ?? 0) + 1);
  }

  /** Most frames that a one-to-one assignment explains. */
  most(): number {
    const solver = new AssignmentSolver();
    return this.#groups().reduce((sum, group) => sum + this.#mostOf(group, solver), 0);
  }

  #mostOf(truthIds: readonly number[], solver: AssignmentSolver): number {
    const trackIds = [...new Set(truthIds.flatMap((id) => [...this.#frames.get(id)!.keys()]))];
    const columnOf = new Map(trackIds.map((id, column) => [id, column]));
    const costs = new Float64Array(truthIds.length * trackIds.length);
    for (const [row, truthId] of truthIds.entries()) {
      for (const [trackId, frames] of this.#frames.get(truthId)!) {
        costs[row * trackIds.length + columnOf.get(trackId)!] = -frames;
      }
    }
    const columnOfRow = new Int32Array(truthIds.length);
    solver.solve(costs, truthIds.length, trackIds.length, 0, columnOfRow);
    return columnOfRow.reduce((sum, column, row) => {
      return column < 0 ? sum : sum - costs[row * trackIds.length + column]!;
    }, 0);
  }

  /**
   * Objects that share no id, not even through others, in groups of their own: a day of video has
   * thousands of ids, but few meet.
   */
  #groups(): number[][] {
    const truthIdsOf = new Map<number, number[]>();
    for (const [truthId, ofTruth] of this.#frames) {
      for (const trackId of ofTruth.keys()) {
        const known = truthIdsOf.get(trackId);
        if (known === undefined) truthIdsOf.set(trackId, [truthId]);
        else known.push(truthId);
      }
    }
    const groups: number[][] = [];
    const seen = new Set<number>();
    for (const first of this.#frames.keys()) {
      if (seen.has(first)) continue;
      seen.add(first);
      const group = [first];
      // The group grows while it is walked.
      for (const truthId of group) {
        for (const trackId of this.#frames.get(truthId)!.keys()) {
          for (const neighbour of truthIdsOf.get(trackId)!) {
            if (seen.has(neighbour)) continue;
            seen.add(neighbour);
            group.push(neighbour);
          }
        }
      }
      groups.push(group);
    }
    return groups;
  }
}
