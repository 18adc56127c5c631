import { cos, sin, tan } from "./exact_math.ts";

/** Where a camera stands and looks; the world's y axis runs along the street, z upwards. */
export interface CameraPose {
  /** Position in metres. */
  readonly xM: number;
  /** Position along the street in metres. */
  readonly yM: number;
  /** Height above the road in metres. */
  readonly zM: number;
  /** Turn to the left in radians; 0 looks along the street. */
  readonly yawRad: number;
  /** Tilt downwards in radians. */
  readonly pitchRad: number;
  /** Turn of the camera about its own axis in radians; positive turns the picture clockwise. */
  readonly rollRad: number;
  /** Angle that the longer side of a 5:3 picture covers, in radians. */
  readonly fieldOfViewRad: number;
}

/** Shape for which {@linkcode CameraPose.fieldOfViewRad} is meant: width by height. */
const ASPECT = 5 / 3;

/**
 * A pinhole camera. `depth` is the distance along the direction it looks to, in metres; pixels
 * count from the top left corner, and their centres lie at halves.
 */
export class CameraView {
  /** Width of the picture in pixels. */
  readonly width: number;
  /** Height of the picture in pixels. */
  readonly height: number;
  /** Where it stands and looks. */
  readonly pose: CameraPose;
  /** Focal length in pixels. */
  readonly focalPx: number;
  /** Unit vectors of the picture's axes in the world: right, up, forward, nine numbers. */
  readonly axes: Float64Array;

  /** The view of a camera in a picture of a size. */
  constructor(pose: CameraPose, width: number, height: number) {
    this.pose = pose;
    this.width = width;
    this.height = height;
    const side = Math.max(width, height * ASPECT);
    this.focalPx = side / 2 / tan(pose.fieldOfViewRad / 2);
    const [sy, cy] = [sin(pose.yawRad), cos(pose.yawRad)];
    const [sp, cp] = [sin(pose.pitchRad), cos(pose.pitchRad)];
    const [sr, cr] = [sin(pose.rollRad), cos(pose.rollRad)];
    // Axes without roll: right (cy, sy, 0), up (-sy·sp, cy·sp, cp), forward (-sy·cp, cy·cp, -sp).
    const up = [-sy * sp, cy * sp, cp] as const;
    this.axes = Float64Array.of(
      cr * cy + sr * up[0],
      cr * sy + sr * up[1],
      sr * up[2],
      -sr * cy + cr * up[0],
      -sr * sy + cr * up[1],
      cr * up[2],
      -sy * cp,
      cy * cp,
      -sp,
    );
  }

  /** Depth of a point in metres; negative behind the camera. */
  depthOf(x: number, y: number, z: number): number {
    const { axes, pose } = this;
    return axes[6]! * (x - pose.xM) + axes[7]! * (y - pose.yM) + axes[8]! * (z - pose.zM);
  }

  /** Column of a point in pixels; only sensible where its depth is positive. */
  columnOf(x: number, y: number, z: number): number {
    const { axes, pose } = this;
    const side = axes[0]! * (x - pose.xM) + axes[1]! * (y - pose.yM) + axes[2]! * (z - pose.zM);
    return this.width / 2 + this.focalPx * side / this.depthOf(x, y, z);
  }

  /** Row of a point in pixels; only sensible where its depth is positive. */
  rowOf(x: number, y: number, z: number): number {
    const { axes, pose } = this;
    const up = axes[3]! * (x - pose.xM) + axes[4]! * (y - pose.yM) + axes[5]! * (z - pose.zM);
    return this.height / 2 - this.focalPx * up / this.depthOf(x, y, z);
  }

  /**
   * Writes the direction through a point of the picture into `out`: three numbers, scaled so that
   * going once along it goes one metre deep.
   */
  directionInto(out: Float64Array, columnPx: number, rowPx: number): void {
    const { axes } = this;
    const u = (columnPx - this.width / 2) / this.focalPx;
    const v = (this.height / 2 - rowPx) / this.focalPx;
    for (let i = 0; i < 3; i++) out[i] = axes[6 + i]! + u * axes[i]! + v * axes[3 + i]!;
  }
}
