import type { EvidenceKind, Health, MonitorReport } from "../core/monitor_report.ts";

/** Most points that are kept; when they are full, two become one. */
const POINTS_MAX = 1024;

/** Verdicts from best to worst, as far as a chart is concerned. */
const WORST_LAST: readonly Health[] = ["warming", "healthy", "blind", "drifting", "degraded"];

/** Some frames in a row, as one point of a chart. */
export interface HistoryPoint {
  /** The first frame. */
  readonly seq: number;
  /** Number of frames. */
  readonly frames: number;
  /** Mean focal loss by what it rests on; a kind that did not occur is absent. */
  readonly focalLoss: Readonly<Partial<Record<EvidenceKind, number>>>;
  /** Frames of each kind. */
  readonly lossFrames: Readonly<Partial<Record<EvidenceKind, number>>>;
  /** Highest statistic of S1 as a share of its threshold; `null` while warming. */
  readonly s1Share: number | null;
  /** The same of S2. */
  readonly s2Share: number | null;
  /** The same of S3. */
  readonly s3Share: number | null;
  /** The worst verdict. */
  readonly health: Health;
}

/**
 * What a monitor reported over any number of frames, in constant memory: at most 1,024 points, each
 * over as many frames as it takes.
 */
export class MonitorHistory {
  #points: HistoryPoint[] = [];
  #framesPerPoint = 1;

  /** The points, oldest first. */
  get points(): readonly HistoryPoint[] {
    return this.#points;
  }

  /** Adds the report of frame `seq`. */
  add(seq: number, report: MonitorReport): void {
    const point = pointOf(seq, report);
    const last = this.#points[this.#points.length - 1];
    if (last !== undefined && last.frames < this.#framesPerPoint) {
      this.#points[this.#points.length - 1] = join(last, point);
      return;
    }
    if (this.#points.length === POINTS_MAX) this.#halve();
    this.#points.push(point);
  }

  #halve(): void {
    const halved: HistoryPoint[] = [];
    for (let i = 0; i < this.#points.length; i += 2) {
      halved.push(join(this.#points[i]!, this.#points[i + 1]!));
    }
    this.#points = halved;
    this.#framesPerPoint *= 2;
  }
}

function pointOf(seq: number, { evidence, focalLoss, drift, health }: MonitorReport): HistoryPoint {
  const share = (signal: "s1" | "s2" | "s3"): number | null => {
    const step = drift?.[signal];
    if (step == null || step.statistic === null || !step.threshold) return null;
    return step.statistic / step.threshold;
  };
  return {
    seq,
    frames: 1,
    focalLoss: evidence === null ? {} : { [evidence]: focalLoss },
    lossFrames: evidence === null ? {} : { [evidence]: 1 },
    s1Share: share("s1"),
    s2Share: share("s2"),
    s3Share: share("s3"),
    health,
  };
}

function join(a: HistoryPoint, b: HistoryPoint): HistoryPoint {
  const focalLoss: Partial<Record<EvidenceKind, number>> = { ...a.focalLoss };
  const lossFrames: Partial<Record<EvidenceKind, number>> = { ...a.lossFrames };
  for (const [name, loss] of Object.entries(b.focalLoss)) {
    const kind = name as EvidenceKind;
    const [before, now] = [lossFrames[kind] ?? 0, b.lossFrames[kind]!];
    lossFrames[kind] = before + now;
    focalLoss[kind] = ((focalLoss[kind] ?? 0) * before + loss * now) / (before + now);
  }
  return {
    seq: a.seq,
    frames: a.frames + b.frames,
    focalLoss,
    lossFrames,
    s1Share: highest(a.s1Share, b.s1Share),
    s2Share: highest(a.s2Share, b.s2Share),
    s3Share: highest(a.s3Share, b.s3Share),
    health: WORST_LAST.indexOf(a.health) >= WORST_LAST.indexOf(b.health) ? a.health : b.health,
  };
}

function highest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
