import { assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import type { Picture } from "../core/frame.ts";
import type { PixelFormat } from "../core/pixel_format.ts";
import { type CanvasKind, planRoute } from "./picture_route.ts";

function picture(format: PixelFormat, width: number, height: number): Picture {
  return { format, width, height, colorRange: "limited", colorMatrix: "bt709", planes: [] };
}

function canvas(width: number, height: number, format: CanvasKind["format"] = "i420"): CanvasKind {
  return { format, width, height, colorMatrix: "bt601" };
}

Deno.test("planRoute() copies to the pixel where a picture fits, odd ones with an edge", () => {
  const whole = { scale: 1, offsetX: 0, offsetY: 0 };
  assertEquals(planRoute(picture("rgb24", 64, 48), canvas(64, 48)), {
    viewport: { ...whole, width: 64, height: 48 },
    recolor: false,
    surround: "none",
  });
  assertEquals(planRoute(picture("rgb24", 63, 47), canvas(64, 48)), {
    viewport: { ...whole, width: 63, height: 47 },
    recolor: false,
    surround: "edge",
  });
});

Deno.test("planRoute() fits other sizes, centred", () => {
  assertEquals(planRoute(picture("rgb24", 32, 48), canvas(64, 48)).viewport, {
    scale: 1,
    offsetX: 16,
    offsetY: 0,
    width: 32,
    height: 48,
  });
  assertEquals(planRoute(picture("rgb24", 64, 46), canvas(64, 48)), {
    viewport: { scale: 1, offsetX: 0, offsetY: 0, width: 64, height: 46 },
    recolor: false,
    surround: "borders",
  });
  assertEquals(planRoute(picture("rgb24", 128, 96), canvas(64, 48)).surround, "none");
  assertEquals(planRoute(picture("rgb24", 128, 32), canvas(64, 48)).viewport, {
    scale: 0.5,
    offsetX: 0,
    offsetY: 16,
    width: 64,
    height: 16,
  });
});

Deno.test("planRoute() exchanges luma coefficients only where they differ", () => {
  assertEquals(planRoute(picture("nv12", 8, 8), canvas(8, 8)).recolor, true);
  assertEquals(planRoute(picture("nv12", 8, 8), canvas(8, 8, "rgb24")).recolor, true);
  assertEquals(planRoute(picture("gray8", 8, 8), canvas(8, 8)).recolor, false);
  const same = { ...canvas(8, 8), colorMatrix: "bt709" } as const;
  assertEquals(planRoute(picture("nv12", 8, 8), same).recolor, false);
});

Deno.test("planRoute() keeps pictures inside, at even pixels, in shape", () => {
  const size = fc.integer({ min: 1, max: 8_000 });
  const even = fc.integer({ min: 1, max: 4_000 }).map((half) => 2 * half);
  fc.assert(
    fc.property(size, size, even, even, (width, height, canvasWidth, canvasHeight) => {
      const { viewport } = planRoute(
        picture("rgb24", width, height),
        canvas(canvasWidth, canvasHeight),
      );
      assertEquals([viewport.offsetX % 2, viewport.offsetY % 2], [0, 0]);
      assertLessOrEqual(viewport.offsetX + viewport.width, canvasWidth);
      assertLessOrEqual(viewport.offsetY + viewport.height, canvasHeight);
      assertAlmostEquals(viewport.width, width * viewport.scale, 2);
      assertAlmostEquals(viewport.height, height * viewport.scale, 2);
    }),
    { seed: 1 },
  );
});
