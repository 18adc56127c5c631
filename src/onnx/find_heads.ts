import type { Finding } from "../core/detector_spec.ts";
import { FoveaError } from "../core/errors.ts";
import type { HeadLayer, HeadLayout, HeadLevel } from "../core/head_layout.ts";
import { type ClassChannels, findClassChannels, findRawPredictions } from "./class_channels.ts";
import type { ScoreChannels } from "./class_channels.ts";
import { explainHead } from "./explain_head.ts";
import { whoNamesClasses, whoNamesObjectness } from "./head_names.ts";
import { findLastLayers, findNamedLayers, type LastLayer, stemOf } from "./last_layers.ts";
import type { OnnxModel } from "./onnx_model.ts";
import { refuseApart, refuseFaults, refuseNone, showLayer } from "./refuse_head.ts";
import { type ChannelTrace, type LayerOutput, traceChannels } from "./trace_channels.ts";

/** What is known about a model's head before its graph is looked at. */
export interface FindHeadsOptions {
  /** Number of classes; found out where it is left out. */
  readonly classCount?: number;
  /** Names of the outputs that are decoded; all by default. */
  readonly outputs?: readonly string[];
  /**
   * The class layers, in place of what would be found: names of their weights (`.weight` may be
   * left out), of the operations, or of the values they make.
   */
  readonly classLayers?: readonly string[];
  /** The objectness layers, likewise. */
  readonly objectnessLayers?: readonly string[];
}

/** The head of a model, and where it stands in the graph. */
export interface FoundHeads {
  /** What the head is. */
  readonly layout: HeadLayout;
  /** Where each layer stands; several places share one layer's weights. */
  readonly places: readonly HeadPlace[];
  /** How it was found. */
  readonly findings: readonly Finding[];
}

/** {@linkcode FoundHeads} with where their channels go. */
export interface TracedHeads extends FoundHeads {
  /** Where the channels of the layers go, sources counted as in `places`. */
  readonly trace: ChannelTrace;
}

/** One operation of a head. */
export interface HeadPlace extends LastLayer {
  /** Index of its layer in the layout. */
  readonly layer: number;
}

/**
 * Finds the last layers that make class scores and objectness, by structure: what leaves them
 * reaches a sigmoid or softmax, as many channels as there are classes, and then the outputs. Only
 * what feeds the outputs counts, so of YOLO26 and YOLOv10 it is the one-to-one head. Layers that
 * make boxes and scores at once (YOLOv5, NanoDet) are told apart by rows.
 *
 * @param model The model, see {@linkcode readModel}.
 * @throws {FoveaError} `HEAD_UNSUPPORTED` saying what was found in place of a head: nothing
 * recognisable, quantised layers, layers that are not linear in every cell.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findHeads, readModel } from "@fovea/fovea/onnx";
 *
 * const path = new URL("models/tiny/yolox.onnx", `file://${Deno.cwd()}/`);
 * const { layout } = findHeads(readModel(Deno.readFileSync(path)), { classCount: 2 });
 * assertEquals(layout.layers.map(({ name }) => name).slice(0, 2), [
 *   "head.cls_preds.0",
 *   "head.cls_preds.1",
 * ]);
 * assertEquals(layout.levels.map(({ classLayer, objectnessLayer }) => [classLayer, objectnessLayer]), [
 *   [0, 3],
 *   [1, 4],
 *   [2, 5],
 * ]);
 * ```
 */
export function findHeads(model: OnnxModel, options: FindHeadsOptions = {}): FoundHeads {
  const { layout, places, findings } = traceHeads(model, options);
  return { layout, places, findings };
}

/** Does what {@linkcode findHeads} does, and keeps where the channels go. */
export function traceHeads(model: OnnxModel, options: FindHeadsOptions): TracedHeads {
  const outputs = options.outputs ?? model.outputs.map(({ name }) => name);
  const candidates = listCandidates(model, outputs, options);
  const trace = traceChannels(model, candidates.map(outputOf));
  const named = {
    classes: indicesOf(model, candidates, options.classLayers),
    objectness: indicesOf(model, candidates, options.objectnessLayers),
  };
  const found = findClassChannels(trace, {
    classCount: options.classCount ?? null,
    outputs,
    namedClass: (source) =>
      named.classes?.has(source) ?? whoNamesClasses(candidates[source]!.weight) !== null,
    namedObjectness: (source) =>
      named.objectness?.has(source) ?? whoNamesObjectness(candidates[source]!.weight) !== null,
  });
  if (found === null) throw refuseNone(model, candidates, options.classCount ?? null);
  checkAsked(found, candidates, named);
  if (found.rivals.length > 0) throw refuseApart(candidates, found);
  refuseFaults(candidates, [...found.classes.sources, ...(found.objectness?.sources ?? [])]);
  return assemble(candidates, trace, found, options);
}

/** The last layers, and those that were asked for by name. */
function listCandidates(
  model: OnnxModel,
  outputs: readonly string[],
  { classLayers = [], objectnessLayers = [] }: FindHeadsOptions,
): readonly LastLayer[] {
  const last = findLastLayers(model, outputs);
  const names = [...classLayers, ...objectnessLayers];
  const asked = names.length === 0 ? [] : findNamedLayers(model, names);
  const known = new Set(last.map(({ node }) => node));
  return [...last, ...asked.filter(({ node }) => !known.has(node))].sort((a, b) => a.node - b.node);
}

function outputOf({ logits, rows, channelsLast, opType }: LastLayer): LayerOutput {
  if (!channelsLast) {
    return { value: logits, channels: rows, dims: [1, rows, null, null], axis: 1 };
  }
  const dims = opType === "Gemm" ? [null, rows] : [1, null, rows];
  return { value: logits, channels: rows, dims, axis: dims.length - 1 };
}

/** Positions of the candidates called by `names`; `null` where nothing was asked for. */
function indicesOf(
  model: OnnxModel,
  candidates: readonly LastLayer[],
  names: readonly string[] | undefined,
): ReadonlySet<number> | null {
  if (names === undefined) return null;
  const indices = new Set<number>();
  for (const name of names) {
    const nodes = new Set(findNamedLayers(model, [name]).map(({ node }) => node));
    if (nodes.size === 0) {
      throw new FoveaError(
        "HEAD_UNSUPPORTED",
        `Cannot take "${name}" as a head: no layer is so called`,
        {
          hint: "Give the name of a weight, an operation or a value, as inspect shows them",
        },
      );
    }
    for (const [i, { node }] of candidates.entries()) if (nodes.has(node)) indices.add(i);
  }
  return indices;
}

function checkAsked(
  { classes, objectness }: ClassChannels,
  candidates: readonly LastLayer[],
  named: {
    readonly classes: ReadonlySet<number> | null;
    readonly objectness: ReadonlySet<number> | null;
  },
): void {
  for (
    const [asked, channels, what] of [
      [named.classes, classes, "classes"],
      [named.objectness, objectness, "objectness"],
    ] as const
  ) {
    const strange = asked === null
      ? undefined
      : [...asked].find((source) => !channels?.sources.includes(source));
    if (strange === undefined) continue;
    throw new FoveaError(
      "HEAD_UNSUPPORTED",
      `Cannot take ${
        showLayer(candidates[strange]!)
      } for ${what}: its channels do not become scores`,
      { hint: "Name other layers, or none" },
    );
  }
}

function assemble(
  candidates: readonly LastLayer[],
  trace: ChannelTrace,
  found: ClassChannels,
  options: FindHeadsOptions,
): TracedHeads {
  const { classes, objectness } = found;
  const layers: HeadLayer[] = [];
  const places = new Map<number, HeadPlace>();
  const byWeight = new Map<string, number>();
  for (const source of [...classes.sources, ...(objectness?.sources ?? [])]) {
    if (places.has(source)) continue;
    const layer = candidates[source]!;
    const key = JSON.stringify([layer.weight, layer.bias, layer.opType]);
    const index = byWeight.get(key) ?? layers.length;
    byWeight.set(key, index);
    places.set(source, { ...layer, layer: index });
    if (index === layers.length) layers.push(describeLayer(layer, source, found));
  }
  const levels = classes.sources.map((source, level): HeadLevel => {
    const place = places.get(source)!;
    const other = objectness === null ? null : places.get(objectness.sources[level]!)!;
    return {
      classLayer: place.layer,
      objectnessLayer: other?.layer ?? null,
      features: place.features,
      logits: place.logits,
      objectnessFeatures: other?.features ?? null,
      objectnessLogits: other?.logits ?? null,
      anchors: classes.anchors?.count ?? 1,
      anchorMajor: classes.anchors?.major ?? true,
      channelsLast: place.channelsLast,
    };
  });
  const layout: HeadLayout = {
    layers,
    levels,
    classCount: classes.count,
    activation: classes.activation,
    predictions: findRawPredictions(trace, classes),
  };
  return {
    layout,
    places: candidates.flatMap((_, source) => places.get(source) ?? []),
    findings: explainHead(
      layout,
      candidates.filter((_, source) => classes.sources.includes(source)),
      options.classLayers !== undefined || options.objectnessLayers !== undefined,
    ),
    trace: renumber(trace, candidates, places),
  };
}

function describeLayer(
  { weight, logits, rows, channels }: LastLayer,
  source: number,
  { classes, objectness }: ClassChannels,
): HeadLayer {
  return {
    name: stemOf(weight) || logits,
    rows,
    channels,
    classRows: classes.sources.includes(source) ? rowsOf(classes) : [],
    objectnessRows: objectness?.sources.includes(source) ? rowsOf(objectness) : [],
  };
}

/** The first row of each anchor. */
function rowsOf({ start, anchors }: ScoreChannels): readonly number[] {
  const { count = 1, step = 0 } = anchors ?? {};
  return Array.from({ length: count }, (_, anchor) => anchor * step + start);
}

/** Counts sources by the places of the head; other layers become strangers. */
function renumber(
  trace: ChannelTrace,
  candidates: readonly LastLayer[],
  places: ReadonlyMap<number, HeadPlace>,
): ChannelTrace {
  const kept = candidates.flatMap((_, source) => places.has(source) ? [source] : []);
  const numbers = new Map(kept.map((source, place) => [source, place]));
  function change<Holder extends { readonly runs: ChannelTrace["counts"][number]["runs"] }>(
    holder: Holder,
  ): Holder {
    const runs = holder.runs.map((run) => {
      const sources = run.sources.flatMap((source) => numbers.get(source) ?? []);
      return { ...run, sources: sources.length === run.sources.length ? sources : [] };
    });
    return { ...holder, runs };
  }
  return {
    values: new Map(trace.values.entries().map(([name, value]) => [name, change(value)])),
    counts: trace.counts.map(change),
    obstacles: trace.obstacles.map(change),
  };
}
