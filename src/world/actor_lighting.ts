import { fromHex, type Rgb, scaled, type ToneCurve } from "./color.ts";
import type { Actor } from "./motion/cast.ts";
import type { ObjectLight } from "./raster/object_light.ts";
import { type Backdrop, fogShare } from "./scene/backdrop.ts";
import { lampFalloff } from "./scene/furniture.ts";
import type { Scenery } from "./scene/scenery.ts";
import { SunMap } from "./scene/sun_map.ts";

const LAMP: Rgb = fromHex(0xffd49a);
/** Share of light that comes back from the ground. */
const GROUND: Rgb = { r: 0.2, g: 0.195, b: 0.185 };
/** Share of the sky that a thing in the street sees between the houses. */
const OPEN = 0.86;
/** How far before and behind its middle the sun is looked for, in metres. */
const ENDS_M: Readonly<Record<Actor["className"], number>> = {
  car: 1.5,
  van: 1.8,
  bicycle: 0.5,
  pedestrian: 0,
  tractor: 1.2,
};

/** Finds out what light falls on whoever is in the street. */
export class ActorLighting {
  /** The street. */
  readonly scenery: Scenery;
  readonly #tone: ToneCurve;
  readonly #sunMap: SunMap;

  /** Lighting of a street. */
  constructor(scenery: Scenery, tone: ToneCurve) {
    this.scenery = scenery;
    this.#tone = tone;
    this.#sunMap = new SunMap(scenery);
  }

  /** The light on an actor at a depth in metres. */
  of(actor: Actor, depthM: number, backdrop: Backdrop): ObjectLight {
    const { light } = this.scenery.plan;
    const { mix } = backdrop;
    const share = mix.sun.g > 0 ? this.#sunShare(actor) : 0;
    const sun = times(scaled(light.sun, share), mix.sun);
    const zenith = scaled(times(light.zenith, mix.sky), OPEN);
    const horizon = scaled(times(light.horizon, mix.sky), OPEN);
    const lamps = times(scaled(LAMP, this.#lampLight(actor)), mix.lamps);
    const fogWord = this.#tone.encodeRgb(mix.fog.r, mix.fog.g, mix.fog.b);
    return {
      sunX: light.sunX,
      sunY: light.sunY,
      sunZ: light.sunZ,
      sun,
      zenith,
      horizon,
      bounce: {
        r: GROUND.r * (horizon.r + sun.r * 0.6 + lamps.r),
        g: GROUND.g * (horizon.g + sun.g * 0.6 + lamps.g),
        b: GROUND.b * (horizon.b + sun.b * 0.6 + lamps.b),
      },
      lamps,
      ownLamps: mix.ownLamps,
      fog: fogShare(backdrop, depthM),
      fogCode: { r: fogWord & 255, g: fogWord >>> 8 & 255, b: fogWord >>> 16 & 255 },
    };
  }

  #sunShare(actor: Actor): number {
    const { x, y, headingX, headingY } = actor.place;
    const end = ENDS_M[actor.className];
    const middle = this.#sunMap.at(x, y);
    if (end === 0) return middle;
    const front = this.#sunMap.at(x + headingX * end, y + headingY * end);
    const rear = this.#sunMap.at(x - headingX * end, y - headingY * end);
    return (middle + front + rear) / 3;
  }

  #lampLight({ place }: Actor): number {
    let light = 0;
    for (const lamp of this.scenery.furniture.lamps) {
      light += lampFalloff(lamp, place.x, place.y, 0.9);
    }
    return light;
  }
}

function times(a: Rgb, b: Rgb): Rgb {
  return { r: a.r * b.r, g: a.g * b.g, b: a.b * b.b };
}
