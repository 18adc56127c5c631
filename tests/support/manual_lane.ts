import type { Frame } from "../../src/core/frame.ts";
import type { StagedHead } from "../../src/pipeline/head_slots.ts";
import type { InferWish, Lane } from "../../src/pipeline/lane.ts";
import type { Detections } from "../../src/core/detections.ts";
import type { ImageFacts } from "../../src/monitor/image_look.ts";
import type { InferReply } from "../../src/pipeline/protocol.ts";
import { toDetections } from "./moving_scene.ts";

/** What a lane finds in the picture `seq`; it is asked for scores from `confidence` on. */
export type Finding = (seq: number, confidence: number) => Detections;

function findOne(): Detections {
  return toDetections([{ box: [0, 0, 2, 2], score: 0.5, classIndex: 0 }]);
}

const CALM_IMAGE: ImageFacts = {
  luma: 120,
  contrast: 40,
  sharpness: 10,
  noise: 2,
  cb: 0,
  cr: 0,
  blockSharpness: Array(48).fill(10),
  thumbnail: Array(1728).fill(120),
};

/** A lane whose answers the test gives. */
export class ManualLane implements Lane {
  readonly waiting: { seq: number; finish: (error?: Error) => void }[] = [];
  detached = 0;
  highest = 0;
  readonly #find: Finding;

  constructor(find: Finding = findOne) {
    this.#find = find;
  }

  get inFlight(): number {
    return this.waiting.length;
  }

  infer(frame: Frame, { confidence, monitored }: InferWish): Promise<InferReply> {
    const reply = {
      detections: this.#find(frame.seq, confidence),
      nonFinite: 0,
      headVersion: 0,
      tap: null,
      monitor: monitored ? this.#monitorReply(frame.seq) : null,
      timingsMs: { preprocess: 1, infer: 2, decodeOutputs: 3, nms: 4, monitor: 0, total: 10 },
    };
    return new Promise((resolve, reject) => {
      const entry = {
        seq: frame.seq,
        finish: (error?: Error) => {
          this.waiting.splice(this.waiting.indexOf(entry), 1);
          frame[Symbol.dispose]();
          if (error === undefined) resolve(reply);
          else reject(error);
        },
      };
      this.waiting.push(entry);
      this.highest = Math.max(this.highest, this.waiting.length);
    });
  }

  stageHead(_head: StagedHead): Promise<void> {
    return Promise.resolve();
  }

  commitHead(): Promise<number> {
    return Promise.resolve(0);
  }

  /** A calm picture in which all that is found is seen by the monitor too. */
  #monitorReply(seq: number): InferReply["monitor"] {
    return {
      detections: this.#find(seq, 0.05),
      background: null,
      anchors: {
        positives: 1,
        crossEntropy: 1,
        easyCrossEntropy: 0.5,
        focalLoss: 0.1,
        easyFocalLoss: 0.01,
        nonFinite: 0,
      },
      image: CALM_IMAGE,
    };
  }

  measure(): Promise<number[]> {
    return Promise.resolve([1]);
  }

  detach(): Promise<void> {
    this.detached++;
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A lane that answers at once. */
export class QuickLane extends ManualLane {
  override infer(frame: Frame, wanted: InferWish): Promise<InferReply> {
    const reply = super.infer(frame, wanted);
    this.waiting[0]!.finish();
    return reply;
  }
}
