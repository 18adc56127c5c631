import { Dice, hash2 } from "../random.ts";
import { STOP_GAP_M } from "../scene/road_markings.ts";
import { STREET_END_M, type StreetPlan, ZEBRA_M } from "../scene/street_plan.ts";
import type { LaneKind, LanePlan } from "./lane.ts";
import { Path } from "./path.ts";

/** Where the lanes begin behind the camera, and end, along the street in metres. */
const BEHIND_M = -34;
const END_M = STREET_END_M - 14;
/** How far lanes reach into the side street, from the middle of the main one. */
const SIDE_M = 66;
/** Radius in which walkers turn. */
const TURN_M = 0.9;
/** How deep doors lie: walkers begin and end inside houses. */
const INSIDE_M = 0.9;
/** Shortest mean headway in seconds: what the green light lets through in every round. */
const HEADWAY_MIN_S: Readonly<Record<LaneKind, number>> = {
  road: 6.2,
  sideRoad: 11,
  bikes: 3.5,
  walkers: 4,
};

/** Lays all lanes of a street: for cars, bicycles and walkers. */
export function planLanes(plan: StreetPlan, density: number): LanePlan[] {
  if (density === 0) return [];
  const planner = new LanePlanner(plan, density);
  planner.mainStreet();
  planner.sideStreet();
  planner.pavements();
  planner.zebras();
  return planner.lanes;
}

class LanePlanner {
  readonly lanes: LanePlan[] = [];
  readonly #plan: StreetPlan;
  readonly #density: number;
  readonly #dice: Dice;

  constructor(plan: StreetPlan, density: number) {
    this.#plan = plan;
    this.#density = density;
    this.#dice = new Dice(hash2(plan.seed, 0x1a9e5));
  }

  /** Cars and bicycles along the street, in both directions. */
  mainStreet(): void {
    const { lanes, laneM, bikeM, driveSide, junction } = this.#plan;
    const [near, far] = junction.zebraYM;
    for (const heading of [1, -1] as const) {
      const side = driveSide * heading;
      const [from, to] = heading > 0 ? [BEHIND_M, END_M] : [END_M, BEHIND_M];
      const stopY = heading > 0 ? near - 0.9 : far + ZEBRA_M + 0.9;
      const stop = { wayM: Math.abs(stopY - from), stream: "main" } as const;
      for (let lane = 0; lane < lanes; lane++) {
        const x = side * laneM * (lane + 0.5);
        const limit = this.#dice.between(8.5, 11.5);
        this.#add("road", [[x, from], [x, to]], { headwayS: 13 * lanes, stop, strayM: 0.18 }, [
          limit,
          limit * 1.3,
        ]);
      }
      const x = side * (lanes * laneM + bikeM / 2);
      this.#add("bikes", [[x, from], [x, to]], { headwayS: 30, stop, strayM: 0.18 }, [3.8, 6.4]);
    }
  }

  /** Cars, and now and then a bicycle, through the side street. */
  sideStreet(): void {
    const { junction, driveSide, houseXM } = this.#plan;
    for (const heading of [1, -1] as const) {
      const y = junction.yM - driveSide * heading * junction.halfM / 2;
      const start = heading > 0 ? -SIDE_M : SIDE_M;
      const stopX = heading > 0 ? -houseXM[0] - STOP_GAP_M : houseXM[1] + STOP_GAP_M;
      const stop = { wayM: Math.abs(stopX - start), stream: "side" } as const;
      this.#add("sideRoad", [[start, y], [-start, y]], { headwayS: 17, stop, strayM: 0.15 }, [
        6.5,
        9,
      ]);
    }
  }

  /** Walkers along both pavements, in both directions. */
  pavements(): void {
    const { junction, kerbXM, houseXM } = this.#plan;
    for (const side of [-1, 1] as const) {
      const index = side < 0 ? 0 : 1;
      const free = houseXM[index] - kerbXM[index];
      for (const heading of [1, -1] as const) {
        const share = heading === side ? 0.78 : 0.5;
        const x = side * (kerbXM[index] + Math.max(1.6, free * share));
        const door = side * (houseXM[index] + INSIDE_M);
        const doorY = this.#dice.between(44, 66);
        const far: readonly [number, number][] = [[x, doorY], [door, doorY]];
        const points: (readonly [number, number])[] = [[x, BEHIND_M], ...far];
        if (heading < 0) points.reverse();
        const stopY = junction.yM - heading * (junction.halfM + 0.5);
        const start = heading > 0 ? BEHIND_M : doorY;
        const indoors = heading > 0 ? 0 : Math.abs(door - x) - 0.43 * TURN_M;
        const stop = {
          wayM: Math.abs(stopY - start) + indoors,
          stream: "walkAcrossSide",
        } as const;
        this.#add("walkers", points, { headwayS: 85, stop, strayM: 0.32 }, [1.05, 1.6]);
      }
    }
  }

  /** Walkers who come out of a house, cross at a zebra and go into one on the other side. */
  zebras(): void {
    const { junction, kerbXM, houseXM } = this.#plan;
    junction.zebraYM.forEach((start, zebra) => {
      const away = zebra === 0 ? -1 : 1;
      for (const side of [-1, 1] as const) {
        const y = start + ZEBRA_M * (side < 0 ? 0.32 : 0.68);
        const walk = (s: -1 | 1): { x: number; door: number; kerb: number } => {
          const index = s < 0 ? 0 : 1;
          const free = houseXM[index] - kerbXM[index];
          return {
            x: s * (kerbXM[index] + Math.max(1.7, free * 0.62)),
            door: s * (houseXM[index] + INSIDE_M),
            kerb: s * kerbXM[index],
          };
        };
        const from = walk(side);
        const to = walk(side < 0 ? 1 : -1);
        const fromY = y + away * this.#dice.between(4, 9);
        const toY = y + away * this.#dice.between(4, 12);
        const points: (readonly [number, number])[] = [
          [from.door, fromY],
          [from.x, fromY],
          [from.x, y],
          [to.x, y],
          [to.x, toY],
          [to.door, toY],
        ];
        // Each rounded corner is a little shorter than its two legs.
        const wayM = Math.abs(from.door - from.x) + Math.abs(fromY - y) +
          Math.abs(from.x - from.kerb) - 2 * 0.43 * TURN_M - 0.35;
        const stop = { wayM, stream: "walkAcrossMain" } as const;
        this.#add("walkers", points, { headwayS: 100, stop, strayM: 0.5 }, [1.35, 1.75]);
      }
    });
  }

  #add(
    kind: LaneKind,
    points: readonly (readonly [number, number])[],
    rest: {
      readonly headwayS: number;
      readonly stop: LanePlan["stop"];
      readonly strayM: number;
    },
    speedMps: readonly [number, number],
  ): void {
    const busy = this.#dice.between(0.75, 1.25) * this.#density;
    this.lanes.push({
      index: this.lanes.length,
      kind,
      path: new Path(points, kind === "walkers" ? TURN_M : 0),
      speedMps,
      ...rest,
      headwayS: Math.max(HEADWAY_MIN_S[kind], rest.headwayS / busy),
    });
  }
}
