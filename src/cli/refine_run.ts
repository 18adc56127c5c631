import type { HeadWeights } from "../core/head_weights.ts";
import { systemClock } from "../native/system_clock.ts";
import { loadDetector } from "../pipeline/load_detector.ts";
import type { Detector } from "../pipeline/loaded_detector.ts";
import { readModelFile } from "../pipeline/model_file.ts";
import { growDetector } from "../pipeline/refining/grow_detector.ts";
import { refineDetector, type Refinement } from "../pipeline/refining/refine_detector.ts";
import { DEFAULT_GATE_RULES } from "../refine/gate_rules.ts";
import { HeadStore } from "../refine/head_store.ts";
import { openTrainer } from "../refine/open_trainer.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { Interrupt } from "./interrupt.ts";
import { findEvidence, readBook } from "./refine_evidence.ts";
import { formatRefinement, type RefineOutcome, refineReport } from "./refine_report.ts";
import type { RefineSettings } from "./refine_settings.ts";
import { tellShippedModel } from "./shipped_model.ts";
import { StageBar } from "./stage_bar.ts";
import type { Terminal } from "./terminal.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** Who promotes what the gate accepts. */
const GATE = "the gate";

/**
 * Does what `fovea refine` is for and returns the exit code.
 *
 * @throws {FoveaError} Whatever a part throws; nothing is served or half-written then.
 */
export async function runRefine(settings: RefineSettings, terminal: Terminal): Promise<number> {
  using interrupt = new Interrupt();
  const { signal } = interrupt;
  const { model, source, json, out } = settings;
  const place = source.kind === "video" ? source.uri : source.folder;
  await tellShippedModel(model, place, json, terminal);
  const { sha256 } = await readModelFile(model.path);
  await using store = out === null ? null : await HeadStore.open(out, { model: sha256 });
  const served = await store?.current();
  const outcome = await unlessAborted(
    signal,
    () => refineOnce(settings, served?.head ?? null, signal, terminal),
  );
  if (outcome === null) {
    if (!json) await terminal.writeErr("ended early: nothing was decided or kept\n");
    return interrupt.exitCode ?? EXIT_CODE.ok;
  }
  const version = await keep(store, outcome.refinement);
  const notes = [
    ...(store?.mended === null || store === null ? [] : [store.mended]),
    ...(served?.damage ?? []),
    ...outcome.notes,
  ];
  const report = { ...outcome, notes, out, version };
  await terminal.writeOut(
    json
      ? `${JSON.stringify(refineReport(report), null, 2)}\n`
      : formatRefinement(report, terminal.columns),
  );
  return EXIT_CODE.ok;
}

type Outcome = Omit<RefineOutcome, "out" | "version">;

async function refineOnce(
  settings: RefineSettings,
  begun: HeadWeights | null,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<Outcome> {
  await using detectors = new AsyncDisposableStack();
  const known = detectors.use(await openDetector(settings, begun, signal));
  const book = await readBook(settings, known.spec.classNames);
  const grown = settings.newClass === null ? null : await growDetector(
    known,
    settings.newClass,
    settings.model.path,
    { ...detectorOptions(settings), signal },
  );
  const detector = grown === null ? known : detectors.use(grown.detector);
  const { frames, notes } = await findEvidence(settings, book, detector.spec.classNames);
  await using trainer = await openTrainer({ kind: settings.trainer });
  const bar = new StageBar({
    write: (text) => void terminal.writeErr(text),
    columns: () => terminal.columns,
    isTerminal: terminal.stderrIsTerminal && !settings.json,
    clock: systemClock,
  });
  try {
    const refinement = await refineDetector(detector, frames, {
      trainer,
      signal,
      rules: { ...DEFAULT_GATE_RULES, repairedF1: settings.repairedF1 },
      ...(grown === null ? {} : { newClass: grown.newClass }),
      onProgress: (progress) => bar.update(progress),
    });
    return { model: detector.model, refinement, notes };
  } finally {
    bar.finish();
  }
}

async function openDetector(
  settings: RefineSettings,
  begun: HeadWeights | null,
  signal: AbortSignal,
): Promise<Detector> {
  const options = detectorOptions(settings);
  const head = { ...options.head, ...(begun === null ? {} : { weights: begun }) };
  return await loadDetector(settings.model.path, { ...options, head, signal });
}

function detectorOptions({ engine, overrides, layers }: RefineSettings) {
  return { ...engine, overrides, head: { ...layers } };
}

/** Keeps the decision, and serves the head where it was accepted; `null` where nothing is kept. */
async function keep(
  store: HeadStore | null,
  { head, judged, decision }: Refinement,
): Promise<number | null> {
  if (store === null) return null;
  const version = await store.keep(head, judged);
  if (version === null || decision.status !== "accepted") return version;
  await store.promote(version, { who: GATE, why: decision.why.join("; ") });
  return version;
}
