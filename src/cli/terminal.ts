import { FoveaError } from "../core/errors.ts";

/** Where a command writes, and what is known about who reads it. */
export interface Terminal {
  /** Whether a person sees standard output. */
  readonly stdoutIsTerminal: boolean;
  /** Whether a person sees standard error. */
  readonly stderrIsTerminal: boolean;
  /** Width of the console in characters, as it is now. */
  readonly columns: number;
  /** Its height in lines. */
  readonly rows: number;
  /** Whether standard output is a screen on which the cursor can be moved. */
  readonly movesCursor: boolean;
  /** Whether standard output is a screen with colours, and nobody asked for none (`NO_COLOR`). */
  readonly colors: boolean;
  /** Aborted once nobody reads standard output any more; what is written then is dropped. */
  readonly closed: AbortSignal;
  /**
   * Writes text to standard output, after everything written before.
   *
   * @throws {FoveaError} `SINK_WRITE` if it cannot be written, for example on a full disk.
   */
  writeOut(text: string): Promise<void>;
  /** Writes text to standard error; failures are dropped, as there is nowhere left to tell them. */
  writeErr(text: string): Promise<void>;
}

/** The part of a stream a {@linkcode StreamTerminal} uses; `Deno.stdout` is one. */
export interface ByteStream {
  /** Writes some of the bytes and tells how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Whether it is a console. */
  isTerminal(): boolean;
}

/** A console as it is now. */
export interface Console {
  /** Width in characters. */
  readonly columns: number;
  /** Height in lines. */
  readonly rows: number;
}

/** What a user wants of a screen. */
export interface ScreenWishes {
  /** Whether it is a screen that knows no control sequences (`TERM=dumb`). */
  readonly isDumb: boolean;
  /** Whether there are to be no colours (`NO_COLOR`, see https://no-color.org). */
  readonly noColor: boolean;
}

/** A {@linkcode Terminal} over two byte streams. */
export class StreamTerminal implements Terminal {
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly movesCursor: boolean;
  readonly colors: boolean;
  readonly #console: () => Console;
  readonly #out: OrderedText;
  readonly #err: OrderedText;
  readonly #closed = new AbortController();

  /** Writes to `stdout` and `stderr`, which stay open; `console` tells its size. */
  constructor(
    stdout: ByteStream,
    stderr: ByteStream,
    console: () => Console,
    wishes: ScreenWishes = { isDumb: false, noColor: false },
  ) {
    this.stdoutIsTerminal = stdout.isTerminal();
    this.stderrIsTerminal = stderr.isTerminal();
    this.movesCursor = this.stdoutIsTerminal && !wishes.isDumb;
    this.colors = this.movesCursor && !wishes.noColor;
    this.#console = console;
    this.#out = new OrderedText(stdout);
    this.#err = new OrderedText(stderr);
  }

  get columns(): number {
    return this.#console().columns;
  }

  get rows(): number {
    return this.#console().rows;
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  async writeOut(text: string): Promise<void> {
    if (this.#closed.signal.aborted) return;
    try {
      await this.#out.write(text);
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) {
        throw FoveaError.from(error, "SINK_WRITE", "Cannot write to standard output");
      }
      this.#closed.abort();
    }
  }

  async writeErr(text: string): Promise<void> {
    await this.#err.write(text).catch(() => undefined);
  }
}

/** Writes whole texts one after the other, through one buffer that only grows. */
class OrderedText {
  readonly #stream: ByteStream;
  readonly #encoder = new TextEncoder();
  #buffer = new Uint8Array(4_096);
  #tail: Promise<unknown> = Promise.resolve();

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  write(text: string): Promise<void> {
    const written = this.#tail.then(() => this.#writeNow(text));
    this.#tail = written.catch(() => undefined);
    return written;
  }

  async #writeNow(text: string): Promise<void> {
    const mostBytes = 3 * text.length;
    if (this.#buffer.length < mostBytes) this.#buffer = new Uint8Array(mostBytes);
    const { written } = this.#encoder.encodeInto(text, this.#buffer);
    for (let start = 0; start < written;) {
      start += await this.#stream.write(this.#buffer.subarray(start, written));
    }
  }
}

/** The terminal this process was started with. */
export function systemTerminal(): StreamTerminal {
  const wishes = { isDumb: isDumb(), noColor: Deno.noColor };
  return new StreamTerminal(Deno.stdout, Deno.stderr, consoleSize, wishes);
}

/** Some consoles say that they have no columns at all; below 20 nothing can be read. */
function consoleSize(): Console {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: Math.max(20, columns), rows: rows > 0 ? rows : 24 };
  } catch {
    return { columns: 80, rows: 24 }; // Neither stream is a console.
  }
}

function isDumb(): boolean {
  const permission = { name: "env", variable: "TERM" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return false;
  return Deno.env.get("TERM") === "dumb";
}
