import type { FrameResult } from "../../src/core/result.ts";
import { callbackSink } from "../../src/sink/callback_sink.ts";
import { fanOut } from "../../src/sink/fan_out.ts";
import { ndjsonSink } from "../../src/sink/ndjson_sink.ts";
import { openSink } from "../../src/sink/open_sink.ts";
import { decodePictures } from "../support/decode_pictures.ts";
import { runSinkCases, type SinkCase } from "./sink_cases.ts";

/** Runs a case with the sink that a file name asks for. */
async function withOutput(
  name: string,
  countWritten: (folder: string) => Promise<number>,
  fn: (sinkCase: SinkCase) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-sink-" });
  try {
    const sink = await openSink(`${folder}/${name}`);
    await fn({ sink, countWritten: () => countWritten(folder) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function countFrames(lines: readonly string[]): number {
  return lines.filter((line) => line !== "")
    .filter((line) => (JSON.parse(line) as FrameResult).kind === "frame").length;
}

async function countFiles(folder: string): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(`${folder}/frames`))).length;
}

runSinkCases({
  name: "The MP4 sink",
  withSink: (fn) =>
    withOutput(
      "out.mp4",
      async (folder) => (await decodePictures(`${folder}/out.mp4`)).pictures.length,
      fn,
    ),
});

runSinkCases({
  name: "The MJPEG sink",
  withSink: (fn) =>
    withOutput(
      "out.mjpeg",
      async (folder) => (await decodePictures(`${folder}/out.mjpeg`)).pictures.length,
      fn,
    ),
});

runSinkCases({
  name: "The PNG files sink",
  withSink: (fn) => withOutput("frames/%06d.png", countFiles, fn),
});

runSinkCases({
  name: "The single picture sink",
  leases: 1,
  keeps: () => 1,
  withSink: (fn) =>
    withOutput(
      "out.jpg",
      async (folder) => (await decodePictures(`${folder}/out.jpg`)).pictures.length,
      fn,
    ),
});

runSinkCases({
  name: "The NDJSON sink",
  withSink: (fn) => {
    const lines: string[] = [];
    const decoder = new TextDecoder();
    const writable = new WritableStream<Uint8Array>({
      write: (chunk) => void lines.push(...decoder.decode(chunk).split("\n")),
    });
    const sink = ndjsonSink(writable, "lines");
    return fn({ sink, countWritten: () => Promise.resolve(countFrames(lines)) });
  },
});

runSinkCases({
  name: "The callback sink",
  withSink: (fn) => {
    let count = 0;
    const sink = callbackSink((result) => {
      if (result.kind === "frame") count++;
    }, { needsFrame: true });
    return fn({ sink, countWritten: () => Promise.resolve(count) });
  },
});

runSinkCases({
  name: "The fan-out of sinks",
  withSink: async (fn) => {
    let count = 0;
    const callback = callbackSink((result) => {
      if (result.kind === "frame") count++;
    });
    await withOutput("frames/%d.jpg", countFiles, async ({ sink, countWritten }) => {
      const both = fanOut([sink, callback]);
      await fn({ sink: both, countWritten: async () => Math.min(count, await countWritten()) });
    });
  },
});
