import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { StreetWorld } from "../../src/world/mod.ts";
import { planRender } from "./render_plan.ts";

Deno.test("planRender() places every frame once, street by street", () => {
  const plan = planRender({
    out: "x",
    seeds: "3:4",
    "per-seed": "2",
    stride: "10",
    size: "64x48",
    weather: "clear,night:1+rain:2",
    density: "1",
  });
  assertEquals([plan.count, plan.width, plan.height], [8, 64, 48]);
  assertEquals(plan.jobs.map(({ first, seed, weather }) => [first, seed, weather]), [
    [0, 3, "clear"],
    [2, 3, "night:1+rain:2"],
    [4, 4, "clear"],
    [6, 4, "night:1+rain:2"],
  ]);
  assertEquals(plan.jobs[0]!.seqs, [9, 19]);
  assertEquals(plan.jobs[1]!.options.weather, [
    { kind: "night", severity: 1, fromFrame: 0 },
    { kind: "rain", severity: 2, fromFrame: 0 },
  ]);
  assertEquals(plan.classNames, ["car", "van", "bicycle", "pedestrian"]);
});

Deno.test("planRender() refuses what it cannot read", () => {
  const cases: [Record<string, string>, string][] = [
    [{}, "--out is not given"],
    [{ out: "x", seeds: "5" }, "--seeds 5"],
    [{ out: "x", seeds: "5:4" }, "no frames"],
    [{ out: "x", size: "1x1" }, "width 1"],
    [{ out: "x", weather: "hail:1" }, "night, fog, rain"],
    [{ out: "x", density: "much" }, "--density much"],
  ];
  for (const [flags, words] of cases) assertThrows(() => planRender(flags), Error, words);
});

Deno.test("render.ts writes frames and boxes as its README says", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const out = `${folder}/set`;
    const flags = ["--seeds", "5:6", "--per-seed", "3", "--size", "96x64", "--weather", "clear"];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--quiet",
        "--allow-read",
        "--allow-write",
        "render.ts",
        ...["--out", out, ...flags, "--density", "1", "--workers", "2", "--tractors"],
      ],
      cwd: new URL(".", import.meta.url),
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const { count, height, width, classes, columns, images, boxes } = JSON.parse(
      await Deno.readTextFile(`${out}.json`),
    );
    assertEquals([count, height, width, images.length], [6, 64, 96, 6]);
    assertEquals([classes.at(-1), columns.length], ["tractor", 10]);
    const pixels = await Deno.readFile(`${out}.rgb`);
    const bytes = 3 * width * height;
    assertEquals(pixels.length, count * bytes);
    const { seed, seq } = images[4];
    const newClasses = [{ className: "tractor", fromFrame: 0 } as const];
    const world = new StreetWorld({ seed, width, height, newClasses });
    const expected = new Uint8Array(bytes);
    const { objects } = world.renderRgb(seq, expected);
    assertEquals(pixels.subarray(4 * bytes, 5 * bytes), expected);
    const rows = boxes.filter(([image]: number[]) => image === 4);
    assertGreater(rows.length, 0);
    assertEquals(
      rows.map(([, classIndex, ...rest]: number[]) => [classIndex, ...rest.slice(0, 4)]),
      objects.map(({ classIndex, xyxyPx }) => [classIndex, ...xyxyPx]),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
