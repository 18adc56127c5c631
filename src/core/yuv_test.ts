import { assertAlmostEquals } from "@std/assert";
import { yuvToRgb } from "./yuv.ts";

Deno.test("yuvToRgb() gives the textbook coefficients", () => {
  const textbook = {
    limited: {
      bt601: [1.164384, 1.596027, -0.391762, -0.812968, 2.017232],
      bt709: [1.164384, 1.792741, -0.213249, -0.532909, 2.112402],
    },
    full: {
      bt601: [1, 1.402, -0.344136, -0.714136, 1.772],
      bt709: [1, 1.5748, -0.187324, -0.468124, 1.8556],
    },
  } as const;
  for (const range of ["limited", "full"] as const) {
    for (const matrix of ["bt601", "bt709"] as const) {
      const { luma, redV, greenU, greenV, blueU } = yuvToRgb(range, matrix);
      [luma, redV, greenU, greenV, blueU].forEach((value, i) =>
        assertAlmostEquals(value, textbook[range][matrix][i]!, 1e-6)
      );
    }
  }
});
