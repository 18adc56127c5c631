// A whole camera over fake sources on a manual clock.
import { assert } from "@std/assert";
import { type CameraOptions, checkCameraOptions } from "../../src/camera/camera_options.ts";
import type { PictureSource, SourceFacts } from "../../src/camera/picture_source.ts";
import { SourceCamera } from "../../src/camera/source_camera.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { FoveaError } from "../../src/core/errors.ts";
import type { PictureShape } from "../../src/core/frame_draft.ts";
import type { Camera, CameraEvent } from "../../src/core/ports.ts";
import { SharedArena } from "../../src/native/arena.ts";
import { FakeSource, type FakeStep } from "./fake_source.ts";

/** A camera over fakes, and what a test looks at. */
export interface FakeCamera {
  readonly clock: ManualClock;
  readonly arena: SharedArena;
  readonly sources: FakeSource[];
  readonly camera: SourceCamera;
}

/** A camera over fakes: the first script is played first, the next ones after each loss. */
export function setUpCamera(
  scripts: (FakeStep[] | "refuse")[],
  options: CameraOptions = {},
  facts: Partial<SourceFacts> = {},
  shape?: PictureShape,
): FakeCamera {
  const clock = new ManualClock(1000);
  const arena = new SharedArena();
  const sources: FakeSource[] = [];
  let opened = 0;
  function open(): Promise<PictureSource> {
    const script = scripts[opened++] ?? "refuse";
    if (script === "refuse") {
      return Promise.reject(new FoveaError("CAMERA_OPEN", "Cannot open fake: refused"));
    }
    const source = new FakeSource(clock, script, facts, shape);
    sources.push(source);
    return Promise.resolve(source);
  }
  void open();
  const camera = new SourceCamera({
    source: sources[0]!,
    label: "fake",
    reopen: open,
    arena,
    settings: checkCameraOptions(options),
    clock,
    signal: options.signal ?? null,
  });
  return { clock, arena, sources, camera };
}

/** A camera and the clock that it runs on. */
export interface ClockedCamera {
  readonly clock: ManualClock;
  readonly camera: Camera;
}

/** Pulls one event, moving time on in steps of 10 ms until there is one. */
export async function pull(setup: ClockedCamera, untilMs = 60_000): Promise<CameraEvent> {
  let event: CameraEvent | null = null;
  let failure: unknown = null;
  const pulling = setup.camera.next().then((e) => event = e, (e) => failure = e);
  for (
    let waitedMs = 0;
    event === null && failure === null && waitedMs <= untilMs;
    waitedMs += 10
  ) {
    await setup.clock.advance(waitedMs === 0 ? 0 : 10);
  }
  if (failure !== null) throw failure;
  assert(event !== null, "no event came");
  await pulling;
  return event;
}

/** Says an event in a word or two and disposes its frame. */
export function tell(event: CameraEvent): string {
  if (event.kind === "end") return "end";
  if (event.kind === "state") return `${event.state}: ${event.reason}`;
  using frame = event.frame;
  const state = event.state === "live" ? "" : ` ${event.state}`;
  return `${frame.seq}${frame.epoch > 0 ? ` epoch ${frame.epoch}` : ""}${state}`;
}

/** Pulls up to and including the end; see {@linkcode tell}. */
export async function pullAll(setup: ClockedCamera): Promise<string[]> {
  const told: string[] = [];
  for (;;) {
    told.push(tell(await pull(setup)));
    if (told.at(-1) === "end") return told;
  }
}

/** Facts of a file; the other facts of a fake stand in its source. */
export const FILE: Partial<SourceFacts> = { kind: "file", canStall: false };
