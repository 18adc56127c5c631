/** What can go wrong with the weather or the camera. */
export const WEATHER_KINDS = ["night", "fog", "rain", "blur", "noise", "dirt", "moved"] as const;

/** A kind of weather; `blur`, `noise`, `dirt` and `moved` befall the camera itself. */
export type WeatherKind = typeof WEATHER_KINDS[number];

/** How bad it is: 1 is slight, 3 hurts a detector, 4 leaves little to be seen. */
export type Severity = 1 | 2 | 3 | 4;

/** A change of the weather at a frame. */
export interface WeatherChange {
  /** What changes. */
  readonly kind: WeatherKind;
  /** How bad it is from then on; 0 where it is over. */
  readonly severity: 0 | Severity;
  /** First frame of it. */
  readonly fromFrame: number;
}

/** How bad each kind is at one moment; 0 where it is not there at all. */
export type WeatherLevels = Readonly<Record<WeatherKind, 0 | Severity>>;

/** The weather at a frame: of each kind the latest change up to it. */
export function weatherAt(changes: readonly WeatherChange[], frame: number): WeatherLevels {
  const levels: Record<WeatherKind, 0 | Severity> = {
    night: 0,
    fog: 0,
    rain: 0,
    blur: 0,
    noise: 0,
    dirt: 0,
    moved: 0,
  };
  const since = new Map<WeatherKind, number>();
  for (const { kind, severity, fromFrame } of changes) {
    if (fromFrame > frame || fromFrame < (since.get(kind) ?? 0)) continue;
    since.set(kind, fromFrame);
    levels[kind] = severity;
  }
  return levels;
}
