import type { Arena, Frame } from "../../src/core/frame.ts";
import type { Camera, CameraEvent } from "../../src/core/ports.ts";
import { SharedArena } from "../../src/native/arena.ts";

/** Counts leases, so that a test can prove that all of them came back. */
export class Leases {
  out = 0;
}

function makeFrame(arena: Arena, leases: Leases, seq: number, epoch: number): Frame {
  leases.out++;
  let disposed = false;
  return {
    seq,
    epoch,
    capturedMs: seq * 10,
    ptsMs: seq * 10,
    decodeMs: 1,
    arena,
    picture: {
      format: "gray8",
      width: 4,
      height: 2,
      colorRange: "full",
      colorMatrix: "bt601",
      planes: [{ byteOffset: 0, strideBytes: 4 }],
    },
    get disposed() {
      return disposed;
    },
    retain: () => makeFrame(arena, leases, seq, epoch),
    planeBytes: () => new Uint8Array(8),
    [Symbol.dispose]() {
      if (!disposed) leases.out--;
      disposed = true;
    },
  };
}

/** What a {@linkcode ScriptedCamera} hands out at its n-th call. */
export type Script = (seq: number) => CameraEvent | Error | Promise<CameraEvent>;

/** A camera that follows a script and counts the leases that are out. */
export class ScriptedCamera implements Camera {
  readonly arena = new SharedArena();
  readonly leases = new Leases();
  readonly info: Camera["info"];
  readonly epoch = 0;
  dropped = 0;
  asked = 0;
  readonly #script: Script;

  constructor(script: Script | number, realtime = false) {
    const base = { uri: "test:", width: 4, height: 2, fps: null, frameCount: null };
    this.info = { ...base, kind: realtime ? "live" : "file", realtime };
    this.#script = typeof script === "number"
      ? (seq) => seq < script ? this.frame(seq) : { kind: "end" }
      : script;
  }

  frame(seq: number, epoch = 0): CameraEvent {
    const frame = makeFrame(this.arena, this.leases, seq, epoch);
    return { kind: "frame", frame, state: "live", reason: null };
  }

  async next(signal?: AbortSignal): Promise<CameraEvent> {
    await Promise.resolve();
    if (signal?.aborted) return { kind: "end" };
    const event = await this.#script(this.asked++);
    if (event instanceof Error) throw event;
    return event;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
