import * as v from "valibot";
import { FoveaError } from "../core/errors.ts";
import { Adwin } from "./adwin.ts";
import { Cusum } from "./cusum.ts";
import type { DriftDetector } from "./drift_detector.ts";
import { EwmaChart } from "./ewma_chart.ts";
import { ROW_BUCKETS, ROWS_MAX } from "./exponential_histogram.ts";
import { Kswin } from "./kswin.ts";
import { PageHinkley } from "./page_hinkley.ts";

const number = v.pipe(v.number(), v.finite());
const positive = v.pipe(number, v.minValue(0));
const count = v.pipe(number, v.integer(), v.minValue(0));
const direction = v.picklist(["rise", "fall", "both"]);
const reference = v.strictObject({ count, mean: number, squares: positive });
const version = v.literal(1);

const cusumSchema = v.strictObject({
  kind: v.literal("cusum"),
  version,
  options: v.strictObject({
    warmup: number,
    slack: number,
    threshold: number,
    clip: number,
    direction,
  }),
  state: v.strictObject({ reference, rise: positive, fall: positive, level: positive }),
});

const pageHinkleySchema = v.strictObject({
  kind: v.literal("page-hinkley"),
  version,
  options: v.strictObject({
    warmup: number,
    slack: number,
    threshold: number,
    memory: number,
    direction,
  }),
  state: v.strictObject({ count, mean: number, rise: positive, fall: positive, level: positive }),
});

const ewmaSchema = v.strictObject({
  kind: v.literal("ewma"),
  version,
  options: v.strictObject({
    warmup: number,
    weight: number,
    limit: number,
    clip: number,
    direction,
  }),
  state: v.strictObject({
    reference,
    average: number,
    start: v.pipe(positive, v.maxValue(1)),
    level: positive,
  }),
});

const bucket = v.strictTuple([number, positive]);
const adwinSchema = v.strictObject({
  kind: v.literal("adwin"),
  version,
  options: v.strictObject({
    delta: number,
    range: number,
    every: number,
    sideMin: number,
    direction,
  }),
  state: v.strictObject({
    window: v.strictObject({
      rows: v.pipe(
        v.array(v.pipe(v.array(bucket), v.maxLength(ROW_BUCKETS))),
        v.maxLength(ROWS_MAX),
        v.check((rows) => rows.length < 2 || rows.at(-1)!.length > 0, "Expected no empty last row"),
      ),
      sum: number,
      squares: positive,
    }),
    sinceLook: count,
    looked: v.boolean(),
    level: positive,
  }),
});

const kswinSchema = v.pipe(
  v.strictObject({
    kind: v.literal("kswin"),
    version,
    options: v.strictObject({ alpha: number, window: number, recent: number, seed: number }),
    state: v.strictObject({
      values: v.array(number),
      random: v.pipe(count, v.minValue(1), v.maxValue(2 ** 32 - 1)),
      level: positive,
    }),
  }),
  v.check(
    ({ options, state }) => state.values.length <= options.window,
    "Expected no more values than the window holds",
  ),
);

const snapshotSchema = v.variant("kind", [
  cusumSchema,
  pageHinkleySchema,
  ewmaSchema,
  adwinSchema,
  kswinSchema,
]);

/**
 * Makes a detector that goes on where another one was when its `toJSON` was called: the same values
 * then give the same states.
 *
 * @param json What `toJSON` gave, also through `JSON.stringify` and `JSON.parse`.
 * @throws {FoveaError} `STATE_INVALID` if it is anything else.
 *
 * @example Across a restart
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Cusum, restoreDriftDetector } from "@fovea/fovea/monitor";
 *
 * const before = new Cusum({ warmup: 50 });
 * for (let i = 0; i < 70; i++) before.observe(Math.sin(i));
 * const after = restoreDriftDetector(JSON.parse(JSON.stringify(before)));
 * assertEquals(after.observe(2), before.observe(2));
 * assertEquals(after.level, before.level);
 * ```
 */
export function restoreDriftDetector(json: unknown): DriftDetector {
  const parsed = v.safeParse(snapshotSchema, json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const place = v.getDotPath(issue) ?? "it";
    throw invalid(`${place}: ${issue.message}`);
  }
  const snapshot = parsed.output;
  try {
    switch (snapshot.kind) {
      case "cusum":
        return Cusum.restore(snapshot.options, snapshot.state);
      case "page-hinkley":
        return PageHinkley.restore(snapshot.options, snapshot.state);
      case "ewma":
        return EwmaChart.restore(snapshot.options, snapshot.state);
      case "adwin":
        return Adwin.restore(snapshot.options, snapshot.state);
      case "kswin":
        return Kswin.restore(snapshot.options, snapshot.state);
    }
  } catch (cause) {
    // Options out of range were no program's mistake here: they stood in a file.
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function invalid(reason: string, cause?: unknown): FoveaError {
  return new FoveaError("STATE_INVALID", `Cannot restore the drift detector: ${reason}`, {
    hint: "Let it warm up again",
    ...(cause === undefined ? {} : { cause }),
  });
}
