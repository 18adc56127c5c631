import { BlurEffect } from "./blur.ts";
import { CastEffect } from "./cast.ts";
import { DarkEffect } from "./dark.ts";
import type { Degradation } from "./degradation.ts";
import { DirtEffect } from "./dirt.ts";
import type { Effect } from "./effect.ts";
import { FogEffect } from "./fog.ts";
import { GeomEffect } from "./geom.ts";
import { JpegEffect } from "./jpeg.ts";
import { NoiseEffect } from "./noise.ts";

/**
 * Makes one degradation ready for pictures of one size.
 *
 * @param seed Whole numbers from 0 to 2^32 - 1, for what is drawn anew for every picture.
 */
export function makeEffect(
  { kind, severity }: Degradation,
  width: number,
  height: number,
  seed: readonly number[],
): Effect {
  switch (kind) {
    case "dark":
      return new DarkEffect(severity, seed);
    case "fog":
      return new FogEffect(severity);
    case "noise":
      return new NoiseEffect(severity, seed);
    case "blur":
      return new BlurEffect(severity, width, height);
    case "cast":
      return new CastEffect(severity);
    case "dirt":
      return new DirtEffect(severity, width, height);
    case "geom":
      return new GeomEffect(severity, width, height);
    case "jpeg":
      return new JpegEffect(severity, width, height);
  }
}
