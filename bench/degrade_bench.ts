/*
 * Every degradation on a picture of 768×432, beside `fog`, which is one look into a table for each
 * value. A degrader must give the same picture twice before anything is timed; `dark` and `noise`
 * draw anew each time, so two of them with one seed must agree.
 */
import { type Degradation, DEGRADATION_KINDS, DEGRADATION_SEVERITIES } from "../src/degrade/mod.ts";
import { Degrader } from "../src/degrade/mod.ts";
import { Pcg64 } from "../src/degrade/pcg64.ts";
import { benchSize } from "./bench_size.ts";

const [WIDTH, HEIGHT] = [768, 432];
const { small } = benchSize();
/** Shared memory, as cameras have it. */
const memory = new Uint8Array(new SharedArrayBuffer(3 * WIDTH * HEIGHT));
const picture = makePicture();

/** Smooth areas with some noise, as cameras see them. */
function makePicture(): Uint8Array {
  const random = new Pcg64([1]);
  return Uint8Array.from({ length: memory.length }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)];
    return 110 + 60 * Math.sin(x / 40) + 40 * Math.cos(y / 25) + 20 * random.nextDouble();
  });
}

function degradeOnce(degrader: Degrader): Uint8Array {
  memory.set(picture);
  degrader.apply(memory, WIDTH, HEIGHT, 0);
  return memory.slice();
}

function checkRepeats(degradation: Degradation): void {
  const [first, second] = [0, 1].map(() => degradeOnce(new Degrader([degradation])));
  if (!first!.every((value, i) => value === second![i])) {
    throw new Error(`Cannot time ${degradation.kind}: two results differ`);
  }
}

for (const kind of DEGRADATION_KINDS) {
  for (const severity of DEGRADATION_SEVERITIES) {
    checkRepeats({ kind, severity });
    const degrader = new Degrader([{ kind, severity }]);
    degrader.prepare(WIDTH, HEIGHT);
    Deno.bench({
      name: `${kind}:${severity}`,
      group: `degrade ${WIDTH}x${HEIGHT}`,
      baseline: kind === "fog" && severity === 1,
      ...(small ? { n: 3, warmup: 1 } : {}),
      fn(bench) {
        memory.set(picture);
        bench.start();
        degrader.apply(memory, WIDTH, HEIGHT, 0);
        bench.end();
      },
    });
  }
}

for (const severity of DEGRADATION_SEVERITIES) {
  Deno.bench({
    name: `dirt:${severity}`,
    group: `make the mask of dirt, ${WIDTH}x${HEIGHT}`,
    ...(small ? { n: 3, warmup: 1 } : {}),
    fn: () => new Degrader([{ kind: "dirt", severity }]).prepare(WIDTH, HEIGHT),
  });
}
