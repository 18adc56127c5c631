import {
  checkWorldOptions,
  StreetWorld,
  type WeatherChange,
  type WorldOptions,
} from "../../src/world/mod.ts";

/** Frames of one street in one weather, drawn by one worker. */
export interface RenderJob {
  /** Place of the first one in the file. */
  readonly first: number;
  /** Seed of the street. */
  readonly seed: number;
  /** The weather as it was given. */
  readonly weather: string;
  /** Numbers of the frames. */
  readonly seqs: readonly number[];
  /** The world that is drawn. */
  readonly options: WorldOptions;
}

/** Everything that is to be drawn. */
export interface RenderPlan {
  /** Path without extension. */
  readonly out: string;
  readonly width: number;
  readonly height: number;
  /** Frames in all. */
  readonly count: number;
  readonly jobs: readonly RenderJob[];
  readonly classNames: readonly string[];
  readonly workers: number;
}

/**
 * Plans the frames that flags ask for.
 *
 * @throws {Error} If a flag is missing or cannot be read.
 */
export function planRender(
  flags: Readonly<Record<string, string | boolean | undefined>>,
): RenderPlan {
  const text = (name: string, standard: string): string => String(flags[name] ?? standard);
  const out = flags["out"];
  if (typeof out !== "string" || out === "") throw new Error("Cannot render: --out is not given");
  const [first, last] = numbers("--seeds", text("seeds", "1:50"), /^(\d+):(\d+)$/);
  const [width, height] = numbers("--size", text("size", "640x384"), /^(\d+)x(\d+)$/);
  const [perSeed] = numbers("--per-seed", text("per-seed", "20"), /^(\d+)$/);
  const [stride] = numbers("--stride", text("stride", "61"), /^(\d+)$/);
  const cores = String(navigator.hardwareConcurrency);
  const [workers] = numbers("--workers", text("workers", cores), /^([1-9]\d?)$/);
  const weathers = text("weather", "clear").split(",");
  const density = text("density", "mixed");
  if (density !== "mixed" && !(Number(density) >= 0)) {
    throw new Error(`Cannot use --density ${density}: use a number or mixed`);
  }
  if (last! < first! || perSeed! < 1) throw new Error("Cannot render: there are no frames");
  const newClasses: WorldOptions["newClasses"] = flags["tractors"] === true
    ? [{ className: "tractor", fromFrame: 0 }]
    : [];
  const jobs: RenderJob[] = [];
  for (let seed = first!; seed <= last!; seed++) {
    for (const weather of weathers) {
      const options = checkWorldOptions({
        seed,
        width: width!,
        height: height!,
        // Every street has its own traffic, from quiet to busy.
        density: density === "mixed" ? 0.6 + (seed * 7 % 11) / 10 : Number(density),
        weather: parseWeather(weather),
        newClasses,
      });
      const start = seed * 13 % stride!;
      const seqs = Array.from({ length: perSeed! }, (_, i) => start + i * stride!);
      jobs.push({ first: jobs.length * perSeed!, seed, weather, seqs, options });
    }
  }
  return {
    out,
    width: width!,
    height: height!,
    count: jobs.length * perSeed!,
    jobs,
    classNames: StreetWorld.classNamesOf({ newClasses }),
    workers: workers!,
  };
}

function parseWeather(weather: string): WeatherChange[] {
  if (weather === "clear") return [];
  return weather.split("+").map((part) => {
    const [kind, severity] = part.split(":");
    return { kind, severity: Number(severity), fromFrame: 0 } as WeatherChange;
  });
}

function numbers(flag: string, text: string, form: RegExp): number[] {
  const match = form.exec(text);
  if (match === null) throw new Error(`Cannot use ${flag} ${text}`);
  return match.slice(1).map(Number);
}
