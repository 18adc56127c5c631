/** A target with what was reached. */
export interface AcceptanceRow {
  /** What was tried. */
  readonly what: string;
  /** What it must reach. */
  readonly target: string;
  /** What it reached. */
  readonly figure: string;
  /** Whether that is enough. */
  readonly pass: boolean;
}

/** A figure that must be at least, or at most, so much. */
export function rowOf(
  what: string,
  figure: number,
  { least, most }: { readonly least?: number; readonly most?: number },
  digits = 3,
): AcceptanceRow {
  const target = [
    ...(least === undefined ? [] : [`>= ${least}`]),
    ...(most === undefined ? [] : [`<= ${most}`]),
  ].join(" and ");
  const pass = figure >= (least ?? -Infinity) && figure <= (most ?? Infinity);
  return { what, target, figure: figure.toFixed(digits), pass };
}

/** Something that must be so. */
export function rowIs(what: string, figure: unknown, wanted: unknown): AcceptanceRow {
  return { what, target: String(wanted), figure: String(figure), pass: figure === wanted };
}

/** All rows as a table. */
export function formatRows(rows: readonly AcceptanceRow[]): string {
  const width = (key: "what" | "target" | "figure"): number =>
    rows.reduce((most, row) => Math.max(most, row[key].length), key.length);
  const [what, target, figure] = [width("what"), width("target"), width("figure")];
  return rows.map((row) =>
    `${row.pass ? "ok  " : "FAIL"}  ${row.what.padEnd(what)}  ${row.target.padEnd(target)}  ` +
    row.figure.padStart(figure)
  ).join("\n");
}
