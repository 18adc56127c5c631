import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import fc from "fast-check";
import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import { drawJob, JOINT_HEAD, PLAIN_HEAD } from "../../tests/support/training_jobs.ts";
import { ReplayBuffer } from "./replay_buffer.ts";
import { decodeRecord, encodeRecord, findRecords } from "./replay_record.ts";
import { chooseFates } from "./replay_sample.ts";
import { pickRows, type TrainingRows } from "./training_rows.ts";

const MODEL = "a".repeat(64);
const { layout } = drawJob({ head: JOINT_HEAD });

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-replay-" });
  try {
    await fn(`${folder}/bank`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Rows whose features float16 holds exactly, different for each seed. */
function makeRows(seed: number, count = 6): TrainingRows {
  const { rows } = drawJob({ seed, head: JOINT_HEAD, rows: count });
  const exact = (x: number) => Math.round(x * 256) / 256;
  return {
    ...rows,
    features: rows.features.map(exact),
    objectnessFeatures: rows.objectnessFeatures!.map(exact),
  };
}

function open(folder: string, bytesMax?: number): Promise<ReplayBuffer> {
  return ReplayBuffer.open(folder, {
    model: MODEL,
    layout,
    ...bytesMax === undefined ? {} : { bytesMax },
  });
}

async function fill(folder: string, frames: number): Promise<void> {
  await using buffer = await open(folder);
  for (let i = 0; i < frames; i++) {
    await buffer.append(i % 2 === 0 ? "clean" : "drifted", makeRows(i), { seq: i });
  }
}

Deno.test("ReplayBuffer gives back what was appended, also after it was opened again", () =>
  withFolder(async (folder) => {
    await fill(folder, 5);
    await using buffer = await open(folder);
    assertEquals(buffer.droppedBytes, 0);
    assertEquals(buffer.frames("clean").map(({ meta }) => meta), [{ seq: 0 }, { seq: 2 }, {
      seq: 4,
    }]);
    assertEquals(buffer.rows("drifted").count, 12);
    const first = pickRows(buffer.rows("drifted"), [0, 1, 2, 3, 4, 5]);
    assertEquals(first, makeRows(1));
    await buffer.append("drifted", makeRows(9), { seq: 9 });
    assertEquals(buffer.frames("drifted").map(({ index }) => index), [1, 3, 5]);
  }));

Deno.test("ReplayBuffer is another model's, or another head's", () =>
  withFolder(async (folder) => {
    await fill(folder, 2);
    const other = drawJob({ head: PLAIN_HEAD }).layout;
    for (const options of [{ model: "b".repeat(64), layout }, { model: MODEL, layout: other }]) {
      const error = await assertRejects(() => ReplayBuffer.open(folder, options), FoveaError);
      assertEquals(error.code, "STATE_FOREIGN");
    }
    // A class more makes it no other head: features stay what they are.
    const layers = layout.layers.map((layer) => ({ ...layer, rows: layer.rows + 1 }));
    const grown = { ...layout, layers, classCount: layout.classCount + 1 };
    await using buffer = await ReplayBuffer.open(folder, { model: MODEL, layout: grown });
    assertEquals(buffer.rows("clean").count, 6);
  }));

Deno.test("ReplayBuffer has one owner", () =>
  withFolder(async (folder) => {
    const buffer = await open(folder);
    const error = await assertRejects(() => open(folder), FoveaError);
    assertEquals(error.code, "STATE_LOCKED");
    await buffer.close();
    await buffer.close();
    await using again = await open(folder);
    assertEquals(again.bytes > 0, true);
    const closed = await assertRejects(() => buffer.append("clean", makeRows(0)), FoveaError);
    assertEquals(closed.code, "DISPOSED");
  }));

Deno.test("ReplayBuffer refuses what is no row of its head, and stays as it was", () =>
  withFolder(async (folder) => {
    await using buffer = await open(folder, 4_000);
    const rows = makeRows(1);
    const broken = { ...rows, features: rows.features.slice() };
    broken.features[3] = NaN;
    const cases: [TrainingRows, FoveaErrorCode | null][] = [
      [drawJob({ head: PLAIN_HEAD }).rows, null],
      [broken, "TRAINING_FAILED"],
      [makeRows(1, 400), "LIMIT"],
    ];
    for (const [one, code] of cases) {
      const error = await assertRejects(() => buffer.append("clean", one), Error, "Cannot keep");
      assertEquals(error instanceof FoveaError ? error.code : null, code);
    }
    const meta = { text: "x".repeat(5_000) };
    await assertRejects(() => buffer.append("clean", rows, meta), RangeError);
    assertEquals(buffer.frames("clean"), []);
    await buffer.append("clean", rows);
    assertEquals(buffer.rows("clean"), rows);
  }));

Deno.test("ReplayBuffer keeps to its bytes, and its positives as long as there is room", () =>
  withFolder(async (folder) => {
    const bytesMax = 40_000;
    await using buffer = await open(folder, bytesMax);
    let positives = 0;
    for (let i = 0; i < 60; i++) {
      const rows = makeRows(i, 40);
      // One positive a frame, all else background.
      rows.target.fill(-1);
      rows.target[7] = i % 5;
      positives++;
      await buffer.append(i < 50 ? "clean" : "drifted", rows, { seq: i });
      assertLess(buffer.bytes, bytesMax + 1);
      assertEquals((await Deno.stat(`${folder}/rows.bank`)).size, buffer.bytes);
    }
    const kept = [...buffer.rows("clean").target, ...buffer.rows("drifted").target];
    assertEquals(kept.filter((target) => target !== -1).length, positives);
    assertLess(kept.length, 60 * 40);
    // The smaller stratum kept all.
    assertEquals(buffer.rows("drifted").count, 400);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      ".lock",
      "rows.bank",
    ]);
  }));

Deno.test("ReplayBuffer holds 3,000 rows of 64 and 64 channels in a megabyte", () => {
  const { rows } = drawJob({
    head: {
      classCount: 80,
      layers: [
        { rows: 80, channels: 64, classRows: [0], objectnessRows: [] },
        { rows: 1, channels: 64, classRows: [], objectnessRows: [0] },
      ],
      levels: [{ classLayer: 0, objectnessLayer: 1, anchors: 1 }],
    },
    rows: 30,
  });
  const record = encodeRecord({ stratum: "clean", index: 0, meta: { seq: 1 }, rows }, 7);
  assertLess(100 * record.length, 1e6);
});

Deno.test("a record is read as it was written, and found between anything", () => {
  fc.assert(
    fc.property(
      fc.nat(1_000),
      fc.nat(9),
      fc.uint8Array({ maxLength: 60 }),
      fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
      (seed, count, noise, meta) => {
        const frame = {
          stratum: "drifted" as const,
          index: seed,
          meta,
          rows: makeRows(seed, count),
        };
        const record = encodeRecord(frame, 99);
        const bytes = new Uint8Array([...noise, ...record, ...noise, ...record]);
        const places = findRecords(bytes, 0);
        assertEquals(places.length, 2);
        for (const { start, end, owner } of places) {
          assertEquals(owner, 99);
          assertEquals(decodeRecord(bytes.subarray(start, end)), { ...frame, meta: { ...meta } });
        }
      },
    ),
    { seed: 7, numRuns: 60 },
  );
});

Deno.test("features beyond float16 become its largest numbers", () => {
  const rows = makeRows(1, 1);
  rows.features.set([1e6, -1e6, 65_504]);
  const record = encodeRecord({ stratum: "clean", index: 0, meta: {}, rows }, 0);
  const { features } = decodeRecord(record)!.rows;
  assertEquals([...features.subarray(0, 3)], [65_504, -65_504, 65_504]);
});

Deno.test("ReplayBuffer opens with what is whole, whichever byte is damaged", () =>
  withFolder(async (folder) => {
    const frames = 4;
    await fill(folder, frames);
    const path = `${folder}/rows.bank`;
    const whole = await Deno.readFile(path);
    const step = 17;
    for (let at = 0; at < whole.length; at += step) {
      const damaged = whole.slice();
      damaged[at]! ^= 0x41;
      await Deno.writeFile(path, damaged);
      const kept = await countWhole(folder);
      assertGreater(kept.droppedBytes, 0, `byte ${at}`);
      assert(kept.frames >= frames - 1, `byte ${at}: ${kept.frames}`);
      // What was left out is gone for good: the file is whole again.
      assertEquals(await countWhole(folder), { ...kept, droppedBytes: 0 });
    }
  }));

Deno.test("ReplayBuffer opens wherever its file was cut off", () =>
  withFolder(async (folder) => {
    await fill(folder, 3);
    const path = `${folder}/rows.bank`;
    const whole = await Deno.readFile(path);
    let last = 3;
    for (let length = whole.length - 1; length >= 0; length -= 11) {
      await Deno.writeFile(path, whole.subarray(0, length));
      const { frames } = await countWhole(folder);
      assert(frames === last || frames === last - 1);
      last = frames;
      assertEquals((await countWhole(folder)).droppedBytes, 0);
    }
    assertEquals(last, 0);
  }));

/** Opens the buffer, checks every row in it, and tells how much there is. */
async function countWhole(folder: string): Promise<{ frames: number; droppedBytes: number }> {
  await using buffer = await open(folder);
  let frames = 0;
  for (const stratum of ["clean", "drifted"] as const) {
    const rows = buffer.rows(stratum);
    for (const [i, { meta }] of buffer.frames(stratum).entries()) {
      const picked = pickRows(rows, [0, 1, 2, 3, 4, 5].map((row) => 6 * i + row));
      assertEquals(picked, makeRows(meta.seq as number));
      frames++;
    }
  }
  return { frames, droppedBytes: buffer.droppedBytes };
}

Deno.test("chooseFates() keeps an even sample, thins before it drops, and spares the smaller", () => {
  const frames = Array.from({ length: 400 }, (_, index) => ({
    stratum: index < 380 ? "clean" as const : "drifted" as const,
    index,
    bytes: 100,
    positiveBytes: index % 4 === 0 ? 0 : 20,
  }));
  const fates = chooseFates(frames, 20_000);
  assertEquals(fates.slice(380).every((fate) => fate === "keep"), true);
  const taken = frames.reduce(
    (sum, { bytes, positiveBytes }, i) =>
      sum + (fates[i] === "keep" ? bytes : fates[i] === "thin" ? positiveBytes : 0),
    0,
  );
  assertLess(taken, 20_001);
  assertGreater(taken, 19_800);
  for (const [i, fate] of fates.entries()) {
    if (fate === "drop") assertEquals(frames[i]!.positiveBytes, 0);
  }
  // Early and late frames stay alike.
  const early = fates.slice(0, 190).filter((fate) => fate === "keep").length;
  const late = fates.slice(190, 380).filter((fate) => fate === "keep").length;
  assertLess(Math.abs(early - late), 30);
  assertEquals(chooseFates(frames, 0).every((fate) => fate === "drop"), true);
});
