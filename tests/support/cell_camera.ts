import type { CameraEvent } from "../../src/core/ports.ts";
import { makeFrame, type Rgb } from "./fake_frame.ts";
import { ScriptedCamera } from "./scripted_camera.ts";

/** Size of the pictures that the tiny networks look at, and of their cells, in pixels. */
export const CELL_WIDTH = 128;
export const CELL_HEIGHT = 96;
export const CELL_SIDE = 8;

/** A cell of a picture and its colour. */
export interface PaintedCell {
  /** Column, from 0. */
  readonly x: number;
  /** Row, from 0. */
  readonly y: number;
  /** Its colour. */
  readonly rgb: Rgb;
}

/** Red and blue as the tiny networks see them best. */
export const RED: Rgb = [255, 0, 0];
export const BLUE: Rgb = [0, 0, 255];

/** A camera of `frames` pictures of 128×96, grey but for the cells that `paint` gives them. */
export function cellCamera(
  frames: number,
  paint: (seq: number) => readonly PaintedCell[],
): ScriptedCamera {
  const camera: ScriptedCamera = new ScriptedCamera((seq): CameraEvent => {
    if (seq >= frames) return { kind: "end" };
    const cells = paint(seq);
    const frame = makeFrame({
      format: "rgb24",
      width: CELL_WIDTH,
      height: CELL_HEIGHT,
      arena: camera.arena,
      seq,
      paint: (x, y) =>
        cells.find((cell) =>
          Math.floor(x / CELL_SIDE) === cell.x && Math.floor(y / CELL_SIDE) === cell.y
        )?.rgb ?? [60, 60, 60],
    });
    return { kind: "frame", frame, state: "live", reason: null };
  });
  return camera;
}

/** Path of a tiny model. */
export function tinyModel(name: string): string {
  return new URL(`../../models/tiny/${name}.onnx`, import.meta.url).pathname;
}
