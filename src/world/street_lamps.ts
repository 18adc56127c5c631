import type { CameraView } from "./camera_view.ts";
import type { Actor } from "./motion/cast.ts";
import type { Signals } from "./motion/signals.ts";
import type { FrameCanvas } from "./raster/frame_canvas.ts";
import { drawGlow } from "./raster/glows.ts";
import type { Scenery } from "./scene/scenery.ts";
import type { Stage } from "./stage.ts";

/** RGBA words of lamps. */
const RED = 0x3a34ff;
const GREEN = 0x9af05a;
const AMBER = 0x2fb0ff;
const WARM = 0xb8e4ff;
const HEAD = 0xf2faff;
const TAIL = 0x2020ff;
/** How long amber shows before red, in seconds. */
const AMBER_S = 2.5;

/**
 * Draws everything that shines: traffic lights always, all other lamps in the dark.
 *
 * @param moment `actors`: those who have lamps on.
 */
export function drawLamps(
  canvas: FrameCanvas,
  view: CameraView,
  stage: Stage,
  scenery: Scenery,
  signals: Signals,
  moment: { readonly actors: readonly Actor[]; readonly seconds: number },
): void {
  const { image, backdrop } = stage;
  for (const head of scenery.furniture.signals) {
    if (head.facing === 1) continue;
    const stream = head.main ? "main" : "side";
    const green = signals.isGreen(stream, moment.seconds);
    const soonRed = green && !signals.isGreen(stream, moment.seconds + AMBER_S);
    drawGlow(canvas, image, view, {
      x: head.x,
      y: head.y - 0.15,
      z: head.z + (soonRed ? 0.3 : green ? 0 : 0.6),
      radiusM: 0.14,
      radiusPx: 1.1,
      color: soonRed ? AMBER : green ? GREEN : RED,
      share: head.facing === 0 ? 110 : 250,
    });
  }
  const { lamps, ownLamps } = backdrop.mix;
  const bright = Math.min(1, ownLamps + 0.2);
  if (lamps.g > 0) {
    for (const { x, y, z } of scenery.furniture.lamps) {
      const share = 150 * Math.min(1, lamps.g * 1.2) | 0;
      drawGlow(canvas, image, view, { x, y, z, radiusM: 0.8, radiusPx: 3, color: WARM, share });
    }
  }
  if (ownLamps === 0) return;
  for (const actor of moment.actors) drawVehicleLamps(canvas, view, stage, actor, bright);
}

function drawVehicleLamps(
  canvas: FrameCanvas,
  view: CameraView,
  { image }: Stage,
  actor: Actor,
  bright: number,
): void {
  const { x, y, headingX, headingY } = actor.place;
  const { pose } = view;
  const toCamera = (pose.xM - x) * headingX + (pose.yM - y) * headingY;
  const distance = Math.sqrt((pose.xM - x) * (pose.xM - x) + (pose.yM - y) * (pose.yM - y));
  const facing = toCamera / (distance + 0.1);
  const isBicycle = actor.className === "bicycle";
  const [end, half] = isBicycle ? [0.6, 0] : [actor.className === "van" ? 2.5 : 2.1, 0.66];
  const front = facing > 0;
  const share = (front ? 235 : 150) * bright * Math.min(1, Math.abs(facing) * 1.4) | 0;
  const sides = half === 0 ? [0] : [-half, half];
  for (const side of sides) {
    const way = front ? end : -end;
    drawGlow(canvas, image, view, {
      x: x + headingX * way + headingY * side,
      y: y + headingY * way - headingX * side,
      z: isBicycle ? 0.8 : 0.7,
      radiusM: front ? 0.55 : 0.28,
      radiusPx: front ? 2.6 : 1.4,
      color: front ? HEAD : TAIL,
      share,
    });
  }
}
