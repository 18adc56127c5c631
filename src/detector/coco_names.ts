/** The 80 classes of COCO in the order that YOLO models use. */
export const COCO_80: readonly string[] = [
  ["person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"],
  ["traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat"],
  ["dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack"],
  ["umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball"],
  ["kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket"],
  ["bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple"],
  ["sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair"],
  ["couch", "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote"],
  ["keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book"],
  ["clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush"],
].flat();

/** COCO's category numbers that no picture uses. */
const UNUSED_IDS: ReadonlySet<number> = new Set([0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);

/** COCO's classes by category number 0–90, as DETR models count them; gaps are `unused N`. */
export function coco91Names(): string[] {
  let next = 0;
  return Array.from(
    { length: 91 },
    (_, id) => UNUSED_IDS.has(id) ? `unused ${id}` : COCO_80[next++]!,
  );
}
