import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import type { TapRequest } from "../core/tap.ts";
import { HeadGrid } from "../detector/head_grid.ts";
import { checkTapRequest } from "./tap_options.ts";

const GRID = new HeadGrid([
  { columns: 4, rows: 3, stride: 8, anchors: 1, anchorMajor: true },
], 0.5);

Deno.test("checkTapRequest() accepts rows and rules in range", () => {
  const sound: TapRequest[] = [
    { rows: new Int32Array([0, 11, 11]) },
    { rows: new Int32Array(0) },
    { rows: {} },
    { rows: { scoreMin: 0, hardest: 32, random: 8, seed: -3 } },
    { rows: { nearPx: new Float32Array(8), nearStrides: 0.5, scoreMin: 1 } },
  ];
  for (const request of sound) checkTapRequest(request, GRID);
});

Deno.test("checkTapRequest() refuses everything else by name", () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    [new Int32Array([12]), "row 12: there are 12"],
    [new Int32Array([-1]), "row -1"],
    [null, "rows null"],
    [7, "rows 7"],
    [{ hardes: 3 }, '"hardes": it is unknown'],
    [{ hardest: 1.5 }, "hardest 1.5"],
    [{ random: -1 }, "random -1"],
    [{ random: 1e9 }, "random 1000000000"],
    [{ scoreMin: NaN }, "scoreMin NaN"],
    [{ scoreMin: 2 }, "scoreMin 2"],
    [{ nearStrides: 0 }, "nearStrides 0"],
    [{ nearPx: new Float32Array(3) }, "near boxes"],
    [{ nearPx: new Float32Array([0, 0, NaN, 1]) }, "near boxes"],
    [{ nearPx: [0, 0, 1, 1] }, "near boxes"],
    [{ seed: 0.5 }, "seed 0.5"],
  ];
  for (const [rows, words] of wrong) {
    const error = assertThrows(
      () => checkTapRequest({ rows } as TapRequest, GRID),
      FoveaError,
      words,
    );
    assertEquals(error.code, "USAGE");
  }
});
