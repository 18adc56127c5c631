import { FoveaError } from "../core/errors.ts";
import { findJsonFault } from "./json_fault.ts";

/** Where annotations or detections come from: the text of a file, or what was parsed from it. */
export type CocoSource = string | object;

/** How a source is called in messages. */
export interface CocoFileOptions {
  /** Its name, for example the path of the file. */
  readonly label?: string;
}

/** Longest piece of a file that a message quotes, in characters. */
const QUOTED_CHARS_MAX = 60;

/** Reads values out of a COCO file and says where it is wrong. */
export class CocoFile {
  readonly #label: string;
  readonly #code: "ANNOTATIONS_INVALID" | "DETECTIONS_INVALID";

  /** A file called `label`; its faults are errors with this code. */
  constructor(code: "ANNOTATIONS_INVALID" | "DETECTIONS_INVALID", label: string) {
    this.#label = label;
    this.#code = code;
  }

  /** An error about this file. */
  error(reason: string, hint: string | null = null): FoveaError {
    return new FoveaError(
      this.#code,
      `Cannot read ${this.#label}: ${reason}`,
      hint === null ? {} : { hint },
    );
  }

  /** The error for a value that is not what must stand at `place`. */
  wrong(place: string, expected: string, found: unknown, hint: string | null = null): FoveaError {
    const where = place === "" ? "" : `${place}: `;
    return this.error(`${where}expected ${expected}, found ${quote(found)}`, hint);
  }

  /**
   * What a source holds.
   *
   * @throws {FoveaError} The file's code, if it is text but not JSON, with the place.
   */
  parse(source: CocoSource): unknown {
    if (typeof source !== "string") return source;
    if (source.trim() === "") throw this.error("it is empty");
    try {
      return JSON.parse(source);
    } catch (cause) {
      const fault = findJsonFault(source);
      if (fault === null) throw this.error(String(cause));
      const { place, line, column, reason } = fault;
      const where = place === "" ? "" : ` in ${place}`;
      throw this.error(
        `it is not JSON: ${reason}${where} (line ${line}, column ${column})`,
        hintFor(reason),
      );
    }
  }

  /** The list `record[key]` of an object. */
  list(record: unknown, key: string): readonly unknown[] {
    if (!isRecord(record)) throw this.wrong("", "an object", record);
    const value = record[key];
    if (!Array.isArray(value)) throw this.wrong(key, "a list", value);
    return value;
  }

  /** Checks that a list's item is an object. */
  record(value: unknown, list: string, index: number): Record<string, unknown> {
    if (isRecord(value)) return value;
    throw this.wrong(`${list}[${index}]`, "an object", value);
  }

  /** A whole number of a list's item. */
  id(record: Record<string, unknown>, list: string, index: number, key: string): number {
    const value = record[key];
    if (Number.isSafeInteger(value)) return value as number;
    throw this.wrong(`${list}[${index}].${key}`, "a whole number", value);
  }

  /** The number of an object over time, `NaN` where the item states none. */
  trackId({ track_id: value }: Record<string, unknown>): number {
    return Number.isSafeInteger(value) ? value as number : NaN;
  }

  /** Writes a list's item's box, `[x, y, width, height]`, into `out` at `offset`. */
  readBox(
    record: Record<string, unknown>,
    list: string,
    index: number,
    out: Float64Array,
    offset: number,
  ): void {
    const box = record.bbox;
    if (isBox(box)) {
      out.set(box, offset);
      return;
    }
    throw this.wrong(
      `${list}[${index}].bbox`,
      "[x, y, width, height] in pixels, finite, width and height not below 0",
      box,
    );
  }
}

/** Whether a value is an object and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBox(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length === 4 && value.every(Number.isFinite) &&
    value[2] >= 0 && value[3] >= 0;
}

function hintFor(reason: string): string | null {
  if (reason.includes("ends too early")) return "The file is not whole; copy or write it again";
  return /NaN|Inf/.test(reason)
    ? "JSON has no such number; write null, or leave the record out"
    : null;
}

/** A value in few words: small ones as JSON, others by what they are. */
function quote(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  if (isRecord(value)) {
    const keys = Object.keys(value);
    return keys.length === 0 ? "{}" : shorten(`an object with ${keys.slice(0, 9).join(", ")}`);
  }
  if (Array.isArray(value) && value.length > 8) return `a list of ${value.length} items`;
  return shorten(JSON.stringify(value, nameNumbers) ?? typeof value);
}

function shorten(text: string): string {
  return text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text;
}

/** Numbers that JSON does not have, by their names. */
function nameNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
