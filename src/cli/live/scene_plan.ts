import { parseCameraUri } from "../../camera/camera_uri.ts";
import type { Degradation } from "../../degrade/degradation.ts";
import type { WeatherChange, WeatherKind, WorldSettings } from "../../world/mod.ts";

/** What is said when something gets worse, when it gets better, and when it is over. */
type Change = readonly [worse: string, better: string, over: string];

const WEATHER_CHANGES: Readonly<Record<WeatherKind, Change>> = {
  night: ["night falls", "it gets lighter", "it is day again"],
  fog: ["fog comes in", "the fog thins", "the fog is gone"],
  rain: ["rain sets in", "the rain eases", "the rain is over"],
  blur: ["the picture blurs", "the picture gets sharper", "the picture is sharp again"],
  noise: ["the sensor gets noisy", "the sensor gets quieter", "the noise is gone"],
  dirt: ["dirt gets on the lens", "the lens gets cleaner", "the lens is clean again"],
  moved: [
    "the camera is knocked aside",
    "the camera moves back",
    "the camera is back in its place",
  ],
};

const DEGRADATION_CHANGES: Readonly<Record<Degradation["kind"], string>> = {
  dark: "it gets dark",
  fog: "fog comes in",
  noise: "the sensor gets noisy",
  blur: "the picture blurs",
  cast: "dusk falls",
  dirt: "dirt gets on the lens",
  geom: "the camera is turned",
  jpeg: "the picture is coded badly",
};

/** What a source is like from some frame on. */
export interface Scene {
  /** What there is, in few words: `clear`, `night:3`, `fog:1 + tractor`. */
  readonly name: string;
  /** What happened at its first frame, in a few words for people; `null` at the start. */
  readonly happened: string | null;
}

/**
 * What is known beforehand about the course of a run: the weather of a drawn world, the new classes
 * in it, and the degradations of any source.
 */
export class ScenePlan {
  readonly #world: WorldSettings | null;
  readonly #degrade: readonly Degradation[];

  /** Reads it from the camera's URI and the degradations that were asked for. */
  constructor(uri: string, degrade: readonly Degradation[]) {
    this.#world = readWorld(uri);
    this.#degrade = degrade;
  }

  /** Whether anything is known, so that there is something to tell. */
  get isKnown(): boolean {
    const { weather = [], newClasses = [] } = this.#world ?? {};
    return weather.length + newClasses.length + this.#degrade.length > 0;
  }

  /**
   * What a frame shows.
   *
   * @param seq Number of the frame: what the world's weather goes by.
   * @param delivered How many frames were delivered before it: what degradations go by.
   * @param before The scene of the frame before; `null` for the first.
   * @returns `before` itself where nothing changed.
   */
  at(seq: number, delivered: number, before: Scene | null): Scene {
    const { weather = [], newClasses = [] } = this.#world ?? {};
    const latest = latestOf(weather, seq);
    const levels = latest.filter(({ severity }) => severity > 0);
    const classes = newClasses.filter(({ fromFrame }) => fromFrame <= seq);
    const degradations = this.#degrade.filter(({ fromFrame = 0 }) => fromFrame <= delivered);
    const parts = [
      ...levels.map(nameOf),
      ...classes.map(({ className }) => className),
      ...degradations.map(nameOf),
    ];
    const name = parts.length === 0 ? "clear" : parts.join(" + ");
    if (name === before?.name) return before;
    if (before === null) return { name, happened: null };
    const known = new Set(before.name.split(" + "));
    const over = latest.filter(({ kind, severity }) =>
      severity === 0 && before.name.split(" + ").some((part) => part.startsWith(`${kind}:`))
    );
    const happened = [
      ...over.map(({ kind }) => WEATHER_CHANGES[kind][2]),
      ...levels.filter((level) => !known.has(nameOf(level)))
        .map(({ kind, severity }) => tell(WEATHER_CHANGES[kind], severity, known, kind)),
      ...classes.filter(({ className }) => !known.has(className))
        .map(({ className }) => `a class never seen before comes in: ${className}`),
      ...degradations.filter((one) => !known.has(nameOf(one)))
        .map(({ kind }) => DEGRADATION_CHANGES[kind]),
    ];
    return { name, happened: happened.join(", ") };
  }
}

function readWorld(uri: string): WorldSettings | null {
  try {
    const parsed = parseCameraUri(uri);
    return parsed.scheme === "synthetic" ? parsed.world : null;
  } catch {
    return null; // Whoever opens it says what is wrong with it.
  }
}

/** The latest change of each kind up to a frame. */
function latestOf(weather: readonly WeatherChange[], seq: number): WeatherChange[] {
  const latest = new Map<WeatherKind, WeatherChange>();
  for (const change of weather) {
    const { kind, fromFrame } = change;
    if (fromFrame <= seq && fromFrame >= (latest.get(kind)?.fromFrame ?? 0)) {
      latest.set(kind, change);
    }
  }
  return [...latest.values()];
}

function nameOf({ kind, severity }: { readonly kind: string; readonly severity: number }): string {
  return `${kind}:${severity}`;
}

/** Says that something got worse or better than it was. */
function tell(
  [worse, better]: Change,
  severity: number,
  known: ReadonlySet<string>,
  kind: string,
): string {
  return [severity + 1, severity + 2, severity + 3].some((more) => known.has(`${kind}:${more}`))
    ? better
    : worse;
}
