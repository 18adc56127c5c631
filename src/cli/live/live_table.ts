import type { Health, MonitorReport } from "../../core/monitor_report.ts";
import { STAGES } from "../../core/result.ts";
import type { Quantiles } from "../../pipeline/latency_histogram.ts";
import { formatProgress } from "../progress.ts";
import { type Column, fit, formatTable, plain, wrap } from "../text_table.ts";
import { describeAlarm, describeHealth } from "./live_line.ts";
import type { ClassTally, LiveSnapshot, SceneTally } from "./live_tally.ts";

/** How a line looks where there are colours. */
export type LineStyle = "plain" | "title" | "good" | "bad" | "notice";

/** One line of the table. */
export interface TableLine {
  /** What it says, without line break and colours. */
  readonly text: string;
  /** How it looks. */
  readonly style: LineStyle;
}

/** Room on the screen, and what is known about the run. */
export interface TableFrame {
  /** Most characters of a line. */
  readonly columns: number;
  /** Most lines; what matters least goes first. */
  readonly rows: number;
  /** Frames of the source; `null` where unknown. */
  readonly totalFrames: number | null;
  /** Whether there is anything to tell about the course of the run. */
  readonly hasScenes: boolean;
}

type ClassRow = ClassTally & { readonly name: string };
type StageRow = Quantiles & { readonly name: string };

/** From this width on, detections and times stand side by side. */
const SIDE_BY_SIDE_CHARS = 66;
/** Characters of the left one, the gap included. */
const LEFT_CHARS = 36;
/** Most scenes that are shown, the last ones. */
const SCENES_MAX = 6;
/** Fewest lines a table is cut to. */
const ROWS_MIN = 4;
/** Heights of a bar, from nothing to full. */
const BARS = "▁▂▃▄▅▆▇█";

const HEALTH_STYLES: Readonly<Record<Health, LineStyle>> = {
  warming: "plain",
  healthy: "good",
  drifting: "bad",
  degraded: "bad",
  blind: "bad",
};

const NOW: Column<ClassRow> = { title: "now", value: ({ now }) => String(now) };
const MEAN: Column<ClassRow> = { title: "mean", value: ({ mean }) => mean.toFixed(1) };
const WITH_TRUTH: readonly Column<ClassRow>[] = [
  NOW,
  { title: "there", value: ({ there }) => String(there ?? "-") },
  { title: "found", value: ({ foundShare }) => percent(foundShare) },
];
const WITHOUT_TRUTH: readonly Column<ClassRow>[] = [NOW, MEAN];

const STAGE_COLUMNS: readonly Column<StageRow>[] = [
  { title: "p50", value: ({ p50 }) => milliseconds(p50) },
  { title: "p99", value: ({ p99 }) => milliseconds(p99) },
];

const SCENE_COLUMNS: readonly Column<SceneTally & { readonly name: string }>[] = [
  { title: "seen", value: ({ detections }) => detections.toFixed(1) },
  { title: "there", value: ({ truth }) => truth === null ? "-" : truth.objects.toFixed(1) },
  { title: "found", value: ({ truth }) => percent(truth?.foundShare ?? null) },
  { title: "false", value: ({ truth }) => truth === null ? "-" : truth.falseAlarms.toFixed(1) },
  { title: "from", value: ({ fromSeq }) => String(fromSeq) },
];

/**
 * What a run sees and how fast, in lines that fit the screen: how far it has come, the state of the
 * stream, the monitor's verdict and its last alarm, detections by class, what the source went
 * through, times by stage, the last minute.
 */
export function formatLive(snapshot: LiveSnapshot, frame: TableFrame): TableLine[] {
  const { columns, rows } = frame;
  const [head, ...sections] = listSections(snapshot, frame);
  const lines = [...head!];
  for (const section of sections) {
    const room = rows - lines.length - 1;
    if (section.length === 0 || room < 2) continue;
    // A table that is cut says so; anything else is left out.
    if (section.length > room && section !== sections[0]) continue;
    lines.push({ text: "", style: "plain" });
    lines.push(...cut(section, room));
  }
  return lines.slice(0, Math.max(ROWS_MIN, rows))
    .map((line) => ({ ...line, text: line.text.slice(0, columns).trimEnd() }));
}

/** Lines that belong together, the most important ones first. */
function listSections(snapshot: LiveSnapshot, frame: TableFrame): TableLine[][] {
  const { columns, hasScenes } = frame;
  const isWide = columns >= SIDE_BY_SIDE_CHARS;
  const detections = formatClasses(snapshot, isWide ? LEFT_CHARS - 4 : columns);
  const stages = formatStages(snapshot, isWide ? columns - LEFT_CHARS : columns);
  return [
    [...formatHead(snapshot, frame)],
    isWide ? beside(detections, stages) : detections,
    formatAlarm(snapshot, columns),
    hasScenes ? formatScenes(snapshot, columns) : [],
    isWide ? [] : stages,
    formatHistory(snapshot, columns),
  ];
}

function formatHead(snapshot: LiveSnapshot, { columns, totalFrames }: TableFrame): TableLine[] {
  const { last, summary, position, fps } = snapshot;
  const progress = formatProgress({
    position,
    totalFrames,
    frames: summary.frames,
    elapsedMs: 1000 * summary.seconds,
    detections: summary.detections,
  }, columns + 1);
  if (last === null) return [{ text: progress, style: "plain" }];
  const { state, stateReason, ageMs, dropped, epoch, monitor } = last;
  const reason = stateReason === null ? "" : `: ${plain(stateReason)}`;
  const facts = [
    `${state}${reason}`,
    ...(fps === null ? [] : [`${fps.toFixed(1)} fps`]),
    `age ${ageMs.toFixed(0)} ms`,
    `${dropped} dropped`,
    ...(epoch === 0 ? [] : [`${epoch} reconnected`]),
  ];
  const style = state === "live" ? "good" : "bad";
  return [
    { text: progress, style: "plain" },
    ...wrap(facts.join("   "), columns).map((text): TableLine => ({ text, style })),
    ...(monitor === null ? [] : formatHealth(monitor, columns)),
  ];
}

/** The monitor's verdict, and the level of the loss with what it rests on. */
function formatHealth(monitor: MonitorReport, columns: number): TableLine[] {
  const { health, level } = monitor;
  const loss = level === null ? "" : `   loss ${level.focalLoss.toFixed(3)} (${level.evidence})`;
  return wrap(`${describeHealth(monitor)}${loss}`, columns)
    .map((text) => ({ text, style: HEALTH_STYLES[health] }));
}

function formatAlarm({ alarm }: LiveSnapshot, columns: number): TableLine[] {
  if (alarm === null) return [];
  const { seq, message, count } = alarm;
  const before = count === 1 ? "" : ` ${count} alarms so far.`;
  return wrap(`${describeAlarm(seq, message)}${before}`, columns)
    .map((text) => ({ text, style: "notice" }));
}

function formatClasses({ classes, all }: LiveSnapshot, columns: number): TableLine[] {
  // The sum first: what does not fit is cut below.
  const rows: ClassRow[] = [{ name: "all", ...all }, ...classes];
  const shown = all.there === null ? WITHOUT_TRUTH : WITH_TRUTH;
  const widths = { columns, nameCharsMin: 7, columnChars: 6 };
  return asTable(formatTable("detections", rows, shown, widths));
}

function formatStages({ summary, last }: LiveSnapshot, columns: number): TableLine[] {
  const stages = STAGES.filter((stage) => stage !== "monitor" || (last?.monitor ?? null) !== null);
  const rows: StageRow[] = [
    ...stages.map((stage) => ({ name: spaced(stage), ...summary.stagesMs[stage] })),
    { name: "age", ...summary.ageMs },
  ];
  const widths = { columns: Math.min(columns, 30), nameCharsMin: 12, columnChars: 7 };
  return asTable(formatTable("ms a frame", rows, STAGE_COLUMNS, widths));
}

function formatScenes({ scenes }: LiveSnapshot, columns: number): TableLine[] {
  const rows = scenes.slice(-SCENES_MAX).map((one) => ({ ...one, name: one.scene.name }));
  const isJudged = rows.some(({ truth }) => truth !== null);
  const shown = SCENE_COLUMNS.filter(({ title }) => isJudged || /seen|from/.test(title));
  const notice = describeChange(scenes);
  const widths = { columns, nameCharsMin: 8, columnChars: 6 };
  return [
    ...(notice === null
      ? []
      : wrap(notice, columns).map((text): TableLine => ({ text, style: "notice" }))),
    ...asTable(formatTable("a frame of", rows, shown, widths)),
  ];
}

/** What happened last, and what it did to the detector; `null` where nothing happened yet. */
function describeChange(scenes: readonly SceneTally[]): string | null {
  const [before, since] = scenes.slice(-2);
  if (before === undefined || since === undefined) return null;
  const effect = before.truth?.foundShare == null || since.truth?.foundShare == null
    ? `Detections a frame: ${before.detections.toFixed(1)} before, ` +
      `${since.detections.toFixed(1)} since.`
    : `Found: ${percent(before.truth.foundShare)} of what is there before, ` +
      `${percent(since.truth.foundShare)} since.`;
  return `${describeScene(since)} ${effect}`;
}

/** What happened when a scene began, as a sentence; `null` for the first one. */
export function describeScene(
  { scene, fromSeq }: Pick<SceneTally, "scene" | "fromSeq">,
): string | null {
  const { happened, name } = scene;
  if (happened === null) return null;
  return `Frame ${fromSeq}: ${happened === "" ? "it is over" : happened} (${name}).`;
}

/** Detections a frame over the last time, a bar a second, the highest one full. */
function formatHistory({ history }: LiveSnapshot, columns: number): TableLine[] {
  const title = columns < 40 ? "" : "detections, second by second  ";
  const shown = history.slice(-Math.max(1, columns - title.length));
  const most = Math.max(...shown, 1e-9);
  const bars = shown.map((value) => BARS[Math.round((BARS.length - 1) * value / most)]).join("");
  return [{ text: `${title}${bars}`, style: "plain" }];
}

/** Two blocks side by side. */
function beside(left: readonly TableLine[], right: readonly TableLine[]): TableLine[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => ({
    text: fit(left[i]?.text ?? "", LEFT_CHARS) + (right[i]?.text ?? ""),
    style: left[i]?.style ?? "plain",
  }));
}

/** A table whose first line is its title. */
function asTable(lines: readonly string[]): TableLine[] {
  return lines.map((text, i) => ({ text, style: i === 0 ? "title" : "plain" }));
}

/** The first lines of a section and how many more there are. */
function cut(section: readonly TableLine[], room: number): readonly TableLine[] {
  if (section.length <= room) return section;
  const more = section.length - room + 1;
  return [...section.slice(0, room - 1), { text: `${more} more`, style: "plain" }];
}

/** `decodeOutputs` -> `decode outputs`. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function percent(share: number | null): string {
  return share === null ? "-" : `${Math.round(100 * share)}%`;
}

function milliseconds(value: number | null): string {
  return value === null ? "-" : value.toFixed(1);
}
