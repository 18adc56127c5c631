import { readLabelBook } from "../../../src/cli/label_book.ts";
import { findLabelled, makeSet, pairBook } from "../../../src/cli/refine_frames.ts";
import { loadDetector } from "../../../src/pipeline/load_detector.ts";
import type { FrameSet } from "../../../src/pipeline/refining/frame_set.ts";
import { gatherRowsOf } from "../../../src/pipeline/refining/learnt_rows.ts";
import { judgeHoldOut } from "../../../src/pipeline/refining/judge_holdout.ts";
import { refineDetector } from "../../../src/pipeline/refining/refine_detector.ts";
import { checkRefinable } from "../../../src/pipeline/refining/walk_frames.ts";
import { BuiltinTrainer } from "../../../src/refine/builtin_trainer.ts";
import { judgeHead } from "../../../src/refine/gate.ts";
import { HeadScorer } from "../../../src/refine/head_scorer.ts";
import { DEFAULT_RECIPE } from "../../../src/refine/training_recipe.ts";
import { type AcceptanceRow, rowIs, rowOf } from "./acceptance_row.ts";
import type { AcceptanceFiles } from "./cli_cases.ts";
import { measureHeads } from "./measure_heads.ts";

/** Controls that show that forgetting and wrong labels would be seen. */
export async function controlCases({ shared }: AcceptanceFiles): Promise<AcceptanceRow[]> {
  await using detector = await loadDetector(`${shared}/models/yolox_nano_416x416.onnx`, {
    head: true,
  });
  await using trainer = await BuiltinTrainer.create();
  const target = checkRefinable(detector);
  const { served, layout } = target;
  const { classNames } = detector.spec;
  const labels = await readLabelBook(`${shared}/media/truth/car-detection.coco.json`, classNames);
  const book = { labels, classes: pairBook(labels, classNames) };
  const source = { kind: "video", uri: `${shared}/media/car-detection.mp4` } as const;
  const cars = async (frames: readonly number[]): Promise<FrameSet> => {
    const pictures = await findLabelled(source, labels, new Set(frames));
    return makeSet({ source, pictures, degrade: [], book });
  };
  const others = await readLabelBook(`${shared}/coco64/instances.json`, classNames);
  const images = { kind: "images", folder: `${shared}/coco64/images` } as const;
  const coco = makeSet({
    source: images,
    pictures: await findLabelled(images, others, null),
    degrade: [],
    book: { labels: others, classes: pairBook(others, classNames) },
  });
  const scorer = new HeadScorer(detector.spec, layout);
  const context = { target, scorer, signal: undefined, onFrame: () => {} };
  const learn = await cars([67, 73, 79, 85, 91]);

  // All classes and the objectness learn, and nothing holds them back.
  const { rows } = await gatherRowsOf(learn, "learnt", context);
  const recipe = { ...DEFAULT_RECIPE, pull: 0 };
  const classes = classNames.map((_, i) => i);
  const job = { layout, start: served, reference: served, rows: rows!, replay: null, classes };
  const { values } = await trainer.train({ ...job, objectness: true, recipe });
  const forgetful = served.withValues(values, 1);
  const [before, after] = await measureHeads(detector, coco, [served, forgetful]);
  const bank = await judgeHoldOut(coco, "bank", [forgetful], new Set(), context);
  const trusted = await cars([62, 65, 70, 76, 82, 88, 93, 96]);
  const drifted = await judgeHoldOut(trusted, "drifted", [forgetful], new Set(), context);
  const decision = judgeHead(
    { drifted: drifted.holdOuts[0]!, clean: null, bank: bank.holdOuts[0]! },
    classNames,
  );

  // The detector's own word, which calls cars mobile phones, as the lesson.
  const unlabelled: FrameSet = { ...learn, labels: null, labelledBy: "consensus", judged: null };
  const wrong = { learn: unlabelled, replay: [], clean: null, bank: null };
  const honest = await refineDetector(detector, { ...wrong, drifted: trusted }, { trainer });
  const own: FrameSet = { ...trusted, labels: null, labelledBy: "operator", judged: null };
  const fooled = await refineDetector(detector, { ...wrong, drifted: own }, { trainer });
  return [
    rowOf("no replay and no pull: AP50 lost elsewhere", before!.ap50 - after!.ap50, { least: 0.2 }),
    rowIs("no replay and no pull: decision", decision.status, "rejected"),
    rowIs("its own wrong word, eight trusted frames: decision", honest.decision.status, "rejected"),
    rowIs("its own wrong word as the judge, too: decision", fooled.decision.status, "accepted"),
  ];
}
