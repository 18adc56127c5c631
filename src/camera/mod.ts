/**
 * Cameras behind one URI.
 *
 * @module
 */
export { pictureBytes, planeSizes, type PlaneSize } from "../core/pixel_format.ts";
export type { ColorMatrix, ColorRange, PixelFormat } from "../core/pixel_format.ts";
