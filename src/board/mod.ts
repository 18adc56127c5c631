/**
 * What machine this is, and how it is: for Jetson boards above all, without root.
 *
 * @module
 */
export { type Board, detectBoard } from "./detect_board.ts";
export { type L4tRelease, parseL4tPackage, parseTegraRelease } from "./l4t_release.ts";
export type { SystemFilesOptions } from "../native/system_files.ts";
