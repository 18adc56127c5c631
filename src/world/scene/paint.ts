/**
 * A point of a surface that is being painted: where it is goes in, what it looks like comes out.
 * One object is used for all points.
 */
export class SurfacePoint {
  /** The point in metres. */
  x = 0;
  y = 0;
  z = 0;
  /** The normal, of length 1; paints may bend it. */
  nx = 0;
  ny = 0;
  nz = 1;
  /** Direction of the look that meets it; need not have length 1. */
  dx = 0;
  dy = 1;
  dz = 0;
  /** How much of the surface one sample covers, in metres: finer detail should fade out. */
  footprintM = 0;
  /** Share of light it throws back, by colour. */
  r = 0;
  g = 0;
  b = 0;
  /** Light of its own once lamps are lit. */
  glowR = 0;
  glowG = 0;
  glowB = 0;
  /** Share that it reflects like a mirror, 0 to 1. */
  mirror = 0;
  /** Share of sun and sky that gets there, where a paint knows of recesses; 1 in the open. */
  open = 1;

  /** Forgets what the last paint left. */
  clear(): void {
    this.glowR = 0;
    this.glowG = 0;
    this.glowB = 0;
    this.mirror = 0;
    this.open = 1;
  }

  /** Sets the colour. */
  tint(color: { readonly r: number; readonly g: number; readonly b: number }, factor = 1): void {
    this.r = color.r * factor;
    this.g = color.g * factor;
    this.b = color.b * factor;
  }

  /** Makes what is there lighter or darker. */
  shade(factor: number): void {
    this.r *= factor;
    this.g *= factor;
    this.b *= factor;
  }

  /** Sets its own light. */
  glow(
    color: { readonly r: number; readonly g: number; readonly b: number },
    factor: number,
  ): void {
    this.glowR = color.r * factor;
    this.glowG = color.g * factor;
    this.glowB = color.b * factor;
  }

  /** 1 for detail of this size while it can be seen, 0 once it is finer than a sample. */
  sees(detailM: number): number {
    const share = 2 - 2 * this.footprintM / detailM;
    return share < 0 ? 0 : share > 1 ? 1 : share;
  }
}

/** What a surface looks like. */
export interface Paint {
  /** Fills in colour, mirror and own light of a point. */
  apply(point: SurfacePoint): void;
}
