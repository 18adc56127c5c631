import { fromHex, mixed } from "../color.ts";
import { clamp, smoothstep } from "../exact_math.ts";
import { cloudNoise } from "../noise.ts";
import type { StreetLight } from "./street_light.ts";

const CLOUD = fromHex(0xf4f4f2);
const CLOUD_BELOW = fromHex(0xb9bec6);

/** The sky: blue overhead, pale at the horizon, clouds, a glow around the sun. */
export class Sky {
  readonly #light: StreetLight;
  readonly #seed: number;

  /** The sky of a street; `seed` places its clouds. */
  constructor(light: StreetLight, seed: number) {
    this.#light = light;
    this.#seed = seed;
  }

  /** Writes the light that comes from a direction of length 1 into `out`: three numbers. */
  lightInto(out: Float64Array, x: number, y: number, z: number): void {
    const light = this.#light;
    const up = clamp(z, 0, 1);
    const high = Math.sqrt(up);
    let { r, g, b } = mixed(light.horizon, light.zenith, high);
    if (z > 0.01) {
      // Clouds lie on a plane high above.
      const scale = 1.4 / (z + 0.12);
      const cover = cloudNoise(x * scale, y * scale, this.#seed, 4);
      const edge = 0.72 - 0.5 * light.clouds;
      const thick = smoothstep(edge, edge + 0.22, cover) * smoothstep(0.01, 0.12, z);
      const cloud = mixed(CLOUD_BELOW, CLOUD, smoothstep(0.85, 0.4, cover));
      r += (cloud.r - r) * thick * 0.85;
      g += (cloud.g - g) * thick * 0.85;
      b += (cloud.b - b) * thick * 0.85;
    }
    const towards = x * light.sunX + y * light.sunY + z * light.sunZ;
    if (towards > 0) {
      const t2 = towards * towards;
      const t8 = t2 * t2 * t2 * t2;
      const glow = 0.12 * t8 * t8 + 0.05 * t2;
      r += light.sun.r * glow;
      g += light.sun.g * glow;
      b += light.sun.b * glow;
    }
    out[0] = r;
    out[1] = g;
    out[2] = b;
  }
}
