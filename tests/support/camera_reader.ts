// Reading cameras in tests: with time limits that are events, and in words.
import type { Camera, CameraEvent } from "../../src/core/ports.ts";

/** Pulls the next event and fails if the camera is at its end. */
export async function pullEvent(camera: Camera): Promise<Exclude<CameraEvent, { kind: "end" }>> {
  const event = await camera.next();
  if (event.kind === "end") throw new Error("the camera ended");
  return event;
}

/** Pulls frames, skipping changes of state, and hands each one to `look` until that says true. */
export async function readUntil(
  camera: Camera,
  look: (event: Extract<CameraEvent, { kind: "frame" }>) => boolean,
): Promise<void> {
  for (;;) {
    const event = await pullEvent(camera);
    if (event.kind !== "frame") continue;
    using _frame = event.frame;
    if (look(event)) return;
  }
}

/** Pulls events until a change to `state` and returns its reason; frames are given back. */
export async function readUntilState(camera: Camera, state: string): Promise<string> {
  for (;;) {
    const event = await pullEvent(camera);
    if (event.kind === "frame") event.frame[Symbol.dispose]();
    else if (event.state === state) return event.reason;
  }
}
