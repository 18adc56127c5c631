/// <reference lib="deno.worker" />
import { isHardlyVisible, StreetWorld } from "../../src/world/mod.ts";
import type { RenderJob } from "./render_plan.ts";

declare const self: DedicatedWorkerGlobalScope;

/** The frames of a job. */
export interface RenderReply {
  /** RGB bytes, one frame after the other. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Rows of numbers as `render.ts` names them; the first is the frame's place in the job. */
  readonly boxes: readonly (readonly number[])[];
}

self.onmessage = (
  event: MessageEvent<
    { readonly job: RenderJob; readonly size: { width: number; height: number } }
  >,
) => {
  const reply = render(event.data.job, event.data.size);
  self.postMessage(reply, [reply.pixels.buffer]);
};

function render(job: RenderJob, size: { width: number; height: number }): RenderReply {
  const bytes = 3 * size.width * size.height;
  const pixels = new Uint8Array(bytes * job.seqs.length);
  const world = new StreetWorld(job.options);
  const boxes = job.seqs.flatMap((seq, i) => {
    const { objects } = world.renderRgb(seq, pixels.subarray(bytes * i, bytes * (i + 1)));
    return objects.map((object) => [
      i,
      object.classIndex,
      ...object.xyxyPx,
      Math.round(object.visible * 1000) / 1000,
      Math.round(object.truncated * 1000) / 1000,
      isHardlyVisible(object) ? 1 : 0,
      object.trackId,
    ]);
  });
  return { pixels, boxes };
}
