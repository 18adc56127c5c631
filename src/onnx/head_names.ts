/** How programs that train detectors name the layers of their heads. */
interface NamePattern {
  readonly pattern: RegExp;
  readonly whose: string;
}

const CLASS_NAMES: readonly NamePattern[] = [
  { pattern: /(^|[./])one2one_cv3\.\d+\.\d+\b/, whose: "Ultralytics' one-to-one head" },
  { pattern: /(^|[./])cv3\.\d+\.\d+\b/, whose: "Ultralytics" },
  { pattern: /(^|[./])cls_preds\.\d+\b/, whose: "YOLOX" },
  { pattern: /(^|[./])head\.cls\.\d+\b/, whose: "fovea" },
  { pattern: /(^|[./])gfl_cls\.\d+\b/, whose: "NanoDet" },
  { pattern: /(^|[./])(class_embed|score_head|dec_score_head)\b/, whose: "detection transformers" },
  { pattern: /^model\.\d+\.m\.\d+\b/, whose: "YOLOv5" },
];

const OBJECTNESS_NAMES: readonly NamePattern[] = [
  { pattern: /(^|[./])obj_preds\.\d+\b/, whose: "YOLOX" },
];

/** Who names class layers like this one; `null` for nobody known. */
export function whoNamesClasses(name: string): string | null {
  return CLASS_NAMES.find(({ pattern }) => pattern.test(name))?.whose ?? null;
}

/** Who names objectness layers like this one; `null` for nobody known. */
export function whoNamesObjectness(name: string): string | null {
  return OBJECTNESS_NAMES.find(({ pattern }) => pattern.test(name))?.whose ?? null;
}
