import { assert, assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { type ByteStream, StreamTerminal } from "./terminal.ts";

const CONSOLE = { columns: 80, rows: 24 };

/** A stream that takes at most `chunk` bytes at once and remembers them. */
class SlowStream implements ByteStream {
  readonly bytes: number[] = [];
  failure: Error | null = null;

  constructor(readonly chunk = 3) {}

  async write(bytes: Uint8Array): Promise<number> {
    await Promise.resolve();
    if (this.failure !== null) throw this.failure;
    const taken = bytes.subarray(0, this.chunk);
    this.bytes.push(...taken);
    return taken.length;
  }

  isTerminal(): boolean {
    return false;
  }

  get text(): string {
    return new TextDecoder().decode(new Uint8Array(this.bytes));
  }
}

Deno.test("StreamTerminal writes whole texts in order to a stream that takes few bytes", async () => {
  const stdout = new SlowStream();
  const terminal = new StreamTerminal(stdout, new SlowStream(), () => CONSOLE);
  const long = "ü".repeat(5_000);
  await Promise.all([terminal.writeOut(`${long}\n`), terminal.writeOut("second\n")]);
  assertEquals(stdout.text, `${long}\nsecond\n`);
});

Deno.test("StreamTerminal tells when nobody reads any more and drops the rest", async () => {
  const stdout = new SlowStream();
  const terminal = new StreamTerminal(stdout, new SlowStream(), () => CONSOLE);
  await terminal.writeOut("one");
  assertEquals(terminal.closed.aborted, false);
  stdout.failure = new Deno.errors.BrokenPipe("gone");
  await terminal.writeOut("two");
  assert(terminal.closed.aborted);
  stdout.failure = null;
  await terminal.writeOut("three");
  assertEquals(stdout.text, "one");
});

Deno.test("StreamTerminal reports any other failure of standard output and stays usable", async () => {
  const stdout = new SlowStream();
  const terminal = new StreamTerminal(stdout, new SlowStream(), () => CONSOLE);
  stdout.failure = new Error("No space left on device");
  const error = await assertRejects(() => terminal.writeOut("x"), FoveaError, "No space left");
  assertEquals(error.code, "SINK_WRITE");
  assertEquals(terminal.closed.aborted, false);
  stdout.failure = null;
  await terminal.writeOut("y");
  assertEquals(stdout.text, "y");
});

Deno.test("StreamTerminal drops what standard error cannot take", async () => {
  const stderr = new SlowStream();
  stderr.failure = new Deno.errors.BrokenPipe("gone");
  const terminal = new StreamTerminal(new SlowStream(), stderr, () => CONSOLE);
  await terminal.writeErr("lost");
  assertEquals(terminal.closed.aborted, false);
});

Deno.test("StreamTerminal moves the cursor and colours on screens that can", () => {
  const screen: ByteStream = {
    isTerminal: () => true,
    write: (bytes) => Promise.resolve(bytes.length),
  };
  const cases = [
    { out: screen, isDumb: false, noColor: false, expected: [true, true] },
    { out: screen, isDumb: false, noColor: true, expected: [true, false] },
    { out: screen, isDumb: true, noColor: false, expected: [false, false] },
    { out: new SlowStream(), isDumb: false, noColor: false, expected: [false, false] },
  ];
  for (const { out, expected, ...wishes } of cases) {
    const terminal = new StreamTerminal(out, screen, () => CONSOLE, wishes);
    assertEquals([terminal.movesCursor, terminal.colors], expected);
    assertEquals([terminal.columns, terminal.rows], [80, 24]);
  }
});
