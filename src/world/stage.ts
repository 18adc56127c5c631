import type { Backdrop } from "./scene/backdrop.ts";
import type { SceneryImage } from "./scene/scenery_image.ts";

/** What a frame is drawn on: the scenery as the camera sees it, in the light of the weather. */
export interface Stage {
  /** The scenery. */
  readonly image: SceneryImage;
  /** The same in the light of the moment. */
  readonly backdrop: Backdrop;
}
