import { smoothstep } from "../exact_math.ts";
import { drawCar } from "../models/car_model.ts";
import { drawCyclist } from "../models/cyclist_model.ts";
import type { Model, Motion } from "../models/model.ts";
import { drawPerson } from "../models/person_model.ts";
import { drawTractor } from "../models/tractor_model.ts";
import { drawVan } from "../models/van_model.ts";
import { Dice, hash2, hash3, unit } from "../random.ts";
import type { Place } from "../raster/object_projector.ts";
import { pavementDepth } from "../scene/ground_paint.ts";
import { type StreetPlan, ZEBRA_M } from "../scene/street_plan.ts";
import { Lane, type LaneUser, placeUser } from "./lane.ts";
import type { PathPoint } from "./path.ts";
import { ROUND_S, Signals } from "./signals.ts";
import { planLanes } from "./street_lanes.ts";

/** Classes that every street has, in the order of their indices. */
export const STREET_CLASSES = ["car", "van", "bicycle", "pedestrian"] as const;
/** Classes that appear only where they are asked for. */
export const NEW_CLASSES = ["tractor"] as const;

/** A class of objects in the world. */
export type WorldClass = typeof STREET_CLASSES[number] | typeof NEW_CLASSES[number];

/** A class that appears from a time on, among the vehicles. */
export interface Newcomer {
  readonly className: typeof NEW_CLASSES[number];
  readonly fromS: number;
}

/** One object of the world at one moment. */
export interface Actor {
  /** Names it as long as the world lasts. */
  readonly id: number;
  readonly className: WorldClass;
  readonly place: Place;
  readonly motion: Motion;
}

/** Identities of a lane's users: `lane + number · LANES_MAX`, from a number that is never reached. */
const LANES_MAX = 32;
const NUMBER_OFFSET = 64;
const PARKED_LANE = LANES_MAX - 1;
const STANDING_LANE = LANES_MAX - 2;
const BAY_M = 6;
/** One in this many vehicles that come is of a new class. */
const NEWCOMER_EVERY = 3;
const MODELS_MAX = 512;

/** Everybody in a street: who is where at any moment, and what they look like. */
export class Cast {
  /** The traffic lights. */
  readonly signals: Signals;
  /** Names of the classes that can occur, in the order of their indices. */
  readonly classNames: readonly WorldClass[];
  /** All lanes. */
  readonly lanes: readonly Lane[];
  readonly #plan: StreetPlan;
  readonly #newcomers: readonly Newcomer[];
  readonly #still: readonly Actor[];
  readonly #models = new Map<number, Model>();
  readonly #point: PathPoint = { x: 0, y: 0, headingX: 0, headingY: 1 };

  /** Casts a street; `density` 1 is the usual traffic. */
  constructor(plan: StreetPlan, density: number, newcomers: readonly Newcomer[]) {
    this.#plan = plan;
    this.#newcomers = newcomers;
    this.classNames = classNamesWith(newcomers);
    this.signals = new Signals(unit(hash2(plan.seed, 0x516)) * ROUND_S);
    this.lanes = planLanes(plan, density).map((lane) =>
      new Lane(lane, this.signals, hash3(plan.seed, 0x7aff1c, lane.index))
    );
    this.#still = [...parkVehicles(plan, density), ...standPeople(plan, density)];
  }

  /** Everybody in the street at a time in seconds, in no order. */
  actorsAt(seconds: number): Actor[] {
    const actors: Actor[] = this.#still.map((actor) => ({
      ...actor,
      motion: { ...actor.motion, seconds },
    }));
    for (const lane of this.lanes) {
      for (const user of lane.usersAt(seconds)) actors.push(this.#actor(lane, user, seconds));
    }
    return actors;
  }

  /**
   * What an actor looks like; `rain` gives some of the walkers umbrellas, `coarse` leaves out what
   * is too fine for a small picture.
   */
  modelOf(actor: Actor, options: { readonly rain: boolean; readonly coarse: boolean }): Model {
    const rain = options.rain && actor.className === "pedestrian";
    const key = 4 * actor.id + (rain ? 2 : 0) + (options.coarse ? 1 : 0);
    const known = this.#models.get(key);
    if (known !== undefined) return known;
    if (this.#models.size >= MODELS_MAX) {
      // The oldest goes; it is drawn again, the same, if it is still needed.
      const [oldest] = this.#models.keys();
      this.#models.delete(oldest!);
    }
    const dice = new Dice(hash3(this.#plan.seed, 0x100c, actor.id));
    const model = drawModel(actor.className, dice, rain, options.coarse);
    this.#models.set(key, model);
    return model;
  }

  /** Whether an actor stands in a parking bay. */
  isParked(actor: Actor): boolean {
    return (actor.id - 1) % LANES_MAX === PARKED_LANE;
  }

  #actor(lane: Lane, user: LaneUser, seconds: number): Actor {
    const point = this.#point;
    const { path, index, kind } = lane.plan;
    placeUser(point, path, user);
    const depth = pavementDepth(this.#plan, point.x, point.y);
    const z = kind === "walkers" ? this.#plan.kerbZM * smoothstep(-0.12, 0.12, depth) : 0;
    return {
      id: index + 1 + (user.number + NUMBER_OFFSET) * LANES_MAX,
      className: this.#classOf(lane, user),
      place: { x: point.x, y: point.y, z, headingX: point.headingX, headingY: point.headingY },
      motion: { distanceM: user.wayM, speedMps: user.speedMps, seconds },
    };
  }

  #classOf(lane: Lane, { number, enteredS }: LaneUser): WorldClass {
    const { kind, index } = lane.plan;
    if (kind === "walkers") return "pedestrian";
    if (kind === "bikes") return "bicycle";
    for (const { className, fromS } of this.#newcomers) {
      if (enteredS >= fromS && (number + index) % NEWCOMER_EVERY === 0) return className;
    }
    const share = unit(hash3(this.#plan.seed, 0xc1a55 + index, number));
    if (kind === "sideRoad" && share > 0.8) return "bicycle";
    return share < 0.28 ? "van" : "car";
  }
}

/** The classes of a street into which some new ones come, in the order of their indices. */
export function classNamesWith(
  added: readonly { readonly className: WorldClass }[],
): readonly WorldClass[] {
  const isAdded = (name: WorldClass): boolean => added.some(({ className }) => className === name);
  return [...STREET_CLASSES, ...NEW_CLASSES.filter(isAdded)];
}

function drawModel(className: WorldClass, dice: Dice, rain: boolean, coarse: boolean): Model {
  switch (className) {
    case "car":
      return drawCar(dice, coarse);
    case "van":
      return drawVan(dice, coarse);
    case "bicycle":
      return drawCyclist(dice, coarse);
    case "pedestrian":
      return drawPerson(dice, { rain, coarse });
    case "tractor":
      return drawTractor(dice, coarse);
  }
}

/** Cars and vans in the parking bays. */
function parkVehicles(plan: StreetPlan, density: number): Actor[] {
  const dice = new Dice(hash2(plan.seed, 0x9a2c));
  const actors: Actor[] = [];
  const [near, far] = plan.junction.zebraYM;
  for (const side of [-1, 1] as const) {
    const index = side < 0 ? 0 : 1;
    const width = plan.parkingM[index];
    const full = dice.between(0.18, 0.5) * Math.min(1.6, density);
    for (let bay = -3; bay < 16; bay++) {
      const y = (bay + 0.5) * BAY_M;
      const taken = dice.chance(full);
      const shift = dice.between(-0.15, 0.15);
      const isVan = dice.chance(0.18);
      const atJunction = y > near - 14 && y < far + ZEBRA_M + 14;
      if (!taken || width === 0 || atJunction) continue;
      const heading = side * plan.driveSide;
      const x = side * (plan.kerbXM[index] - width / 2) + shift;
      actors.push(stillActor(PARKED_LANE, actors.length, isVan ? "van" : "car", {
        x,
        y: y + dice.between(-0.2, 0.2),
        z: 0,
        headingX: 0,
        headingY: heading,
      }));
    }
  }
  return actors;
}

/** People who stand about: in front of shops, in pairs, at the kerb. */
function standPeople(plan: StreetPlan, density: number): Actor[] {
  const dice = new Dice(hash2(plan.seed, 0x57a9d));
  const actors: Actor[] = [];
  const groups = density === 0 ? 0 : dice.whole(0, 2) + (density > 1.2 ? 1 : 0);
  for (let group = 0; group < groups; group++) {
    const side = dice.pick([-1, 1] as const);
    const index = side < 0 ? 0 : 1;
    const free = plan.houseXM[index] - plan.kerbXM[index];
    const x = side * (plan.houseXM[index] - Math.min(0.7, free * 0.16));
    const [near] = plan.junction.zebraYM;
    const y = dice.chance(0.6) ? dice.between(10, near - 3) : dice.between(near + 24, near + 50);
    const turn = dice.pick([[0, 1], [0, -1], [-side, 0]] as const);
    const pair = dice.chance(0.5);
    actors.push(stillActor(STANDING_LANE, actors.length, "pedestrian", {
      x,
      y,
      z: plan.kerbZM,
      headingX: turn[0],
      headingY: turn[1],
    }));
    if (!pair) continue;
    actors.push(stillActor(STANDING_LANE, actors.length, "pedestrian", {
      x: x - side * 0.05 + turn[0] * 0.85,
      y: y + (turn[1] === 0 ? 0.1 : turn[1] * 0.85),
      z: plan.kerbZM,
      headingX: -turn[0],
      headingY: -turn[1],
    }));
  }
  return actors;
}

function stillActor(lane: number, index: number, className: WorldClass, place: Place): Actor {
  return {
    id: lane + 1 + index * LANES_MAX,
    className,
    place,
    motion: { distanceM: index * 0.37, speedMps: 0, seconds: 0 },
  };
}
