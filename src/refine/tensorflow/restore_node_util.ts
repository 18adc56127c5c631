/** Functions that `@tensorflow/tfjs-node` 4.22 calls and that have left `node:util`, or may. */
const FUNCTIONS: Readonly<Record<string, (value: unknown) => boolean>> = {
  isArray: Array.isArray,
  isNullOrUndefined(value) {
    return value === null || value === undefined;
  },
};

/**
 * Puts the functions back into `node:util` that TensorFlow.js for Node calls, and only those that
 * are not there any more. Node removed them in version 23, and Deno with it.
 *
 * @param util The default export of `node:util`, which is the object that `require` gives.
 * @returns Names of what was put back.
 */
export function restoreNodeUtil(util: object): string[] {
  const missing = Object.entries(FUNCTIONS).filter(([name]) =>
    typeof Reflect.get(util, name) !== "function"
  );
  for (const [name, value] of missing) {
    Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
  return missing.map(([name]) => name);
}
