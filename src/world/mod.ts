/**
 * A world of its own: a street that is drawn, with the truth about every frame.
 *
 * @module
 */
export { StreetWorld } from "./street_world.ts";
export {
  checkWorldOptions,
  type NewClass,
  WORLD_LIMITS,
  type WorldOptions,
  type WorldSettings,
} from "./world_options.ts";
export {
  type Severity,
  WEATHER_KINDS,
  type WeatherChange,
  type WeatherKind,
} from "./weather/weather.ts";
export {
  type CocoAnnotation,
  type CocoDataset,
  type CocoImage,
  CocoWriter,
  isHardlyVisible,
} from "./coco_annotations.ts";
export { NEW_CLASSES, STREET_CLASSES } from "./motion/cast.ts";
export type { FrameTruth, TrueObject, TruthSource } from "../core/frame_truth.ts";
