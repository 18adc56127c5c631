/** Where boxes belong, as columns. */
interface Belonging {
  readonly count: number;
  readonly imageIndex: Int32Array;
  readonly categoryIndex: Int32Array;
}

/** Groups at most this long are sorted by insertion, which is faster there. */
const INSERTION_MAX = 24;

/**
 * Orders boxes by class, then by picture, otherwise as they came: `[count]` indices. Two stable
 * counting sorts, so that time and memory do not grow with classes times pictures.
 */
export function orderByClassAndImage(
  boxes: Belonging,
  categories: number,
  images: number,
): Int32Array {
  const asTheyCame = Int32Array.from({ length: boxes.count }, (_, i) => i);
  const byImage = countingSort(asTheyCame, boxes.imageIndex, images);
  return countingSort(byImage, boxes.categoryIndex, categories);
}

/** Orders boxes by picture, otherwise as they came: `[count]` indices. */
export function orderByImage(boxes: Belonging, images: number): Int32Array {
  const asTheyCame = Int32Array.from({ length: boxes.count }, (_, i) => i);
  return countingSort(asTheyCame, boxes.imageIndex, images);
}

/** Sorts indices by their key, which is below `keys`; equal keys stay in order. */
function countingSort(indices: Int32Array, keyOf: Int32Array, keys: number): Int32Array {
  const next = new Int32Array(keys + 1);
  for (let i = 0; i < indices.length; i++) next[keyOf[indices[i]!]! + 1]!++;
  for (let key = 0; key < keys; key++) next[key + 1]! += next[key]!;
  const sorted = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    sorted[next[keyOf[index]!]!++] = index;
  }
  return sorted;
}

/** Sorts indices by falling score, in place; equal scores stay in order. */
export function sortByScore(indices: Int32Array, score: Float64Array): void {
  if (indices.length > INSERTION_MAX) {
    // The order of typed arrays' sort is stable.
    indices.sort((a, b) => score[b]! - score[a]!);
    return;
  }
  for (let i = 1; i < indices.length; i++) {
    const index = indices[i]!;
    let at = i;
    for (; at > 0 && score[indices[at - 1]!]! < score[index]!; at--) indices[at] = indices[at - 1]!;
    indices[at] = index;
  }
}

/** The end of the run of boxes from `start` that belong to one picture and lie before `end`. */
export function endOfImage(
  order: Int32Array,
  imageIndex: Int32Array,
  start: number,
  end: number,
): number {
  const image = imageIndex[order[start]!]!;
  let at = start + 1;
  while (at < end && imageIndex[order[at]!] === image) at++;
  return at;
}

/** The end of the run of boxes from `start` that belong to one class. */
export function endOfCategory(
  order: Int32Array,
  categoryIndex: Int32Array,
  start: number,
  category: number,
): number {
  let at = start;
  while (at < order.length && categoryIndex[order[at]!] === category) at++;
  return at;
}
