import process from "node:process";
import { FoveaError } from "../core/errors.ts";

/** Most leaks that are remembered; more are only counted in warnings. */
const LEAKS_MAX = 100;

const live = new Map<string, number>();
const leaks: string[] = [];
const watcher = new FinalizationRegistry<string>(reportLeak);

/**
 * Owns one pointer of a native library and frees it exactly once.
 *
 * A handle that is collected before it was disposed is a leak: it is reported as a process warning
 * and kept in {@linkcode leakedHandles}. It is not freed then, because objects are collected in
 * any order and native ones must go in theirs.
 */
export class NativeHandle implements Disposable {
  /** What the pointer is, as the library calls it. */
  readonly kind: string;
  readonly #free: (pointer: Deno.PointerObject) => void;
  #pointer: Deno.PointerValue;

  /**
   * Takes the pointer over.
   *
   * @param free Gives it back to the library; called once.
   */
  constructor(
    kind: string,
    pointer: Deno.PointerObject,
    free: (pointer: Deno.PointerObject) => void,
  ) {
    this.kind = kind;
    this.#free = free;
    this.#pointer = pointer;
    live.set(kind, (live.get(kind) ?? 0) + 1);
    watcher.register(this, kind, this);
  }

  /**
   * The pointer.
   *
   * @throws {FoveaError} `DISPOSED` if it was freed.
   */
  get pointer(): Deno.PointerObject {
    if (this.#pointer !== null) return this.#pointer;
    throw new FoveaError("DISPOSED", `Cannot use the ${this.kind}: it is disposed`);
  }

  /** Frees the pointer; does nothing from the second time on. */
  [Symbol.dispose](): void {
    const pointer = this.#release();
    if (pointer !== null) this.#free(pointer);
  }

  /** Gives the pointer up without freeing it, where native code may still use it. */
  abandon(): void {
    this.#release();
  }

  #release(): Deno.PointerValue {
    const pointer = this.#pointer;
    if (pointer === null) return null;
    this.#pointer = null;
    watcher.unregister(this);
    forget(this.kind);
    return pointer;
  }
}

/** How many handles this isolate holds, by kind; kinds without any are left out. */
export function liveHandles(): ReadonlyMap<string, number> {
  return new Map(live);
}

/** Kinds of the handles that were collected without being freed, oldest first, at most 100. */
export function leakedHandles(): readonly string[] {
  return [...leaks];
}

function forget(kind: string): void {
  const count = (live.get(kind) ?? 1) - 1;
  if (count === 0) live.delete(kind);
  else live.set(kind, count);
}

function reportLeak(kind: string): void {
  forget(kind);
  if (leaks.length < LEAKS_MAX) leaks.push(kind);
  process.emitWarning(`A ${kind} was collected without being disposed`, {
    type: "NativeHandleLeak",
    detail: "Dispose what holds native memory, for example with `await using`",
  });
}
