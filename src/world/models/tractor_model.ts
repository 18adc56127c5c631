import { fromHex, type Rgb, scaled } from "../color.ts";
import type { Dice } from "../random.ts";
import { MeshBuilder, type Point } from "./mesh_builder.ts";
import { type Model, RollingModel } from "./model.ts";
import { buildWheel } from "./wheel.ts";

const PAINTS = [0x2f7a35, 0xb3262a, 0x2a5fa8, 0xd97a20, 0x3f8f8a];
const RIMS = [0xe0b62a, 0xd8d4c8, 0xe8e6df];

interface TractorFinishes {
  readonly paint: number;
  readonly dark: number;
  readonly glass: number;
  readonly frame: number;
}

/** Draws a tractor: a narrow bonnet, a glazed cab, big wheels behind and small ones in front. */
export function drawTractor(dice: Dice, coarse: boolean): Model {
  const builder = new MeshBuilder(coarse);
  const paint: Rgb = scaled(fromHex(dice.pick(PAINTS)), dice.between(0.9, 1.05));
  const finishes: TractorFinishes = {
    paint: builder.finish({ color: paint, gloss: 0.35 }),
    dark: builder.finish({ color: fromHex(0x1d1e20), gloss: 0 }),
    glass: builder.finish({ color: fromHex(0x1a2329), gloss: 1 }),
    frame: builder.finish({ color: fromHex(0x2a2b2c), gloss: 0.1 }),
  };
  const size = dice.between(0.95, 1.05);
  const rear = { radiusM: 0.79 * size, widthM: 0.44, spokes: 8 };
  const front = { radiusM: 0.5 * size, widthM: 0.3, spokes: 8 };
  addBonnet(builder, finishes, size);
  addCab(builder, finishes, size, fromHex(dice.pick([0xe8e6df, 0x2a2b2c])));
  addMudguards(builder, finishes, rear.radiusM);
  addLamps(builder, size);
  const tyre = builder.finish({ color: fromHex(0x19191a), gloss: 0 });
  const rim = builder.finish({ color: fromHex(dice.pick(RIMS)), gloss: 0.2 });
  const centers: Point[] = [
    [-0.68, 1.15 * size, front.radiusM],
    [0.68, 1.15 * size, front.radiusM],
    [-0.74, -0.85 * size, rear.radiusM],
    [0.74, -0.85 * size, rear.radiusM],
  ];
  const wheels = centers.map((center, index) => {
    const wheel = index < 2 ? front : rear;
    builder.part(index + 1);
    buildWheel(builder, wheel, index % 2 === 0 ? -1 : 1, { tyre, rim, gap: finishes.dark });
    return { center, radiusM: wheel.radiusM };
  });
  return new RollingModel(
    builder.build({ halfX: 0.97, halfY: 1.9 * size, z: 2.62 * size }),
    wheels,
  );
}

function addBonnet(builder: MeshBuilder, finishes: TractorFinishes, size: number): void {
  const stations = [[-0.1, 0.4, 1.42], [0.5, 0.38, 1.42], [1.3, 0.34, 1.36], [1.68, 0.27, 1.22]];
  const rings = stations.map(([y, half, top]): Point[] => {
    const right: Point[] = [
      [half!, y! * size, 0.72],
      [half!, y! * size, top! - 0.14],
      [half! * 0.72, y! * size, top!],
    ];
    return [...right, ...right.map(([x, py, z]): Point => [-x, py, z]).reverse()];
  });
  builder.skin(rings, false, () => finishes.paint);
  builder.face(finishes.frame, ...[...rings.at(-1)!].reverse());
  // The bare engine and axle below.
  builder.block(finishes.dark, [-0.26, -1.3 * size, 0.5], [0.26, 1.5 * size, 0.8]);
  builder.block(finishes.dark, [-0.6, 1.05 * size, 0.42], [0.6, 1.25 * size, 0.58]);
  builder.bar(finishes.frame, [0.44, 0.75 * size, 1.2], [0.44, 0.75 * size, 2.15], [0.045, 0.04]);
  builder.block(finishes.frame, [-0.3, 1.6 * size, 0.5], [0.3, 1.86 * size, 0.95]);
}

function addCab(
  builder: MeshBuilder,
  finishes: TractorFinishes,
  size: number,
  roofColor: Rgb,
): void {
  const roof = builder.finish({ color: roofColor, gloss: 0.2 });
  const [y0, y1] = [-1.35 * size, -0.02 * size];
  const [low, high] = [1.28, 2.48 * size];
  const rings = [y0, y1].map((y): Point[] => {
    const lean = y === y0 ? 0.06 : -0.1;
    return [
      [0.62, y, low],
      [0.56, y + lean, high],
      [-0.56, y + lean, high],
      [-0.62, y, low],
    ];
  });
  builder.skin(rings, false, () => finishes.glass);
  builder.face(finishes.glass, ...rings[0]!);
  builder.face(finishes.glass, ...[...rings[1]!].reverse());
  builder.block(roof, [-0.68, y0 - 0.08, high], [0.68, y1 + 0.04, high + 0.14]);
  builder.block(finishes.paint, [-0.62, y0, 0.85], [0.62, y1, low]);
  for (const ring of rings) {
    for (const side of [0, 3]) {
      const foot = ring[side]!;
      const head = ring[side === 0 ? 1 : 2]!;
      builder.bar(finishes.frame, foot, head, [0.05, 0.05], 4);
    }
  }
}

function addMudguards(builder: MeshBuilder, finishes: TractorFinishes, radius: number): void {
  const y = -0.85;
  const z = radius;
  const arc: readonly (readonly [number, number])[] = [
    [-0.98, 0.42],
    [-0.7, 0.86],
    [-0.2, 1.1],
    [0.45, 1.02],
    [0.9, 0.62],
  ];
  for (const side of [-1, 1]) {
    const rings = arc.map(([dy, dz]): Point[] => {
      const at = [y + dy * radius * 1.02, z + dz * radius * 0.98] as const;
      const [a, b] = [0.5, 0.98].map((x): Point => [side * x, at[0], at[1]]);
      return side > 0 ? [b!, a!] : [a!, b!];
    });
    builder.skin(rings, false, () => finishes.paint);
    builder.skin([...rings].reverse(), false, () => finishes.dark);
  }
}

function addLamps(builder: MeshBuilder, size: number): void {
  const head = builder.finish({ color: fromHex(0xe8edf0), gloss: 0.6, lamp: "head" });
  const tail = builder.finish({ color: fromHex(0xa01818), gloss: 0.4, lamp: "tail" });
  const beacon = builder.finish({ color: fromHex(0xe88a1e), gloss: 0.4, lamp: "sign" });
  for (const x of [-0.2, 0.2]) {
    builder.block(head, [x - 0.07, 1.66 * size, 1.02], [x + 0.07, 1.72 * size, 1.14]);
  }
  for (const x of [-0.52, 0.52]) {
    builder.block(tail, [x - 0.1, -1.42 * size, 1.02], [x + 0.1, -1.34 * size, 1.16]);
  }
  builder.bar(beacon, [-0.5, -1.2 * size, 2.6 * size], [-0.5, -1.2 * size, 2.74 * size], [
    0.07,
    0.05,
  ]);
}
