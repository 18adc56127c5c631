import type { DecodeParams, DetectorFamily, DetectorSpec } from "../core/detector_spec.ts";
import type { Candidates, Kernels } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import { DetrAdapter } from "./detr_adapter.ts";
import { NanodetAdapter } from "./nanodet_adapter.ts";
import type { ScoreMap } from "./score_map.ts";
import { YoloEnd2endAdapter } from "./yolo_end2end_adapter.ts";
import { YoloV5Adapter } from "./yolo_v5_adapter.ts";
import { YoloV8Adapter } from "./yolo_v8_adapter.ts";
import { YoloxAdapter } from "./yolox_adapter.ts";

/** Turns what one family of detectors says into candidates. Made for one model, used every frame. */
export interface OutputAdapter {
  /** Rows of the model's output: most candidates of one class that a picture can give. */
  readonly rows: number;
  /**
   * Picks the rows whose score reaches `params.confidence` and writes them with their boxes in
   * network pixels. Boxes are computed for the picked rows only, and nothing is allocated except
   * once, where an output is not float32.
   *
   * @param outputs Outputs of the newest run. With wasm kernels their numbers must lie in the
   * kernels' memory.
   * @param out Receives the candidates; rows with NaN or infinite numbers are counted and left out.
   * @throws {FoveaError} `OUTPUT_SHAPE` if an output has another shape than the specification
   * says; `OUTPUT_NOT_FINITE` if every score is NaN or infinite.
   */
  decodeInto(outputs: OutputView, kernels: Kernels, params: DecodeParams, out: Candidates): void;
  /** Where all scores of the newest run stand, for those who look at every row. */
  scores(outputs: OutputView): ScoreMap;
  /**
   * Writes the boxes of the first `out.count` candidates by the rows in their `anchorIndex`, in
   * network pixels, whatever they are worth; NaN and infinite corners stay as they are.
   */
  boxesInto(outputs: OutputView, out: Candidates): void;
}

const MAKERS: Readonly<Record<DetectorFamily, new (spec: DetectorSpec) => OutputAdapter>> = {
  "yolo-end2end": YoloEnd2endAdapter,
  "yolo-v8": YoloV8Adapter,
  "yolo-v5": YoloV5Adapter,
  "yolox": YoloxAdapter,
  "detr": DetrAdapter,
  "nanodet": NanodetAdapter,
};

/**
 * Makes the adapter of a specification.
 *
 * @throws {TypeError} If the specification lacks an output or option of its family.
 */
export function createAdapter(spec: DetectorSpec): OutputAdapter {
  return new MAKERS[spec.family](spec);
}
