/** Corners `x1 y1 x2 y2` of one box; the space (source or network pixels) is the user's. */
export type Xyxy = readonly [x1: number, y1: number, x2: number, y2: number];
