import { assertEquals, assertStrictEquals } from "@std/assert";
import { createRequire } from "node:module";
import util from "node:util";
import { restoreNodeUtil } from "./restore_node_util.ts";

Deno.test("restoreNodeUtil() puts back what is missing, and nothing else", () => {
  const isArray = () => false;
  const shrunk = { isArray, promisify() {} };
  assertEquals(restoreNodeUtil(shrunk), ["isNullOrUndefined"]);
  assertStrictEquals(shrunk.isArray, isArray);
  assertEquals(Object.keys(shrunk), ["isArray", "promisify"]);
  assertEquals(restoreNodeUtil(shrunk), []);
});

Deno.test("restoreNodeUtil() gives functions that tell what their names say", () => {
  const shrunk: Record<string, (value: unknown) => boolean> = {};
  assertEquals(restoreNodeUtil(shrunk), ["isArray", "isNullOrUndefined"]);
  const values = [null, undefined, 0, "", [], {}];
  assertEquals(values.filter((value) => shrunk["isNullOrUndefined"]!(value)), [null, undefined]);
  assertEquals(values.filter((value) => shrunk["isArray"]!(value)), [[]]);
});

Deno.test("what restoreNodeUtil() changes is what packages require", () => {
  assertStrictEquals(createRequire(import.meta.url)("util"), util);
});
