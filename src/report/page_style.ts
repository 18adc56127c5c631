/** The style sheet of the report: one column on a phone, light and dark by the reader's choice. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --ink: #16202c; --soft: #5b6877; --line: #dbe1e8;
  --first: #1565c8; --second: #b45f06; --third: #7a3fb5;
  --hit: #1a8f4c; --miss: #c77800; --false: #d3263c; --truth: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151c; --card: #19212b; --ink: #e8edf3; --soft: #9aa8b8; --line: #2d3845;
    --first: #63a8ff; --second: #f0a04b; --third: #c79bff;
    --hit: #3ecf7d; --miss: #ffb938; --false: #ff6474; --truth: #fff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.2rem; }
p { margin: .5rem 0; }
.note, .facts, .small-chart span, figcaption, caption { color: var(--soft); font-size: .9rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: .5rem 0 0; padding: 0; }
.facts div { display: flex; gap: .4rem; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.25rem 0 .75rem; padding: 0; list-style: none; }
.tiles li, .chart, .small-chart, .picture, .scroll { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.tiles li { padding: .7rem .9rem; line-height: 1.3; }
.tiles b { display: block; font-size: 1.7rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: .85rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: .75rem; }
.charts h2 { margin-top: 1.5rem; }
figure { margin: 0; }
.chart { padding: .75rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--line); fill: none; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.small-chart .curve { stroke-width: 1.6; }
.curve.first { stroke: var(--first); } .curve.second { stroke: var(--second); } .curve.third { stroke: var(--third); }
.frame { fill: none; stroke: var(--line); }
.bar { fill: var(--first); opacity: .55; } .score { stroke: var(--second); stroke-width: 3; }
.ideal { stroke: var(--soft); stroke-dasharray: 4 4; fill: none; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .4rem 0 0; padding: 0; list-style: none; }
.swatch { display: inline-block; width: 1.1rem; height: .3rem; margin-right: .4rem; vertical-align: middle; border-radius: 2px; }
.swatch.first { background: var(--first); } .swatch.second { background: var(--second); } .swatch.third { background: var(--third); }
.swatch.bar { height: .8rem; background: var(--first); } .swatch.score { background: var(--second); }
.swatch.hit { background: var(--hit); } .swatch.miss { background: var(--miss); } .swatch.false { background: var(--false); } .swatch.truth { background: var(--truth); outline: 1px solid var(--soft); }
.small-charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .6rem; margin: 0; padding: 0; list-style: none; }
.small-chart { padding: .5rem; }
.small-chart b, .small-chart span { display: block; overflow-wrap: anywhere; line-height: 1.3; }
.scroll { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { padding: .5rem .7rem 0; text-align: left; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 600; }
th:first-child { position: sticky; left: 0; background: var(--card); text-align: left; }
td.words, th.words { text-align: left; white-space: normal; min-width: 12rem; }
.matrix { width: auto; }
.matrix thead th { vertical-align: bottom; }
.cell { min-width: 2.8rem; text-align: center; }
.cell.right { background: color-mix(in srgb, var(--hit) calc(var(--share) * .55), transparent); }
.cell.wrong { background: color-mix(in srgb, var(--false) calc(var(--share) * .55), transparent); }
summary { cursor: pointer; }
.choices { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem 1.1rem; margin: 0 0 .75rem; }
.choices label { display: inline-flex; align-items: center; gap: .4rem; min-height: 2rem; }
.choices .swatch { margin: 0; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: .75rem; align-items: start; }
.picture { overflow: hidden; }
.picture figcaption { padding: .5rem .75rem; overflow-wrap: anywhere; }
.picture figcaption b { color: var(--ink); }
.picture rect { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.picture rect.empty { fill: var(--line); stroke: none; }
.hit .box { stroke: #2fd573; } .truth { stroke: #fff; stroke-opacity: .75; stroke-dasharray: 3 3; }
.miss .box { stroke: #ffb020; stroke-dasharray: 7 4; } .false .box { stroke: #ff4257; }
.crowd .box { stroke: #cfd6de; stroke-dasharray: 2 5; }
.picture rect.tag { stroke: none; } .miss .tag { fill: #ffb020; } .false .tag { fill: #ff4257; }
.picture text { fill: #10151c; font-size: inherit; font-weight: 600; } .false text { fill: #fff; }
.reports:not(:has(#show-hit:checked)) .hit, .reports:not(:has(#show-miss:checked)) .miss, .reports:not(:has(#show-false:checked)) .false { display: none; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .85rem; }
@media print { body { max-width: none; } .picture, .chart { break-inside: avoid; } }
`;
