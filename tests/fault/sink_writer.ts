// Writes noisy pictures to an output, for tests that limit or kill the process that does it.
// Arguments: path, number of pictures. Prints `frame N` after each, or the error's code.
import type { Frame } from "../../src/core/frame.ts";
import { FoveaError } from "../../src/core/errors.ts";
import { openSink } from "../../src/sink/open_sink.ts";
import { makeFrame } from "../support/fake_frame.ts";
import { makeDetection, makeResult } from "../support/fake_result.ts";

const [WIDTH, HEIGHT] = [320, 240];
const DIFFERENT_PICTURES = 4;

/** Pseudo-random bytes, the same every time: they do not compress, so files grow fast. */
function makeNoise(seed: number): Uint8Array {
  let state = seed + 1;
  return Uint8Array.from({ length: WIDTH * HEIGHT }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    return state >>> 24;
  });
}

function makeNoisyFrame(seed: number): Frame {
  const noise = makeNoise(seed);
  return makeFrame({
    format: "gray8",
    width: WIDTH,
    height: HEIGHT,
    paint: (x, y) => Array(3).fill(noise[y * WIDTH + x]) as [number, number, number],
  });
}

async function main(path: string, count: number): Promise<void> {
  const frames = Array.from({ length: DIFFERENT_PICTURES }, (_, i) => makeNoisyFrame(i));
  const size = { width: WIDTH, height: HEIGHT, detections: [makeDetection([40, 40, 200, 160])] };
  try {
    await using sink = await openSink(path, { fps: 25 });
    for (let seq = 0; seq < count; seq++) {
      const frame = frames[seq % DIFFERENT_PICTURES]!;
      const moment = Object.create(frame, {
        seq: { value: seq },
        ptsMs: { value: 40 * seq },
        picture: { value: frame.picture },
      }) as Frame;
      await sink.write(makeResult({ seq, ...size }), moment);
      await print(`frame ${seq}`);
    }
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    await print(`${error.code}: ${error.message}`);
  }
  await print("done");
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) await main(Deno.args[0]!, Number(Deno.args[1]));
