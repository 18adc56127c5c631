import type { Frame } from "../../src/core/frame.ts";
import type { Lane } from "../../src/pipeline/lane.ts";
import type { InferReply } from "../../src/pipeline/protocol.ts";

const REPLY: InferReply = {
  detections: {
    count: 1,
    xyxyPx: new Float32Array([0, 0, 2, 2]),
    score: new Float32Array([0.5]),
    classIndex: new Int32Array([0]),
    anchorIndex: new Int32Array([0]),
  },
  nonFinite: 0,
  timingsMs: { preprocess: 1, infer: 2, decodeOutputs: 3, nms: 4, total: 10 },
};

/** A lane whose answers the test gives. */
export class ManualLane implements Lane {
  readonly waiting: { seq: number; finish: (error?: Error) => void }[] = [];
  detached = 0;
  highest = 0;

  get inFlight(): number {
    return this.waiting.length;
  }

  infer(frame: Frame): Promise<InferReply> {
    return new Promise((resolve, reject) => {
      const entry = {
        seq: frame.seq,
        finish: (error?: Error) => {
          this.waiting.splice(this.waiting.indexOf(entry), 1);
          frame[Symbol.dispose]();
          if (error === undefined) resolve(REPLY);
          else reject(error);
        },
      };
      this.waiting.push(entry);
      this.highest = Math.max(this.highest, this.waiting.length);
    });
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
  override infer(frame: Frame): Promise<InferReply> {
    const reply = super.infer(frame);
    this.waiting[0]!.finish();
    return reply;
  }
}
