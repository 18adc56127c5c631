import type { ActorLighting } from "./actor_lighting.ts";
import { type CameraPose, CameraView } from "./camera_view.ts";
import type { ToneCurve } from "./color.ts";
import { PI } from "./exact_math.ts";
import { FrameDrawer } from "./frame_drawer.ts";
import type { Cast } from "./motion/cast.ts";
import { lightScenery } from "./scene/backdrop.ts";
import { drawScenery, SCENERY_PIXEL_BYTES, type SceneryImage } from "./scene/scenery_image.ts";
import type { Stage } from "./stage.ts";
import { type LightMix, mixLight } from "./weather/light_mix.ts";
import type { WeatherLevels } from "./weather/weather.ts";
import type { WorldSettings } from "./world_options.ts";

/** How a camera that was knocked hangs, by severity: turns in degrees. */
const MOVED = [
  { yaw: 0, pitch: 0, roll: 0 },
  { yaw: 3, pitch: 1.5, roll: 4 },
  { yaw: 6, pitch: 3, roll: 11 },
  { yaw: 8, pitch: 3.5, roll: 26 },
  { yaw: 10, pitch: 4, roll: 52 },
] as const;
/** Most memory for drawings of the scenery, in bytes; at least one is kept. */
const SCENERY_BYTES_MAX = 64 * 1024 * 1024;

/** Keeps what frames are drawn on: sceneries, seen from where the camera hangs, in the last light. */
export class StageCache {
  readonly #settings: WorldSettings;
  readonly #cast: Cast;
  readonly #tone: ToneCurve;
  readonly #lighting: ActorLighting;
  readonly #images = new Map<string, SceneryImage>();
  #drawer: FrameDrawer | null = null;
  #drawerMoved = 0;
  #stage: Stage | null = null;
  #stageKey = "";

  /** An empty cache for a street. */
  constructor(
    settings: WorldSettings,
    cast: Cast,
    tone: ToneCurve,
    lighting: ActorLighting,
  ) {
    this.#settings = settings;
    this.#cast = cast;
    this.#tone = tone;
    this.#lighting = lighting;
  }

  /** The drawer and the stage for a weather; both stay as they are until the next call. */
  get(levels: WeatherLevels): { readonly drawer: FrameDrawer; readonly stage: Stage } {
    const { moved, night, fog, rain, noise } = levels;
    if (this.#drawer === null || this.#drawerMoved !== moved) {
      const view = this.#viewOf(moved);
      this.#drawer = new FrameDrawer(view, this.#cast, this.#tone, this.#lighting);
      this.#drawerMoved = moved;
    }
    const key = [moved, night, fog, rain, noise].join(" ");
    if (this.#stage === null || this.#stageKey !== key) {
      const { plan } = this.#lighting.scenery;
      const mix = mixLight(plan.light, levels);
      const image = this.#imageOf(moved, mix.wet);
      this.#stage = { image, backdrop: lightScenery(image, mix, this.#tone) };
      this.#stageKey = key;
    }
    return { drawer: this.#drawer, stage: this.#stage };
  }

  /** Colour of rain in a light, as an RGBA word. */
  streakWord(mix: LightMix): number {
    const { r, g, b } = mix.fog;
    return this.#tone.encodeRgb(r * 1.25 + 0.02, g * 1.25 + 0.02, b * 1.25 + 0.02);
  }

  #viewOf(moved: WeatherLevels["moved"]): CameraView {
    const { width, height, seed } = this.#settings;
    const { camera } = this.#lighting.scenery.plan;
    const side = (seed & 1) === 0 ? -1 : 1;
    const { yaw, pitch, roll } = MOVED[moved];
    const pose: CameraPose = {
      ...camera,
      yawRad: camera.yawRad - Math.sign(camera.yawRad) * yaw * PI / 180,
      pitchRad: camera.pitchRad + pitch * PI / 180,
      rollRad: camera.rollRad + side * roll * PI / 180,
    };
    return new CameraView(pose, width, height);
  }

  #imageOf(moved: WeatherLevels["moved"], wet: boolean): SceneryImage {
    const key = `${moved} ${wet}`;
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    const { width, height } = this.#settings;
    const bytes = width * height * SCENERY_PIXEL_BYTES;
    const room = Math.max(1, Math.floor(SCENERY_BYTES_MAX / bytes));
    while (this.#images.size >= room) {
      const [oldest] = this.#images.keys();
      this.#images.delete(oldest!);
    }
    const image = drawScenery(this.#viewOf(moved), this.#lighting.scenery, wet);
    this.#images.set(key, image);
    return image;
  }
}
