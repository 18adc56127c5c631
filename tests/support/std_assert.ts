// The assertions of the Deno standard library, with types: the npm copy ships none, so the
// signatures stand in std_assert.d.ts.
// @ts-types="./std_assert.d.ts"
export * from "deno-std/assert";
