import * as v from "valibot";
import type { FoveaError } from "../core/errors.ts";

/**
 * Reads text that was kept as JSON and checks what it holds.
 *
 * @param charsMax More characters than this are not what was kept.
 * @param refuse Makes the error from a reason, and what it rests on.
 * @throws {FoveaError} What `refuse` makes, if the text is cut, changed or something else.
 */
export function readKeptJson<T>(
  text: string,
  schema: v.GenericSchema<unknown, T>,
  charsMax: number,
  refuse: (reason: string, cause?: unknown) => FoveaError,
): T {
  if (text.length > charsMax) throw refuse("it is too long to be one");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refuse("it is not whole JSON", cause);
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const { path, message } = parsed.issues[0];
  const where = path?.map(({ key }) => String(key)).join(".") ?? "";
  throw refuse(where === "" ? message : `${where}: ${message}`);
}
