/** What the module in kernels/wasm exports; pointers are byte offsets. */
export interface KernelExports {
  prepareColumns(plan: number): void;
  letterbox(plan: number): void;
  compactRows(
    data: number,
    rows: number,
    rowLength: number,
    classOffset: number,
    classCount: number,
    objectnessOffset: number,
    threshold: number,
    out: number,
  ): void;
  compactColumns(
    data: number,
    anchors: number,
    classCount: number,
    threshold: number,
    out: number,
  ): void;
  nms(
    boxes: number,
    scores: number,
    classes: number,
    count: number,
    iouThreshold: number,
    agnostic: number,
    maxDetections: number,
    keep: number,
    scratch: number,
  ): number;
  focalRows(
    data: number,
    rows: number,
    rowLength: number,
    classOffset: number,
    classCount: number,
    objectnessOffset: number,
    fromLogits: number,
    plan: number,
    strip: number,
  ): void;
  focalColumns(
    data: number,
    anchors: number,
    classCount: number,
    fromLogits: number,
    plan: number,
    strip: number,
  ): void;
  headForward(
    features: number,
    rows: number,
    channels: number,
    weights: number,
    width: number,
    logits: number,
  ): void;
  headBackward(
    features: number,
    rows: number,
    channels: number,
    slopes: number,
    width: number,
    gradient: number,
  ): void;
  headSlopes(
    logits: number,
    objectness: number,
    rows: number,
    classes: number,
    width: number,
    asked: number,
    against: number,
    weights: number,
    alpha: number,
    gamma: number,
    halves: number,
    scale: number,
  ): number;
}
