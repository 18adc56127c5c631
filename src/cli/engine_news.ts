import type { DetectorEvent, TensorRtEvent } from "../pipeline/detector_event.ts";

/** Time between two lines on how long a build takes, in milliseconds. */
const BUILDING_EVERY_MS = 30_000;

type Event<Kind extends TensorRtEvent["kind"]> = Extract<TensorRtEvent, { readonly kind: Kind }>;

/** Puts what happens to a detector into words, without saying the same thing too often. */
export class EngineNews {
  #building = false;
  #toldMs = 0;
  #judging = false;

  /** What to say about an event; `null` for nothing. */
  describe(event: DetectorEvent): string | null {
    switch (event.kind) {
      case "tensorrt-building":
        return this.#describeBuilding(event);
      case "tensorrt-judging":
        return this.#describeJudging(event);
      case "tensorrt-ready":
        return describeReady(event);
      case "tensorrt-refused":
        return describeRefused(event);
      case "tensorrt-failed":
        return `TensorRT's engine cannot be used: ${event.error.message}`;
      case "worker-replaced":
        return `${event.error.message}; another worker takes its place`;
    }
  }

  #describeBuilding({ elapsedMs, estimateMs }: Event<"tensorrt-building">): string | null {
    const isFirst = !this.#building;
    if (!isFirst && elapsedMs - this.#toldMs < BUILDING_EVERY_MS) return null;
    this.#building = true;
    this.#toldMs = elapsedMs;
    const estimate = estimateMs === null
      ? "it may take minutes"
      : `about ${seconds(estimateMs)} in all, after earlier builds`;
    return isFirst
      ? `TensorRT builds its engine: ${estimate}`
      : `TensorRT has been building its engine for ${seconds(elapsedMs)}; ${estimate}`;
  }

  #describeJudging({ picturesMin, objectsMin }: Event<"tensorrt-judging">): string | null {
    if (this.#judging) return null;
    this.#judging = true;
    return `TensorRT's engine is compared with the model, on ${picturesMin} frames and ` +
      `${objectsMin} detections at least`;
  }
}

function describeReady({ figures, recordFault }: Event<"tensorrt-ready">): string {
  const { matchedCount, scoreDifference, meanIou } = figures;
  return `TensorRT's engine takes over: over ${matchedCount} detections scores differ by ` +
    `${scoreDifference.toFixed(4)}, boxes overlap by ${meanIou.toFixed(3)}` +
    forgotten(recordFault);
}

function describeRefused({ reason, folder, recordFault }: Event<"tensorrt-refused">): string {
  const again = folder === null ? "" : `; remove ${folder} to build it again`;
  return `TensorRT's engine is refused: ${reason}${again}${forgotten(recordFault)}`;
}

function forgotten(fault: Event<"tensorrt-ready">["recordFault"]): string {
  return fault === null ? "" : `; the next start will not know: ${fault.message}`;
}

function seconds(ms: number): string {
  const whole = Math.round(ms / 1000);
  return whole < 120 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
