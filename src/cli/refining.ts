import type { Camera } from "../core/ports.ts";
import type { LabelSource } from "../monitor/monitor_options.ts";
import type { Detector } from "../pipeline/loaded_detector.ts";
import type { RefineEvent } from "../pipeline/refining/refine_event.ts";
import { Refiner } from "../pipeline/refining/refiner.ts";
import { HeadStore } from "../refine/head_store.ts";
import { openTrainer } from "../refine/open_trainer.ts";
import { EventFile } from "./event_file.ts";
import { readLabels } from "./monitor_labels.ts";
import type { ResultPrinter } from "./result_printer.ts";
import type { RefineSettings, RunSettings } from "./run_settings.ts";

/** What refining a run needs besides its settings. */
export interface RefiningContext {
  /** What frames hold; `null` where nobody says. */
  readonly labels: LabelSource | null;
  /** Classes that were looked for while labelling, by index; `null` for all. */
  readonly judged: ReadonlySet<number> | null;
  /** File for events, that of the monitor; `null` for none. */
  readonly events: string | null;
  /** Says something to people. */
  readonly say: (text: string) => Promise<void>;
}

/** A refiner on the command line, with its store, its trainer and its events. */
export class Refining implements AsyncDisposable {
  /** The refiner, for the loop. */
  readonly refiner: Refiner;
  readonly #parts: AsyncDisposableStack;

  private constructor(refiner: Refiner, parts: AsyncDisposableStack) {
    this.refiner = refiner;
    this.#parts = parts;
  }

  /**
   * Opens the store and the trainer.
   *
   * @throws {FoveaError} Whatever a part throws; nothing is left open then.
   */
  static async open(
    { mode, folder }: RefineSettings,
    { labels, judged, events, say }: RefiningContext,
    camera: Camera,
    detector: Detector,
  ): Promise<Refining> {
    await using parts = new AsyncDisposableStack();
    const store = parts.use(await HeadStore.open(folder, { model: detector.model.sha256 }));
    if (store.mended !== null) await say(store.mended);
    const trainer = parts.use(await openTrainer());
    const file = events === null ? null : parts.use(await EventFile.open(events));
    const refiner = new Refiner(detector, {
      ...{ mode, store, trainer, labels, judged, source: camera.info.uri },
      onEvent: (event) => {
        file?.write(event);
        void say(describeRefineEvent(event, folder));
      },
    });
    return new Refining(refiner, parts.move());
  }

  /** Waits for what is under way and closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.refiner.finish();
    await this.#parts[Symbol.asyncDispose]();
  }
}

/** An event as a sentence. */
export function describeRefineEvent(event: RefineEvent, folder: string): string {
  const at = `frame ${event.seq}: `;
  switch (event.kind) {
    case "refined": {
      const kept = event.version === null ? "" : `, version ${event.version} of ${folder}`;
      const repaired = event.repaired === false ? ", not repaired" : "";
      return `${at}a refined head is ${event.status}${repaired}${kept}: ${event.why.join("; ")}`;
    }
    case "head-served":
      return `${at}head version ${event.version} is served, in place of ${event.from}`;
    case "head-taken-back":
      return `${at}head version ${event.from} is taken back for ${event.version}: ${event.why}`;
    case "refine-failed":
      return `${at}refining failed and the head stays: ${event.message}`;
  }
}

/** Opens what refines the detector of a run; `null` where that is not asked for. */
export async function openRefining(
  { refine, monitor, degrade, policy }: RunSettings,
  camera: Camera,
  detector: Detector,
  printer: ResultPrinter,
): Promise<Refining | null> {
  if (refine === null || monitor === null) return null;
  const { classNames } = detector.spec;
  const labels = monitor.labels === null
    ? null
    : await readLabels({ labels: monitor.labels, degrade, policy }, camera, classNames);
  const context = {
    labels: labels?.source ?? null,
    judged: labels?.judged ?? null,
    events: monitor.events,
    say: (text: string) => printer.note(text),
  };
  return await Refining.open(refine, context, camera, detector);
}
