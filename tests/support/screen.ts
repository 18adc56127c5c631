import type { Terminal } from "../../src/cli/terminal.ts";

/**
 * A terminal with a screen: it wraps long lines, scrolls, and understands the control sequences that
 * the command line uses (cursor up, erase to the end of the line and below, colours); any other
 * one is an error. Standard error goes to the same screen.
 */
export class Screen implements Terminal {
  readonly stdoutIsTerminal = true;
  readonly stderrIsTerminal = true;
  readonly movesCursor = true;
  readonly closed = new AbortController().signal;
  /** Everything that was written, control sequences included. */
  raw = "";
  /** Lines from the beginning; those above the screen have scrolled away. */
  readonly #lines: string[] = [""];
  #x = 0;
  #y = 0;

  constructor(
    public columns: number,
    readonly rows: number,
    readonly colors = false,
  ) {}

  /** All lines without trailing spaces, what scrolled away first, empty ones at the end left out. */
  get text(): string {
    return this.#lines.map((line) => line.trimEnd()).join("\n").trimEnd();
  }

  writeOut(text: string): Promise<void> {
    this.raw += text;
    // deno-lint-ignore no-control-regex -- control sequences begin with a control character
    for (const piece of text.matchAll(/\x1b\[([\d;]*)([A-Za-z])|\r|\n|[^\x1b\r\n]|\x1b/gu)) {
      this.#take(piece[0], piece[1], piece[2]);
    }
    return Promise.resolve();
  }

  writeErr(text: string): Promise<void> {
    return this.writeOut(text);
  }

  #take(piece: string, argument = "", command = ""): void {
    if (piece === "\r") this.#x = 0;
    else if (piece === "\n") this.#down();
    else if (command === "A") this.#y = Math.max(this.#top, this.#y - Number(argument || 1));
    else if (command === "K" || command === "J") this.#erase(command === "J");
    else if (piece.startsWith("\x1b")) {
      if (command !== "m") throw new Error(`Cannot show ${JSON.stringify(piece)}`);
    } else this.#put(piece);
  }

  /** A line feed also returns, as the driver of a console makes it. */
  #down(): void {
    this.#x = 0;
    this.#y++;
    while (this.#lines.length <= this.#y) this.#lines.push("");
  }

  #put(character: string): void {
    if (this.#x >= this.columns) this.#down();
    const line = this.#lines[this.#y]!.padEnd(this.#x);
    this.#lines[this.#y] = line.slice(0, this.#x) + character + line.slice(this.#x + 1);
    this.#x++;
  }

  #erase(below: boolean): void {
    this.#lines[this.#y] = this.#lines[this.#y]!.slice(0, this.#x);
    if (below) this.#lines.fill("", this.#y + 1);
  }

  /** The first line that is still on the screen: the cursor cannot go above. */
  get #top(): number {
    return Math.max(0, this.#lines.length - this.rows);
  }
}
