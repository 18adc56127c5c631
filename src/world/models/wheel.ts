import { cos, PI, sin } from "../exact_math.ts";
import { circle, type MeshBuilder, type Point } from "./mesh_builder.ts";

/** Finishes of a wheel, as numbers of the builder. */
export interface WheelFinishes {
  readonly tyre: number;
  readonly rim: number;
  readonly gap: number;
}

/**
 * A wheel about its own axle at the origin of its part: tyre, rim and spokes on the side that looks
 * outwards.
 */
export function buildWheel(
  builder: MeshBuilder,
  size: { readonly radiusM: number; readonly widthM: number; readonly spokes: number },
  outward: 1 | -1,
  finishes: WheelFinishes,
): void {
  const { radiusM, widthM, spokes } = size;
  const half = widthM / 2;
  const corners = builder.coarse ? 10 : 16;
  const left = circle([-half, 0, 0], radiusM, 1, corners);
  const right = circle([half, 0, 0], radiusM, 1, corners);
  builder.skin([left, right], true, () => finishes.tyre);
  for (const side of [-1, 1] as const) {
    builder.disc(finishes.tyre, [side * half, 0, 0], radiusM, side, corners);
  }
  const face = outward * (half + 0.004);
  builder.disc(finishes.rim, [face, 0, 0], radiusM * 0.66, outward, corners - 2);
  if (builder.coarse) return;
  for (let i = 0; i < spokes; i++) {
    const gap = [0.24, 0.76].map((share) => 2 * PI * (i + share) / spokes);
    const [a, b] = outward > 0 ? [gap[0]!, gap[1]!] : [gap[1]!, gap[0]!];
    const out = outward * (half + 0.008);
    const at = (angle: number, r: number): Point => [out, r * cos(angle), r * sin(angle)];
    builder.face(
      finishes.gap,
      at(a, radiusM * 0.2),
      at(a, radiusM * 0.58),
      at((a + b) / 2, radiusM * 0.6),
      at(b, radiusM * 0.58),
      at(b, radiusM * 0.2),
    );
  }
}
