import type { LevelReport } from "../../core/monitor_report.ts";
import { figure, type Html, html } from "../../report/html.ts";
import { renderPage } from "../../report/page.ts";
import type { HardExample } from "../hard_examples.ts";
import type { HistoryPoint } from "../history.ts";
import type { Monitor } from "../monitor.ts";
import type { LoggedAlarm } from "../monitor_state.ts";
import { renderLossChart } from "./loss_chart.ts";
import { renderSignalChart } from "./signal_chart.ts";

/** A hard example with its picture ready for a page. */
export interface PageExample extends Omit<HardExample, "crop"> {
  /** The pixels as a `data:` URL; `null` where there are none. */
  readonly image: string | null;
}

/** What a page says besides what the monitor knows. */
export interface MonitorPageOptions {
  /** What was watched, for the title. */
  readonly title: string;
  /** Names and values, for the head of the page. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What was reported over time, oldest first. */
  readonly history: readonly HistoryPoint[];
  /** The hardest objects. */
  readonly examples: readonly PageExample[];
  /** The level at the end. */
  readonly level: LevelReport | null;
}

/** What only this page has. */
const STYLE = `
.curve.faint { stroke: var(--soft); opacity: .7; } .swatch.faint { background: var(--soft); }
.threshold { stroke: var(--false); stroke-width: 1.5; stroke-dasharray: 6 4; }
.swatch.threshold { background: linear-gradient(90deg, var(--false) 40%, transparent 40% 60%, var(--false) 60%); }
.alarm { stroke: var(--false); stroke-width: 1; opacity: .45; } .alarm-head { fill: var(--false); }
.swatch.alarm { width: .8rem; height: .7rem; opacity: 1; background: var(--false); border-radius: 0; clip-path: polygon(0 0, 100% 0, 50% 100%); }
.tiles b { font-size: clamp(1.25rem, 6vw, 1.7rem); }
svg.narrow { display: none; }
@media (max-width: 40rem) { svg.wide { display: none; } svg.narrow { display: block; } .by { display: none; } }
.health { display: flex; height: 1.4rem; border-radius: .4rem; overflow: hidden; }
.health span { flex-basis: 0; min-width: 0; }
.warming { background: var(--line); } .healthy { background: var(--hit); } .blind { background: var(--soft); }
.drifting { background: var(--miss); } .degraded { background: var(--false); }
.swatch.warming, .swatch.healthy, .swatch.blind, .swatch.drifting, .swatch.degraded { height: .8rem; }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .75rem; }
.examples img { display: block; width: 100%; height: 8rem; object-fit: contain; background: var(--line); image-rendering: pixelated; }
.examples .picture figcaption { padding: .4rem .6rem; font-size: .85rem; line-height: 1.35; }
`;

/**
 * What a monitor saw as one HTML page: verdict, losses, signals with their threshold, alarms, and
 * the hardest objects. It needs no network and no script, fits a phone, and follows the reader's
 * choice of light or dark.
 */
export function renderMonitorPage(
  monitor: Pick<Monitor, "health" | "alarms">,
  options: MonitorPageOptions,
): string {
  const { title, facts, history, examples, level } = options;
  const alarmSeqs = monitor.alarms.map(({ seq }) => seq);
  return renderPage({
    title,
    facts,
    style: STYLE,
    main: html`
      ${renderTiles(monitor, level)}
      ${renderHealth(history)}
      <section><h2>Loss</h2>${renderLossChart(history, alarmSeqs)}</section>
      <section><h2>Drift</h2>${renderSignalChart(history, alarmSeqs)}</section>
      ${renderAlarms(monitor.alarms)}
      ${renderExamples(examples)}
    `,
    footer:
      "Made by fovea. Only a measured loss is an error of the detector; docs/monitoring.md says what the others are.",
  });
}

function renderTiles(
  { health, alarms }: Pick<Monitor, "health" | "alarms">,
  level: LevelReport | null,
): Html {
  const tiles: [string, string, string][] = [
    ["health", health, "at the end"],
    ["alarms", String(alarms.length), describeFirst(alarms)],
  ];
  if (level !== null) {
    const words = level.isEstimate
      ? "an estimate, nobody looked"
      : `${level.evidence}, ${figure(level.interval.low)} to ${
        level.frames < 2 ? "unknown" : figure(level.interval.high)
      }`;
    tiles.push(["focal loss", figure(level.focalLoss), words]);
  }
  return html`<ul class="tiles">${
    tiles.map(([name, value, words]) => html`<li>${name}<b>${value}</b><span>${words}</span></li>`)
  }</ul>`;
}

function describeFirst([first]: readonly LoggedAlarm[]): string {
  if (first === undefined) return "none was raised";
  const [suspicion] = first.alarm.suspicions;
  return `first at frame ${first.seq}${suspicion === undefined ? "" : `, suspected: ${suspicion}`}`;
}

function renderHealth(history: readonly HistoryPoint[]): Html {
  const runs: { health: string; frames: number }[] = [];
  for (const { health, frames } of history) {
    const last = runs[runs.length - 1];
    if (last?.health === health) last.frames += frames;
    else runs.push({ health, frames });
  }
  const kinds = [...new Set(runs.map(({ health }) => health))];
  return html`
    <section>
      <h2>Health</h2>
      <div class="health" role="img" aria-label="Health over time">${runs.map((
        { health, frames },
      ) =>
        html`
          <span class="${health}" style="flex-grow:${frames}"
            title="${health}, ${frames} frames"></span>
        `
      )}</div>
      <ul class="legend">${kinds.map((health) =>
        html`<li><span class="swatch ${health}"></span>${health}</li>`
      )}</ul>
    </section>
  `;
}

function renderAlarms(alarms: readonly LoggedAlarm[]): Html | "" {
  if (alarms.length === 0) return "";
  const rows = alarms.map(({ seq, alarm }) =>
    html`
      <tr>
        <th scope="row">${seq}</th>
        <td class="by">${alarm.signal.toUpperCase()}</td>
        <td class="words">${alarm.message}</td>
      </tr>
    `
  );
  return html`
    <section>
      <h2>Alarms</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>frame</th>
              <th class="by">signal</th>
              <th class="words">what it says</th>
            </tr>
          </thead>
          <tbody>${rows}</tbody>
        </table>
      </div>
    </section>
  `;
}

function renderExamples(examples: readonly PageExample[]): Html | "" {
  if (examples.length === 0) return "";
  const cards = examples.map(({ seq, className, loss, reason, image }) =>
    html`
      <figure
        class="picture">${image === null
          ? ""
          : html`<img src="${image}" alt="${className} in frame ${seq}">`}<figcaption><b>${className}</b> ${loss
          .toFixed(2)}, frame ${seq}<br>${reason}</figcaption></figure>
    `
  );
  return html`
    <section>
      <h2>Hardest objects</h2>
      <div class="examples">${cards}</div>
    </section>
  `;
}
