import { FoveaError } from "../core/errors.ts";
import { NativeHandle } from "./native_handle.ts";

const CLOCK_MONOTONIC = 1;
/** Calls a function on a thread of its own when the timer expires. */
const SIGEV_THREAD = 2;

/** `struct sigevent` on 64-bit Linux: value, signal, kind, function, attributes. */
const SIGEVENT_BYTES = 64;
const SIGEVENT_VALUE = 0;
const SIGEVENT_NOTIFY = 12;
const SIGEVENT_FUNCTION = 16;
/** `struct itimerspec`: the interval and the time left, each as seconds and nanoseconds. */
const ITIMERSPEC_WORDS = 4;
const LEFT_SECONDS = 2;
const LEFT_NANOSECONDS = 3;

const SYMBOLS = {
  // int timer_create(clockid_t clock, struct sigevent* event, timer_t* timer)
  timer_create: { parameters: ["i32", "buffer", "buffer"], result: "i32", optional: true },
  // int timer_settime(timer_t timer, int flags, const struct itimerspec* next, struct itimerspec* old)
  timer_settime: {
    parameters: ["pointer", "i32", "buffer", "buffer"],
    result: "i32",
    optional: true,
  },
  // int timer_gettime(timer_t timer, struct itimerspec* now)
  timer_gettime: { parameters: ["pointer", "buffer"], result: "i32", optional: true },
  // int timer_delete(timer_t timer)
  timer_delete: { parameters: ["pointer"], result: "i32", optional: true },
} as const;

/** Where the functions are: in the C library since glibc 2.34, before that in a library beside it. */
const LIBRARIES = ["libc.so.6", "librt.so.1"] as const;

type TimerSymbols = {
  readonly [Name in keyof typeof SYMBOLS]: NonNullable<
    Deno.DynamicLibrary<typeof SYMBOLS>["symbols"][Name]
  >;
};

/**
 * A timer of the system that calls a native function on a native thread, also while this thread is
 * inside native code and no timer of JavaScript could fire.
 */
export class PosixTimer implements Disposable {
  readonly #symbols: TimerSymbols;
  readonly #handle: NativeHandle;
  readonly #stack: DisposableStack;
  readonly #delay = new BigInt64Array(ITIMERSPEC_WORDS);
  readonly #never = new BigInt64Array(ITIMERSPEC_WORDS);
  readonly #left = new BigInt64Array(ITIMERSPEC_WORDS);

  /**
   * Makes a timer that is not running.
   *
   * @param delayMs How long after {@linkcode arm} it expires, in milliseconds, more than 0.
   * @param callback Address of a `void (*)(void*)`. It may still be called a moment after
   * {@linkcode disarm} told that the timer expired.
   * @param argument What it is called with.
   * @throws {FoveaError} `ENGINE_OPTION` if this system has no such timers.
   */
  constructor(delayMs: number, callback: Deno.PointerObject, argument: Deno.PointerObject) {
    const { library, symbols } = openTimers();
    using stack = new DisposableStack();
    stack.defer(() => library.close());
    this.#symbols = symbols;
    const nanoseconds = BigInt(Math.ceil(delayMs * 1e6));
    this.#delay[LEFT_SECONDS] = nanoseconds / 1_000_000_000n;
    this.#delay[LEFT_NANOSECONDS] = nanoseconds % 1_000_000_000n;
    this.#handle = stack.use(createTimer(symbols, callback, argument));
    this.#stack = stack.move();
  }

  /** Starts the time from its beginning. */
  arm(): void {
    this.#symbols.timer_settime(this.#handle.pointer, 0, this.#delay, null);
  }

  /** Whether it expired since it was armed. */
  get expired(): boolean {
    this.#symbols.timer_gettime(this.#handle.pointer, this.#left);
    return this.#isOver();
  }

  /** Stops the timer; returns whether it had expired since it was armed. */
  disarm(): boolean {
    this.#symbols.timer_settime(this.#handle.pointer, 0, this.#never, this.#left);
    return this.#isOver();
  }

  #isOver(): boolean {
    return this.#left[LEFT_SECONDS] === 0n && this.#left[LEFT_NANOSECONDS] === 0n;
  }

  /** Ends the timer. */
  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

function openTimers() {
  for (const name of LIBRARIES) {
    let library: Deno.DynamicLibrary<typeof SYMBOLS>;
    try {
      library = Deno.dlopen(name, SYMBOLS);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      continue;
    }
    const { symbols } = library;
    if (hasAll(symbols)) return { library, symbols };
    library.close();
  }
  throw new FoveaError("ENGINE_OPTION", "Cannot end a run in time: this system has no timers", {
    hint: "Leave runTimeoutMs out; it needs Linux with glibc",
  });
}

function hasAll(
  symbols: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"],
): symbols is TimerSymbols {
  return Object.values(symbols).every((symbol) => symbol !== null);
}

function createTimer(
  symbols: TimerSymbols,
  callback: Deno.PointerObject,
  argument: Deno.PointerObject,
): NativeHandle {
  const event = new DataView(new ArrayBuffer(SIGEVENT_BYTES));
  event.setBigUint64(SIGEVENT_VALUE, Deno.UnsafePointer.value(argument), true);
  event.setInt32(SIGEVENT_NOTIFY, SIGEV_THREAD, true);
  event.setBigUint64(SIGEVENT_FUNCTION, Deno.UnsafePointer.value(callback), true);
  // The id is an address or a small number, and C takes it back as it is.
  const id = new BigUint64Array(1);
  if (symbols.timer_create(CLOCK_MONOTONIC, event.buffer, id) !== 0) {
    throw new FoveaError("ENGINE_OPTION", "Cannot end a run in time: no timer can be made", {
      hint: "Raise the limit of pending signals (ulimit -i), or leave runTimeoutMs out",
    });
  }
  const pointer = Deno.UnsafePointer.create(id[0]!)!;
  return new NativeHandle("timer", pointer, (timer) => symbols.timer_delete(timer));
}
