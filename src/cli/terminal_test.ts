import { assert, assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { type ByteStream, StreamTerminal } from "./terminal.ts";

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
  const terminal = new StreamTerminal(stdout, new SlowStream(), () => 80);
  const long = "ü".repeat(5_000);
  await Promise.all([terminal.writeOut(`${long}\n`), terminal.writeOut("second\n")]);
  assertEquals(stdout.text, `${long}\nsecond\n`);
});

Deno.test("StreamTerminal tells when nobody reads any more and drops the rest", async () => {
  const stdout = new SlowStream();
  const terminal = new StreamTerminal(stdout, new SlowStream(), () => 80);
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
  const terminal = new StreamTerminal(stdout, new SlowStream(), () => 80);
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
  const terminal = new StreamTerminal(new SlowStream(), stderr, () => 80);
  await terminal.writeErr("lost");
  assertEquals(terminal.closed.aborted, false);
});
