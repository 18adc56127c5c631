/**
 * What refining a detector's head is made of: which anchor answers for which target, and what a
 * head says about tapped features.
 *
 * @module
 */
export { DEFAULT_GATE_RULES, type GateRules } from "./gate_rules.ts";
export type {
  GateCheck,
  GateDecision,
  GateEvidence,
  GateStatus,
  HoldOut,
  JudgedStep,
  LabelOrigin,
} from "./gate_evidence.ts";
export { judgeHead } from "./gate.ts";
export {
  type ClassOutcome,
  type FrameOutcome,
  type OutcomeFigures,
  sumOutcomes,
} from "./frame_outcome.ts";
export { type PairedTest, signFlipTest } from "./paired_test.ts";
export { BACK_TRACKING_STEPS, betweenHeads, chooseStep } from "./back_tracking.ts";
export { Ledger, type LedgerReport, verifyLedger } from "./ledger.ts";
export type { ChainEnd, LedgerFault } from "./ledger_chain.ts";
export type { EvidenceRecord, JudgedEvent, LedgerEntry, LedgerEvent } from "./ledger_event.ts";
export { HeadFolder, isHeadFolder, readHeadFolder, type ServedHead } from "./head_folder.ts";
export type { HeadSummary, ServedVersion } from "./head_history.ts";
export { type HeadChoice, HeadStore, type HeadStoreOptions } from "./head_store.ts";
export {
  type AnchorColumns,
  assignAnchors,
  type Assignment,
  type AssignOptions,
} from "./assigner.ts";
export { touchesBorder } from "./assigner.ts";
export {
  applyHead,
  type HeadLogits,
  scoresOf,
  type TappedFeatures,
} from "../detector/apply_head.ts";
export { type HeadCell, HeadGrid, type HeadGridLevel } from "../detector/head_grid.ts";
export { type HeadParts, HeadWeights, type LayerValues } from "../core/head_weights.ts";
export type { HeadLayer, HeadLayout, HeadLevel, RawPredictions } from "../core/head_layout.ts";
export {
  NATIVE_TENSORFLOW_PACKAGES,
  type RefusedPackage,
  TENSORFLOW_PACKAGES,
  type TensorFlowPackage,
} from "./tensorflow/load_tensorflow.ts";
export {
  TensorFlowTrainer,
  type TensorFlowTrainerOptions,
} from "./tensorflow/tensorflow_trainer.ts";
export type { Letterbox } from "../core/input_spec.ts";
export {
  type FrameTap,
  TAP_REASONS,
  type TapReason,
  type TapRequest,
  type TapRule,
} from "../core/tap.ts";
export { DEFAULT_RECIPE, learningRateAt, type TrainingRecipe } from "./training_recipe.ts";
export { joinRows, pickRows, type TrainingRows } from "./training_rows.ts";
export {
  collectRows,
  EVIDENCE_WEIGHTS,
  type FrameRowsOptions,
  type FrameTarget,
  type LabelledTap,
  REPLAY_FRAME_ROWS,
  rowsOfFrame,
} from "./frame_rows.ts";
export type {
  TrainedHead,
  Trainer,
  TrainingControl,
  TrainingJob,
  TrainingLoss,
} from "./trainer.ts";
export { BuiltinTrainer, type BuiltinTrainerOptions } from "./builtin_trainer.ts";
export { openTrainer, type OpenTrainerOptions, type ThreadTrainer } from "./open_trainer.ts";
export { TRAINER_KINDS, type TrainerKind } from "./trainer_kind.ts";
export { TrainingPace } from "./training_pace.ts";
export { ReplayBuffer, type ReplayBufferOptions } from "./replay_buffer.ts";
export type { ReplayFrameFacts } from "./stored_frame.ts";
export { type ReplayMeta, STRATA, type Stratum } from "./replay_record.ts";
export {
  growHead,
  type GrownHead,
  NEW_CLASS_RECIPE,
  type NewClasses,
  newClassJob,
} from "./grow_head.ts";
export { type RefinedHead, refineHead } from "./refine_head.ts";
export {
  type BoardReading,
  TrainingGovernor,
  type TrainingGovernorOptions,
  type TrainingRestraint,
} from "./training_governor.ts";
