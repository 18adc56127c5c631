import { hash3, unit } from "../random.ts";
import type { Path, PathPoint } from "./path.ts";
import { ROUND_S, type Signals, type Stream } from "./signals.ts";

/** What a lane is for. */
export type LaneKind = "road" | "sideRoad" | "bikes" | "walkers";

/** A lane: a path, who uses it how often, and where it is stopped. */
export interface LanePlan {
  /** Place among the lanes of the street. */
  readonly index: number;
  readonly kind: LaneKind;
  readonly path: Path;
  /** Mean time between two users in seconds. */
  readonly headwayS: number;
  /** Slowest and fastest free speed, in metres a second. */
  readonly speedMps: readonly [number, number];
  /** Way to where its users stop, with the stream they belong to; `null` if nothing stops them. */
  readonly stop: { readonly wayM: number; readonly stream: Stream } | null;
  /** How far users stray to either side, in metres. */
  readonly strayM: number;
}

/** One user of a lane at one moment. */
export interface LaneUser {
  /** Its number in the lane; smaller ones came earlier. May be negative. */
  readonly number: number;
  /** When it came to the lane's beginning, in seconds. */
  readonly enteredS: number;
  /** How far it has come, in metres. */
  readonly wayM: number;
  /** How fast it is. */
  readonly speedMps: number;
  /** Distance from the middle of the lane; positive to the left. */
  readonly strayM: number;
}

/** Time by which a user follows the one before it, in seconds. */
const FOLLOW_S = 1.1;
/** Motion is the mean over this time to both sides, so that nothing starts or stops at once. */
const SMOOTH_S = 1.6;
const TAPS = 9;
/** Space that users take with the gap to the next one, standing, in metres. */
const SPACE_M: Readonly<Record<LaneKind, number>> = {
  road: 7.4,
  sideRoad: 7.4,
  bikes: 2.4,
  walkers: 0.95,
};
/** How far before a stop the middle of a user stands. */
const STAND_OFF_M: Readonly<Record<LaneKind, number>> = {
  road: 3.3,
  sideRoad: 3.3,
  bikes: 1.2,
  walkers: 0.3,
};
/** Share of a headway by which users come early or late. */
const JITTER = 0.6;

/** What is known about a user before anybody moves. */
interface Schedule {
  readonly number: number;
  readonly enteredS: number;
  readonly speedMps: number;
  /** When it passes the stop if nobody is before it; and when it would get there. */
  readonly reachS: number;
  readonly releaseS: number;
}

/**
 * The traffic of one lane as a function of time: who is where can be asked for any moment, without
 * those before it.
 *
 * Users come at given times with speeds of their own and stop at red. Each follows the one before
 * it as in Newell's car-following model (2002): it is where it would be alone, or where its leader
 * was a moment ago less the space between them, whichever is less. Unrolled over all leaders that
 * is a minimum of straight lines. The mean over a few seconds makes it smooth and keeps the order,
 * since a mean of distances that are all long enough is long enough.
 */
export class Lane {
  readonly plan: LanePlan;
  readonly #signals: Signals;
  readonly #seed: number;
  readonly #leaders: number;
  readonly #lifeS: number;
  readonly #schedules = new Map<number, Schedule>();

  /** The traffic of a lane; the same seed gives the same traffic. */
  constructor(plan: LanePlan, signals: Signals, seed: number) {
    this.plan = plan;
    this.#signals = signals;
    this.#seed = seed;
    // Nobody is held up for more than two rounds.
    this.#leaders = Math.ceil(2 * ROUND_S / plan.headwayS);
    this.#lifeS = plan.path.lengthM / plan.speedMps[0] + 2 * ROUND_S;
  }

  /** Everybody who is between the ends of the lane at a time in seconds, the foremost first. */
  usersAt(seconds: number): LaneUser[] {
    const { headwayS, path } = this.plan;
    const first = Math.floor((seconds - this.#lifeS) / headwayS) - 1;
    const last = Math.ceil(seconds / headwayS) + 1;
    this.#forget(first - this.#leaders - 2);
    const users: LaneUser[] = [];
    for (let number = first; number <= last; number++) {
      const { enteredS } = this.#schedule(number);
      if (enteredS > seconds + SMOOTH_S) continue;
      let sum = 0;
      let early = 0;
      let late = 0;
      for (let tap = 0; tap < TAPS; tap++) {
        const way = this.#wayOf(number, seconds + SMOOTH_S * (2 * tap / (TAPS - 1) - 1));
        sum += way;
        if (tap === 0) early = way;
        late = way;
      }
      const wayM = sum / TAPS;
      if (wayM < 0 || wayM > path.lengthM) continue;
      users.push({
        number,
        enteredS,
        wayM,
        speedMps: (late - early) / (2 * SMOOTH_S),
        strayM: (2 * this.#unit(number, 2) - 1) * this.plan.strayM,
      });
    }
    return users;
  }

  /** Where a user is without smoothing: the least of what its leaders leave it. */
  #wayOf(number: number, seconds: number): number {
    const space = SPACE_M[this.plan.kind];
    let way = Infinity;
    for (let ahead = 0; ahead <= this.#leaders; ahead++) {
      const free = this.#freeWay(this.#schedule(number - ahead), seconds - ahead * FOLLOW_S);
      way = Math.min(way, free - ahead * space);
    }
    return way;
  }

  /** Where a user would be if it were alone. */
  #freeWay(schedule: Schedule, seconds: number): number {
    const { enteredS, speedMps, reachS, releaseS } = schedule;
    const free = speedMps * (seconds - enteredS);
    if (seconds <= reachS || releaseS === reachS) return free;
    const stopM = speedMps * (reachS - enteredS);
    return seconds < releaseS ? stopM : stopM + speedMps * (seconds - releaseS);
  }

  #schedule(number: number): Schedule {
    const known = this.#schedules.get(number);
    if (known !== undefined) return known;
    const { headwayS, speedMps, stop, kind } = this.plan;
    const enteredS = (number + JITTER * this.#unit(number, 0)) * headwayS;
    const speed = speedMps[0] + (speedMps[1] - speedMps[0]) * this.#unit(number, 1);
    const reachS = stop === null ? Infinity : enteredS + (stop.wayM - STAND_OFF_M[kind]) / speed;
    const releaseS = stop === null ? Infinity : this.#signals.nextGreen(stop.stream, reachS);
    const schedule = { number, enteredS, speedMps: speed, reachS, releaseS };
    this.#schedules.set(number, schedule);
    return schedule;
  }

  /** Keeps the table of schedules small on long runs. */
  #forget(before: number): void {
    if (this.#schedules.size < 512) return;
    for (const number of this.#schedules.keys()) {
      if (number < before) this.#schedules.delete(number);
    }
    if (this.#schedules.size >= 512) this.#schedules.clear();
  }

  #unit(number: number, what: number): number {
    return unit(hash3(this.#seed, number, what));
  }
}

/** Where a user of a lane is on the ground. */
export function placeUser(out: PathPoint, path: Path, user: LaneUser): void {
  path.placeInto(out, user.wayM);
  out.x -= out.headingY * user.strayM;
  out.y += out.headingX * user.strayM;
}
