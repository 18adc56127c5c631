// The thread that trains: one job at a time, at the pace it is given, at the lowest priority.
import { lowerThreadPriority } from "../native/thread_priority.ts";
import type { Trainer, TrainingLoss } from "./trainer.ts";
import { createTrainer } from "./trainer_kind.ts";
import { PaceKeeper, TrainingPace } from "./training_pace.ts";
import {
  describeFault,
  type FromTrainer,
  receiveJob,
  type ToTrainer,
} from "./training_protocol.ts";

/** What a worker's global scope has and a window's has not. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToTrainer>) => void) | null;
  postMessage(message: FromTrainer): void;
  close(): void;
}

type TrainMessage = Extract<ToTrainer, { kind: "train" }>;

const scope = globalThis as unknown as WorkerScope;

let trainer: Trainer | null = null;
let keeper: PaceKeeper | null = null;
/** The job under way: how it is ended, and how it goes on after a step. */
let current: { id: number; over: Int32Array; abort: AbortController; goOn: () => void } | null =
  null;
/** Jobs are trained one after the other. */
let queue: Promise<void> = Promise.resolve();
const unwanted = new Set<number>();

function isOver(): boolean {
  return current !== null && Atomics.load(current.over, 0) !== 0;
}

/** Between two blocks of computing: the pace, and whether the job is still wanted. */
function between(): void {
  keeper?.keep();
  if (isOver()) current?.abort.abort();
}

async function open({ trainer: kind, pace }: Extract<ToTrainer, { kind: "open" }>): Promise<void> {
  try {
    const lowPriority = lowerThreadPriority();
    trainer = await createTrainer(kind, between);
    keeper = new PaceKeeper(new TrainingPace(pace), () => performance.now(), isOver);
    scope.postMessage({ kind: "open", name: trainer.name, lowPriority });
  } catch (error) {
    scope.postMessage({ kind: "refused", fault: describeFault(error) });
  }
}

async function train({ id, job, over }: TrainMessage): Promise<void> {
  const abort = new AbortController();
  if (unwanted.delete(id)) abort.abort();
  current = { id, over: new Int32Array(over), abort, goOn: doNothing };
  try {
    keeper?.resume();
    const head = await trainer!.train(receiveJob(job), {
      signal: abort.signal,
      onStep: (step, loss) => tellStep(id, step, loss),
    });
    scope.postMessage({ kind: "trained", id, head });
  } catch (error) {
    scope.postMessage({ kind: "failed", id, fault: describeFault(error) });
  } finally {
    current = null;
  }
}

/** Tells a step and waits for the answer: whoever watches may hold the training back. */
function tellStep(id: number, step: number, loss: TrainingLoss): Promise<void> {
  return new Promise((resolve) => {
    current!.goOn = () => {
      keeper?.resume();
      // Trainers that compute a step in one piece keep their pace here.
      between();
      resolve();
    };
    keeper?.keep();
    scope.postMessage({ kind: "step", id, step, loss });
  });
}

function abortJob(id: number): void {
  if (current?.id !== id) {
    unwanted.add(id);
    return;
  }
  current.abort.abort();
  current.goOn();
}

async function close(): Promise<void> {
  await queue;
  await trainer?.[Symbol.asyncDispose]();
  scope.postMessage({ kind: "closed" });
  scope.close();
}

function doNothing(): void {}

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case "open":
      queue = queue.then(() => open(data));
      break;
    case "train":
      queue = queue.then(() => train(data));
      break;
    case "go on":
      if (current?.id === data.id) current.goOn();
      break;
    case "abort":
      abortJob(data.id);
      break;
    case "close":
      void close();
      break;
  }
};
