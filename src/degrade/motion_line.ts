/** One pixel of a motion-blur kernel. */
export interface Tap {
  /** Column, from 0. */
  readonly x: number;
  /** Row, from 0. */
  readonly y: number;
}

/**
 * The pixels of the line along which a picture is smeared: from column 0, a quarter down, to the
 * last column, a quarter up, one pixel for each column of a square kernel.
 *
 * Source: Bresenham (1965), with ties going to the flatter step, as OpenCV's 8-connected lines do.
 *
 * @param side Side of the kernel in pixels, odd, at least 3.
 */
export function motionLine(side: number): Tap[] {
  const first = Math.floor(side / 4);
  const run = side - 1;
  const rise = side - 1 - 2 * first;
  const taps: Tap[] = [];
  let y = first;
  let error = run - 2 * rise;
  for (let x = 0; x < side; x++) {
    taps.push({ x, y });
    if (error < 0) {
      y++;
      error += 2 * run;
    }
    error -= 2 * rise;
  }
  return taps;
}
