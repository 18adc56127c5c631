import { fromHex, type Rgb, scaled } from "../color.ts";
import type { Dice } from "../random.ts";
import { circle, type MeshBuilder, type Point } from "./mesh_builder.ts";
import { type BodyFinishes, type BodyShape, lineY } from "./vehicle_body.ts";
import { buildWheel } from "./wheel.ts";

/** Part numbers of a vehicle's wheels: front left and right, rear left and right. */
export const WHEEL_PARTS = [1, 2, 3, 4] as const;

/** Colours of cars as often as they are seen. */
const PAINTS = [
  0x1b1d20,
  0x1b1d20,
  0x2e3134,
  0x6b7075,
  0x8f9499,
  0xb9bdc0,
  0xc9ccce,
  0xe9eaea,
  0xf2f2f0,
  0xf2f2f0,
  0x24406b,
  0x2f5f94,
  0x5b83ad,
  0x8b1a1f,
  0xb3262a,
  0x7a2a3a,
  0x2f4a3a,
  0x5d6f52,
  0xc9b79a,
  0x8a6a48,
  0xd9a520,
  0xd9662b,
  0x3f7f86,
  0x5f3f6b,
];

/** Draws the colour of a vehicle. */
export function drawPaint(dice: Dice): Rgb {
  return scaled(fromHex(dice.pick(PAINTS)), dice.between(0.9, 1.08));
}

/** Registers the finishes of a body. */
export function vehicleFinishes(
  builder: MeshBuilder,
  paint: Rgb,
  options: { readonly roof: Rgb; readonly cladding: boolean },
): BodyFinishes {
  const dark = fromHex(0x1a1b1d);
  return {
    paint: builder.finish({ color: paint, gloss: 0.55 }),
    roof: builder.finish({ color: options.roof, gloss: 0.55 }),
    trim: builder.finish(
      options.cladding
        ? { color: fromHex(0x2a2b2d), gloss: 0.05 }
        : { color: scaled(paint, 0.8), gloss: 0.4 },
    ),
    dark: builder.finish({ color: dark, gloss: 0 }),
    glass: builder.finish({ color: fromHex(0x12181d), gloss: 1 }),
    seam: builder.finish({ color: scaled(paint, 0.3), gloss: 0.1 }),
  };
}

/** Head and tail lamps, grille, bumpers and plates. */
export function addLamps(
  builder: MeshBuilder,
  shape: BodyShape,
  finishes: BodyFinishes,
  dice: Dice,
): void {
  const head = builder.finish({ color: fromHex(0xe8edf0), gloss: 0.8, lamp: "head" });
  const tail = builder.finish({ color: fromHex(0xa01818), gloss: 0.5, lamp: "tail" });
  const plate = builder.finish({
    color: fromHex(dice.pick([0xf0efe6, 0xf0efe6, 0xe8c83a])),
    gloss: 0,
  });
  const half = shape.widthM / 2;
  const nose = lineY(shape, 1);
  const rear = lineY(shape, 0);
  const z = shape.bonnetM[1] - dice.between(0.1, 0.15);
  const tall = dice.between(0.11, 0.16);
  // Lamps wrap around the corners of nose and rear, whose rings stand at these places.
  const corner: readonly Point[] = [
    [half * 0.5, nose + 0.012, z],
    [half * 0.75, nose + 0.012, z],
    [half * 0.9, lineY(shape, 0.973) + 0.012, z + 0.03],
  ];
  wrap(builder, head, corner, tall);
  const tailZ = Math.min(shape.beltM, shape.bootM) - 0.12;
  const rearCorner: readonly Point[] = [
    [half * 0.56, rear - 0.012, tailZ - tall],
    [half * 0.81, rear - 0.012, tailZ - tall],
    [half * 0.925, lineY(shape, 0.014) - 0.012, tailZ - tall],
    [half * 0.985, lineY(shape, 0.06), tailZ - tall + 0.02],
  ];
  wrap(builder, tail, rearCorner, tall * dice.between(1, 1.9));
  const grille = half * dice.between(0.38, 0.5);
  const low = shape.clearanceM + 0.22;
  front(builder, finishes.dark, grille, [z + 0.02, z + tall], nose + 0.014);
  front(builder, finishes.dark, half * 0.6, [low, low + 0.13], nose + 0.012);
  front(builder, plate, 0.26, [low + 0.15, low + 0.26], nose + 0.02);
  back(builder, plate, 0.26, [low + 0.2, low + 0.31], rear - 0.02);
  back(builder, finishes.dark, half * 0.7, [low - 0.02, low + 0.1], rear - 0.014);
}

/** A band of `tall` metres along places on the right side, and its mirror image. */
function wrap(builder: MeshBuilder, finish: number, places: readonly Point[], tall: number): void {
  const forwards = places[0]![1] > 0;
  for (let i = 1; i < places.length; i++) {
    const [a, b] = forwards ? [places[i]!, places[i - 1]!] : [places[i - 1]!, places[i]!];
    builder.mirroredFace(finish, a, b, [b[0], b[1], b[2] + tall], [a[0], a[1], a[2] + tall]);
  }
}

function front(
  builder: MeshBuilder,
  finish: number,
  half: number,
  z: readonly [number, number],
  y: number,
): void {
  builder.face(finish, [half, y, z[0]], [-half, y, z[0]], [-half, y, z[1]], [half, y, z[1]]);
}

function back(
  builder: MeshBuilder,
  finish: number,
  half: number,
  z: readonly [number, number],
  y: number,
): void {
  builder.face(finish, [-half, y, z[0]], [half, y, z[0]], [half, y, z[1]], [-half, y, z[1]]);
}

/** Four wheels as parts of their own, and the dark arches they turn in. */
export function addWheels(
  builder: MeshBuilder,
  shape: BodyShape,
  finishes: BodyFinishes,
  dice: Dice,
): void {
  const tyre = builder.finish({ color: fromHex(0x17181a), gloss: 0 });
  const rim = builder.finish({
    color: fromHex(dice.pick([0xb5b9bc, 0x8b9094, 0xd0d3d5, 0x3a3d40])),
    gloss: 0.5,
  });
  const size = { radiusM: shape.wheelRadiusM, widthM: 0.2, spokes: dice.pick([5, 6, 7, 9]) };
  const x = shape.widthM / 2;
  for (const share of shape.axleY) {
    for (const side of [-1, 1] as const) {
      const center: Point = [side * (x + 0.004), lineY(shape, share), shape.wheelRadiusM];
      const arch = circle(center, shape.wheelRadiusM * 1.16, side, 20);
      builder.face(finishes.dark, ...arch.filter(([, , z]) => z > shape.clearanceM - 0.05));
    }
  }
  WHEEL_PARTS.forEach((part, index) => {
    builder.part(part);
    buildWheel(builder, size, index % 2 === 0 ? -1 : 1, { tyre, rim, gap: finishes.dark });
  });
  builder.part(0);
}

/** Where a vehicle's wheels turn, in the order of {@linkcode WHEEL_PARTS}. */
export function wheelsOf(shape: BodyShape): { center: Point; radiusM: number }[] {
  const x = shape.widthM / 2 - 0.085;
  const [rear, front] = shape.axleY.map((share) => lineY(shape, share));
  const radiusM = shape.wheelRadiusM;
  const places: readonly (readonly [number, number])[] = [[-x, front!], [x, front!], [-x, rear!], [
    x,
    rear!,
  ]];
  return places.map(([px, py]) => ({ center: [px, py, radiusM], radiusM }));
}
