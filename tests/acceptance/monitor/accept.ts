// deno-lint-ignore-file no-console
/*
 * Measures what the monitor must reach, on real models and clips, and prints one table: what, figure,
 * target, met or missed. Ends with 1 where one is missed or could not be measured.
 *
 *   deno task accept:monitor [name …]
 *
 * Times are the best of several runs; other work on the machine makes them worse all the same.
 */
import { type Figure, formatFigures, isMet, skippedFigure } from "../../../bench/figure.ts";
import { sharedPath } from "../../support/shared.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) {
    const known = TARGETS.map(({ name }) => name).join(", ");
    console.error(`Cannot measure "${unknown}": use ${known}`);
    return 2;
  }
  const figures: Figure[] = [];
  for (const target of TARGETS) {
    if (names.length > 0 && !names.includes(target.name)) continue;
    console.error(`measuring ${target.name} …`);
    figures.push(...await measure(target));
  }
  console.log(formatFigures(figures, true));
  const bad = figures.filter((figure) => {
    return figure.value === null || isMet(figure) === false;
  });
  console.log(`\n${figures.length - bad.length} of ${figures.length} rows met`);
  return bad.length === 0 ? 0 : 1;
}

async function measure({ name, needs, measure }: Target): Promise<readonly Figure[]> {
  const files = needs.map(sharedPath);
  const missing = needs.filter((_, i) => files[i] === null);
  if (missing.length > 0) return [skippedFigure(name, name, `no shared/${missing.join(", ")}`)];
  return await measure(files as string[]);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
