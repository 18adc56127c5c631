import type { Rgb } from "../color.ts";

/** How a surface of a model looks. */
export interface Finish {
  /** Share of light it throws back, by colour. */
  readonly color: Rgb;
  /** How strongly it mirrors sky and sun, 0 to 1. */
  readonly gloss: number;
  /** Whether it is a lamp that is on in the dark. */
  readonly lamp?: "head" | "tail" | "sign";
}

/**
 * A model made of triangles. Local axes: x to the right, y forward, z up, in metres; the origin
 * stands on the ground. Vertices belong to parts that move as one; part 0 is the body.
 */
export interface Mesh {
  /** Number of parts. */
  readonly parts: number;
  /** Positions in the frame of their part, three numbers a vertex. */
  readonly positions: Float32Array;
  /** Normals of length 1, three numbers a vertex. */
  readonly normals: Float32Array;
  /** First vertex of each part, and the number of vertices at the end. */
  readonly partStarts: Uint16Array;
  /** First triangle of each part, and the number of triangles at the end. */
  readonly triangleStarts: Uint16Array;
  /** Vertex numbers, three a triangle, counterclockwise seen from outside. */
  readonly triangles: Uint16Array;
  /** Finish of each triangle, a place in {@linkcode finishes}. */
  readonly finishOf: Uint8Array;
  /** What its surfaces look like. */
  readonly finishes: readonly Finish[];
  /** Half its width, half its length, and its height in metres: the space it takes standing. */
  readonly size: { readonly halfX: number; readonly halfY: number; readonly z: number };
}
