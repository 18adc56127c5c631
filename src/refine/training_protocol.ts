import { FoveaError, type FoveaErrorJson } from "../core/errors.ts";
import { type HeadParts, HeadWeights } from "../core/head_weights.ts";
import type { TrainedHead, TrainingJob, TrainingLoss } from "./trainer.ts";
import type { TrainerKind } from "./trainer_kind.ts";

/** A job as plain data. */
export type PostedJob = Omit<TrainingJob, "start" | "reference"> & {
  readonly start: HeadParts;
  readonly reference: HeadParts;
};

/** What the thread that trains is told. */
export type ToTrainer =
  | { readonly kind: "open"; readonly trainer: TrainerKind; readonly pace: SharedArrayBuffer }
  | {
    readonly kind: "train";
    readonly id: number;
    readonly job: PostedJob;
    /** One int32 that is not 0 once nobody wants the job any more. */
    readonly over: SharedArrayBuffer;
  }
  | { readonly kind: "go on"; readonly id: number }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "close" };

/** What it tells. */
export type FromTrainer =
  | { readonly kind: "open"; readonly name: string; readonly lowPriority: boolean }
  | { readonly kind: "refused"; readonly fault: Fault }
  | {
    readonly kind: "step";
    readonly id: number;
    readonly step: number;
    readonly loss: TrainingLoss;
  }
  | { readonly kind: "trained"; readonly id: number; readonly head: TrainedHead }
  | { readonly kind: "failed"; readonly id: number; readonly fault: Fault }
  | { readonly kind: "closed" };

/** An error as plain data. */
export type Fault =
  | { readonly kind: "fovea"; readonly error: FoveaErrorJson }
  | { readonly kind: "RangeError" | "TypeError" | "Error"; readonly message: string };

/** Makes an error plain. */
export function describeFault(error: unknown): Fault {
  if (error instanceof FoveaError) return { kind: "fovea", error: error.toJSON() };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError) return { kind: "RangeError", message };
  return { kind: error instanceof TypeError ? "TypeError" : "Error", message };
}

/** Makes an error of it again. */
export function faultToError(fault: Fault): Error {
  switch (fault.kind) {
    case "fovea":
      return FoveaError.fromJSON(fault.error);
    case "RangeError":
      return new RangeError(fault.message);
    case "TypeError":
      return new TypeError(fault.message);
    case "Error":
      return new Error(fault.message);
  }
}

/** Makes a job plain. */
export function postJob(job: TrainingJob): PostedJob {
  return { ...job, start: partsOf(job.start), reference: partsOf(job.reference) };
}

/** Makes a job of it again. */
export function receiveJob(job: PostedJob): TrainingJob {
  return {
    ...job,
    start: new HeadWeights(job.start),
    reference: new HeadWeights(job.reference),
  };
}

function partsOf(head: HeadWeights): HeadParts {
  const { model, version, classNames, layers } = head;
  return {
    model,
    version,
    classNames,
    layers,
    values: layers.map((_, layer) => head.layer(layer)),
  };
}
