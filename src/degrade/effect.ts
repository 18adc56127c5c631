/** One degradation, made ready for pictures of one size. */
export interface Effect {
  /**
   * Degrades a picture in place.
   *
   * @param bgr The pixels, `[height, width, 3]` uint8, blue first, rows without padding.
   */
  apply(bgr: Uint8Array): void;
}
