import { assertEquals, assertLessOrEqual } from "@std/assert";
import { decodePictures } from "../../tests/support/decode_pictures.ts";
import { makeFrame, type Rgb } from "../../tests/support/fake_frame.ts";
import { PIXEL_FORMATS } from "../core/pixel_format.ts";
import { SharedArena } from "../native/arena.ts";
import { JpegStudio } from "./jpeg_studio.ts";

/** Quarters of red, green, blue and white. */
function paintQuarters(width: number, height: number): (x: number, y: number) => Rgb {
  return (x, y) => {
    const [right, low] = [x >= width / 2, y >= height / 2];
    return right ? (low ? [230, 230, 230] : [40, 190, 60]) : (low ? [50, 70, 200] : [200, 40, 40]);
  };
}

for (const format of PIXEL_FORMATS) {
  Deno.test(`JpegStudio encodes ${format} frames of changing sizes as they are`, async () => {
    using studio = await JpegStudio.open(160);
    const arena = new SharedArena();
    const path = await Deno.makeTempFile({ suffix: ".jpg" });
    try {
      for (const [width, height] of [[64, 48], [320, 240], [100, 400], [64, 48]] as const) {
        const paint = paintQuarters(width, height);
        using frame = makeFrame({ arena, format, width, height, paint });
        const { bytes, ...size } = await studio.develop(frame);
        const scale = Math.min(1, 160 / Math.max(width, height));
        assertEquals(size, { width: width * scale, height: height * scale });
        await Deno.writeFile(path, bytes);
        const [picture] = (await decodePictures(path)).pictures;
        assertEquals([picture!.width, picture!.height], [size.width, size.height]);
        if (format === "gray8") continue;
        for (const [x, y] of [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]] as const) {
          const seen = picture!.colorAt(Math.floor(x * size.width), Math.floor(y * size.height));
          const wanted = paint(x * width, y * height);
          const off = Math.max(...seen.map((value, i) => Math.abs(value - wanted[i]!)));
          assertLessOrEqual(off, 8, `${seen} for ${wanted}`);
        }
      }
    } finally {
      await Deno.remove(path);
    }
  });
}
