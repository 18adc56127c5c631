// Pictures for the tiny models, which find red and blue cells of 8 pixels on 128 × 96.
import { toYuv } from "../../src/sink/color.ts";
import { makeBitmap } from "./bitmap.ts";

/** Size of the pictures that the tiny models want. */
export const CELLS_WIDTH = 128;
/** See {@linkcode CELLS_WIDTH}. */
export const CELLS_HEIGHT = 96;
const CELL = 8;
const GREY = 0x5a5a5a;
const RED = 0xff0000;
const BLUE = 0x0000ff;

/** A cell that a tiny model finds. */
export interface ColoredCell {
  /** Column, 0–15. */
  readonly column: number;
  /** Row, 0–11. */
  readonly row: number;
  /** Its class. */
  readonly color: "red" | "blue";
}

/** Categories of annotations for them; the ids are not the model's indices. */
export const CELL_CATEGORIES = [{ id: 20, name: "blue" }, { id: 10, name: "red" }] as const;

/** The box of a cell as annotations have it. */
export function cellBox({ column, row }: ColoredCell): [number, number, number, number] {
  return [CELL * column, CELL * row, CELL, CELL];
}

/** Annotations, one for each cell of each picture. */
export function annotateCells(
  pictures: readonly { readonly id: number; readonly cells: readonly ColoredCell[] }[],
): { id: number; image_id: number; category_id: number; bbox: number[] }[] {
  return pictures.flatMap(({ id, cells }) => cells.map((cell) => ({ cell, image_id: id })))
    .map(({ cell, image_id }, i) => ({
      id: i + 1,
      image_id,
      category_id: CELL_CATEGORIES.find(({ name }) => name === cell.color)!.id,
      bbox: cellBox(cell),
    }));
}

/** Writes a picture of cells as BMP. */
export async function makeCellImage(path: string, cells: readonly ColoredCell[]): Promise<void> {
  const boxes = cells.map((cell) => {
    const [x, y, width, height] = cellBox(cell);
    const rgb = cell.color === "red" ? [255, 0, 0] as const : [0, 0, 255] as const;
    return { xyxyPx: [x, y, x + width, y + height] as const, rgb };
  });
  await makeBitmap(path, CELLS_WIDTH, CELLS_HEIGHT, boxes);
}

/** Writes a video without loss, in YUV4MPEG2 with full chroma. */
export async function makeCellVideo(
  path: string,
  frames: readonly (readonly ColoredCell[])[],
): Promise<void> {
  const pixels = CELLS_WIDTH * CELLS_HEIGHT;
  const parts = frames.flatMap((cells) => {
    const planes = new Uint8Array(3 * pixels);
    paint(planes, 0, 0, CELLS_WIDTH, CELLS_HEIGHT, GREY);
    for (const cell of cells) {
      const [x, y, width, height] = cellBox(cell);
      paint(planes, x, y, width, height, cell.color === "red" ? RED : BLUE);
    }
    return [new TextEncoder().encode("FRAME\n"), planes];
  });
  const header = `YUV4MPEG2 W${CELLS_WIDTH} H${CELLS_HEIGHT} F25:1 Ip A1:1 C444\n`;
  await Deno.writeFile(
    path,
    new Uint8Array(await new Blob([header, ...parts]).arrayBuffer()),
  );
}

function paint(
  planes: Uint8Array,
  left: number,
  top: number,
  width: number,
  height: number,
  color: number,
): void {
  const yuv = toYuv(color, "limited", "bt601");
  for (let plane = 0; plane < 3; plane++) {
    for (let y = top; y < top + height; y++) {
      const start = plane * CELLS_WIDTH * CELLS_HEIGHT + y * CELLS_WIDTH + left;
      planes.fill(yuv[plane]!, start, start + width);
    }
  }
}
