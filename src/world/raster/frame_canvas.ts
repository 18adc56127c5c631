/** The most objects of one frame that can be told apart. */
export const OBJECTS_MAX = 1000;

/** A frame while it is drawn: its colours, and which object owns each pixel. */
export class FrameCanvas {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** The pixels as little-endian RGBA words; the fourth byte means nothing. */
  readonly colors: Uint32Array;
  /** Who covers a pixel, at least a quarter of it: the number of an object from 1, or 0 for the scenery. */
  readonly owners: Uint16Array;
  /** One over the depth of the owner, in 1/m; only meaningful where there is one. */
  readonly ownerW: Float32Array;
  /** Of each object, by its number: pixels it would cover alone, and those it really owns. */
  readonly wholePixels = new Int32Array(OBJECTS_MAX + 1);
  readonly ownPixels = new Int32Array(OBJECTS_MAX + 1);

  /** An empty frame. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.colors = new Uint32Array(width * height);
    this.owners = new Uint16Array(width * height);
    this.ownerW = new Float32Array(width * height);
  }

  /** Starts a frame from the scenery's colours, or without colours where only owners are wanted. */
  begin(background: Uint32Array | null): void {
    if (background !== null) this.colors.set(background);
    this.owners.fill(0);
    this.ownerW.fill(0);
    this.wholePixels.fill(0);
    this.ownPixels.fill(0);
  }
}

/** Moves `from` towards `to` by `share` of 256; both are RGBA words, two channels at a time. */
export function blendWords(from: number, to: number, share: number): number {
  const redBlue = from & 0xff00ff;
  const green = from & 0x00ff00;
  const rest = 256 - share;
  const rb = (Math.imul(redBlue, rest) + Math.imul(to & 0xff00ff, share)) >>> 8 & 0xff00ff;
  const g = (Math.imul(green, rest) + Math.imul(to & 0x00ff00, share)) >>> 8 & 0x00ff00;
  return rb | g;
}
