// The assigner against NumPy's: assigner_golden.py made the figures and says how. NumPy lets one
// anchor answer for several targets; here it goes to the one it overlaps most.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type AnchorColumns, assignAnchors } from "../../src/refine/assigner.ts";
import cases from "./assigner_golden.json" with { type: "json" };

const SIDE = 416;
const STRIDES = [8, 16, 32];

type Case = typeof cases[number];

/** The boxes that the script predicts, number by number. */
function predict({ seed, share, targets }: Case): AnchorColumns {
  const cells = STRIDES.flatMap((stride) => {
    const count = SIDE / stride;
    return Array.from({ length: count * count }, (_, i) => ({
      x: (i % count + 0.5) * stride,
      y: (Math.floor(i / count) + 0.5) * stride,
      stride,
    }));
  });
  let state = seed;
  function draw(): number {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  }
  const xyxyNet = new Float32Array(4 * cells.length);
  for (const [i, { x, y, stride }] of cells.entries()) {
    const r = [draw(), draw(), draw(), draw(), draw()] as const;
    const [centreX, centreY] = [x + (r[0] - 0.5) * 2 * stride, y + (r[1] - 0.5) * 2 * stride];
    const [width, height] = [stride * (1 + 7 * r[2] ** 2), stride * (1 + 7 * r[3] ** 2)];
    let box = [
      centreX - width / 2,
      centreY - height / 2,
      centreX + width / 2,
      centreY + height / 2,
    ];
    for (const [x1, y1, x2, y2] of targets as [number, number, number, number][]) {
      const near = Math.abs(x - (x1 + x2) / 2) < 3 * stride &&
        Math.abs(y - (y1 + y2) / 2) < 3 * stride;
      if (!near || r[4] >= share) continue;
      const [w, h] = [x2 - x1, y2 - y1];
      box = [x1, y1, x2, y2].map((corner, k) =>
        corner + (r[k]! - 0.5) * 0.35 * (k % 2 === 0 ? w : h)
      );
    }
    xyxyNet.set(box, 4 * i);
  }
  return {
    count: cells.length,
    pointXy: Float32Array.from(cells.flatMap(({ x, y }) => [x, y])),
    stride: Float32Array.from(cells, ({ stride }) => stride),
    xyxyNet,
  };
}

function numbers(text: string): number[] {
  return text === "" ? [] : text.split(" ").map(Number);
}

for (const one of cases) {
  Deno.test(`assignAnchors() agrees with NumPy: ${one.name}`, () => {
    const anchors = predict(one);
    const { target, iou, ignore } = assignAnchors(anchors, Float32Array.from(one.targets.flat()));
    const [claimed, owners, overlaps] = [
      numbers(one.anchors),
      numbers(one.owners),
      numbers(one.iou),
    ];
    const left = new Set(one.targets.keys());
    for (const anchor of new Set(claimed)) {
      // Of several claims the one with the largest overlap counts, the first of equal ones.
      const claims = claimed.flatMap((other, i) => other === anchor ? [i] : []);
      const best = claims.reduce((a, b) => overlaps[b]! > overlaps[a]! ? b : a);
      assertEquals(target[anchor], owners[best]!, `anchor ${anchor}`);
      assertAlmostEquals(iou[anchor]!, overlaps[best]!, 2e-6);
      left.delete(owners[best]!);
    }
    // Whoever lost all of its anchors got one that nobody claimed; nobody else got another one.
    const extra = [...target.entries()].filter(([anchor, owner]) =>
      owner !== -1 && !claimed.includes(anchor)
    );
    assertEquals(extra.map(([, owner]) => owner).sort(), [...left].sort());
    const band = numbers(one.ignored).filter((anchor) => target[anchor] === -1);
    assertEquals([...ignore.entries()].filter(([, flag]) => flag === 1).map(([i]) => i), band);
    assert(claimed.length > 0);
  });
}
