/** Thrown by every assertion that does not hold. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions);
}
type ErrorClass<E extends Error = Error> = abstract new (...args: never[]) => E;
type AnyClass<T = unknown> = abstract new (...args: never[]) => T;

export function assert(expr: unknown, msg?: string): asserts expr;
export function assertFalse(
  expr: unknown,
  msg?: string,
): asserts expr is false | 0 | "" | null | undefined;
export function assertEquals<T>(actual: T, expected: NoInfer<T>, msg?: string): void;
export function assertNotEquals<T>(actual: T, expected: NoInfer<T>, msg?: string): void;
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T;
export function assertNotStrictEquals<T>(actual: T, expected: NoInfer<T>, msg?: string): void;
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void;
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;
export function assertGreater<T extends number | bigint | string>(
  actual: T,
  expected: NoInfer<T>,
  msg?: string,
): void;
export function assertGreaterOrEqual<T extends number | bigint | string>(
  actual: T,
  expected: NoInfer<T>,
  msg?: string,
): void;
export function assertLess<T extends number | bigint | string>(
  actual: T,
  expected: NoInfer<T>,
  msg?: string,
): void;
export function assertLessOrEqual<T extends number | bigint | string>(
  actual: T,
  expected: NoInfer<T>,
  msg?: string,
): void;
export function assertStringIncludes(actual: string, expected: string, msg?: string): void;
export function assertMatch(actual: string, expected: RegExp, msg?: string): void;
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void;
export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<NoInfer<T>>,
  msg?: string,
): void;
export function assertObjectMatch(actual: object, expected: object, msg?: string): void;
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: AnyClass<T>,
  msg?: string,
): asserts actual is T;
export function assertNotInstanceOf(actual: unknown, unexpectedType: AnyClass, msg?: string): void;
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: ErrorClass<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E;
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export function equal(a: unknown, b: unknown): boolean;
export function fail(msg?: string): never;
export function unimplemented(msg?: string): never;
export function unreachable(msg?: string): never;
