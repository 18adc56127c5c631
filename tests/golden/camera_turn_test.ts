// Pictures that phones take sideways come upright: every turn a video or a photograph can state,
// checked pixel by pixel against the picture turned here.
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { openCamera } from "../../src/camera/mod.ts";
import { makeClip, makeImage } from "../support/clips.ts";

const WIDTH = 64;
const HEIGHT = 32;
const ONE = 65_536;

interface TurnCase {
  readonly name: string;
  /** `a b c d` of the display matrix. */
  readonly matrix: readonly [number, number, number, number];
  /** Value of the orientation tag of Exif 2.3, 4.6.4. */
  readonly exif: number;
  /** Where the pixel at `x, y` of the upright picture lies in the coded one. */
  readonly source: (x: number, y: number) => readonly [number, number];
}

const CASES: readonly TurnCase[] = [
  { name: "upright", matrix: [1, 0, 0, 1], exif: 1, source: (x, y) => [x, y] },
  { name: "mirrored", matrix: [-1, 0, 0, 1], exif: 2, source: (x, y) => [WIDTH - 1 - x, y] },
  {
    name: "upside down",
    matrix: [-1, 0, 0, -1],
    exif: 3,
    source: (x, y) => [WIDTH - 1 - x, HEIGHT - 1 - y],
  },
  { name: "flipped", matrix: [1, 0, 0, -1], exif: 4, source: (x, y) => [x, HEIGHT - 1 - y] },
  { name: "transposed", matrix: [0, 1, 1, 0], exif: 5, source: (x, y) => [y, x] },
  {
    name: "turned clockwise",
    matrix: [0, 1, -1, 0],
    exif: 6,
    source: (x, y) => [y, HEIGHT - 1 - x],
  },
  {
    name: "transposed the other way",
    matrix: [0, -1, -1, 0],
    exif: 7,
    source: (x, y) => [WIDTH - 1 - y, HEIGHT - 1 - x],
  },
  {
    name: "turned counterclockwise",
    matrix: [0, -1, 1, 0],
    exif: 8,
    source: (x, y) => [WIDTH - 1 - y, x],
  },
];

for (const turn of CASES) {
  Deno.test(`a video that is to be ${turn.name} comes so`, async () => {
    const [a, b, c, d] = turn.matrix.map((value) => value * ONE) as [
      number,
      number,
      number,
      number,
    ];
    await compare("mp4", turn, async (plain, turned) => {
      const clip = { width: WIDTH, height: HEIGHT, frames: 3, fps: 25 };
      await makeClip({ ...clip, path: plain });
      const displayMatrix = [a, b, 0, c, d, 0, 0, 0, 1 << 30];
      await makeClip({ ...clip, path: turned, displayMatrix });
    });
  });

  Deno.test(`a photograph that is to be ${turn.name} comes so`, async () => {
    await compare("jpg", turn, async (plain, turned) => {
      await makeImage({ path: plain, width: WIDTH, height: HEIGHT, index: 5 });
      await Deno.writeFile(turned, withOrientation(await Deno.readFile(plain), turn.exif));
    });
  });
}

async function compare(
  extension: string,
  turn: TurnCase,
  make: (plain: string, turned: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const plain = `${folder}/plain.${extension}`;
    const turned = `${folder}/turned.${extension}`;
    await make(plain, turned);
    const before = await readLuma(plain);
    const after = await readLuma(turned);
    const swaps = turn.matrix[0] === 0;
    assertEquals([after.width, after.height], swaps ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT]);
    for (let y = 0; y < after.height; y++) {
      for (let x = 0; x < after.width; x++) {
        const [sourceX, sourceY] = turn.source(x, y);
        const difference = after.at(x, y) - before.at(sourceX, sourceY);
        assertLessOrEqual(Math.abs(difference), 0, `at ${x}, ${y}`);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Luma {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => number;
}

async function readLuma(path: string): Promise<Luma> {
  await using camera = await openCamera(path);
  const event = await camera.next();
  assert(event.kind === "frame");
  using frame = event.frame;
  const { width, height, planes } = frame.picture;
  assertEquals([camera.info.width, camera.info.height], [width, height]);
  const bytes = frame.planeBytes(0);
  const { strideBytes } = planes[0]!;
  return { width, height, at: (x, y) => bytes[y * strideBytes + x]! };
}

/** Puts an Exif segment with nothing but an orientation behind the start of a JPEG file. */
function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  // APP1, 34 bytes, "Exif", big-endian TIFF with one entry: tag 0x0112, one short.
  const exif = [
    0xff,
    0xe1,
    0,
    34,
    0x45,
    0x78,
    0x69,
    0x66,
    0,
    0,
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  return new Uint8Array([...jpeg.subarray(0, 2), ...exif, ...jpeg.subarray(2)]);
}
