/** Most characters of the column of names. */
const NAME_CHARS_MAX = 24;

/** One column of numbers. */
export interface Column<Row> {
  /** What stands above it. */
  readonly title: string;
  /** What stands in it. */
  readonly value: (one: Row) => string;
}

/** Widths of a table in characters. */
export interface TableWidths {
  /** Most characters of a line. */
  readonly columns: number;
  /** Fewest characters of the column of names that columns of numbers make room for. */
  readonly nameCharsMin: number;
  /** Characters of a column of numbers, the space before it included. */
  readonly columnChars: number;
}

/**
 * A line for each row under a line of titles. Where space is short the last columns go, then the
 * ends of names; one column of numbers always stays.
 */
export function formatTable<Row extends { readonly name: string }>(
  heading: string,
  rows: readonly Row[],
  wanted: readonly Column<Row>[],
  { columns, nameCharsMin, columnChars }: TableWidths,
): string[] {
  const longest = rows.reduce((most, { name }) => Math.max(most, name.length), heading.length);
  const wantedChars = Math.min(NAME_CHARS_MAX, Math.max(nameCharsMin, longest));
  const kept = wanted.slice(0, Math.max(1, Math.floor((columns - nameCharsMin) / columnChars)));
  const nameChars = Math.min(wantedChars, Math.max(4, columns - kept.length * columnChars));
  const line = (name: string, values: readonly string[]): string =>
    fit(name, nameChars) + values.map((value) => value.padStart(columnChars)).join("");
  return [
    line(heading, kept.map(({ title }) => title)),
    ...rows.map((one) => line(one.name, kept.map(({ value }) => value(one)))),
  ];
}

/** Breaks a sentence into lines, between words where that is possible. */
export function wrap(sentence: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of sentence.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= columns) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    for (line = word; line.length > columns; line = line.slice(columns)) {
      lines.push(line.slice(0, columns));
    }
  }
  return [...lines, line];
}

/** A name in exactly so many characters, its end cut where it is longer. */
export function fit(name: string, chars: number): string {
  const clean = plain(name);
  return clean.length > chars ? `${clean.slice(0, chars - 1)}…` : clean.padEnd(chars);
}

/** A name from a file without what would steer a terminal. */
export function plain(name: string): string {
  return name.replace(/\p{Cc}/gu, "?");
}
