import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InheritedChannel } from "./inherited_channel.ts";

/** A shell that is given the channel's descriptor as `$1`. */
function startShell(channel: InheritedChannel, script: string): Deno.ChildProcess {
  const child = new Deno.Command("bash", {
    args: ["-c", script, "bash", String(channel.childDescriptor)],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  channel.closeChildEnd();
  return child;
}

Deno.test("InheritedChannel carries bytes apart from standard output, whole and in order", async () => {
  using channel = new InheritedChannel();
  const child = startShell(
    channel,
    'echo chatter; head -c 3000000 /dev/zero | tr "\\0" x >&"$1"; printf end >&"$1"; echo more',
  );
  const bytes = new Uint8Array(3_000_000);
  assertEquals(await channel.receive(bytes), bytes.length);
  assertEquals(bytes.every((byte) => byte === 0x78), true);
  // The child is gone, what it sent is not, and then comes the end.
  assertEquals(await channel.receive(bytes), 3);
  assertEquals(new TextDecoder().decode(bytes.subarray(0, 4)), "endx");
  assertEquals(await channel.receive(bytes), 0);
  assertEquals(new TextDecoder().decode((await child.output()).stdout), "chatter\nmore\n");
});

Deno.test("InheritedChannel.shutdown() ends a call that waits, whoever holds the other end", async () => {
  using channel = new InheritedChannel();
  const child = startShell(channel, 'printf abc >&"$1"; read -r _ <&"$1"');
  const bytes = new Uint8Array(10);
  const first = new Uint8Array(3);
  assertEquals(await channel.receive(first), 3);
  const receiving = channel.receive(bytes);
  await assertRejects(() => channel.receive(bytes), TypeError, "twice at once");
  assertThrows(() => channel[Symbol.dispose](), TypeError, "that is receiving");
  channel.shutdown();
  assertEquals(await receiving, 0);
  await child.output();
});

Deno.test("InheritedChannel closes once, and then says so", async () => {
  const channel = new InheritedChannel();
  channel[Symbol.dispose]();
  channel[Symbol.dispose]();
  channel.shutdown();
  await assertRejects(() => channel.receive(new Uint8Array(1)), TypeError, "is disposed");
});

Deno.test("a hundred channels leave no descriptor behind", () => {
  const first = new InheritedChannel();
  const number = first.childDescriptor;
  first[Symbol.dispose]();
  for (let i = 0; i < 100; i++) {
    using channel = new InheritedChannel();
    assert(channel.childDescriptor <= number + 10);
  }
});
