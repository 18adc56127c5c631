import { assertEquals, assertStringIncludes } from "@std/assert";
import { CommanderError } from "commander";
import { FoveaError } from "../core/errors.ts";
import { exitCodeOf, formatError, reportError } from "./report_error.ts";

Deno.test("formatError() prints message and hint for people", () => {
  const error = new FoveaError("MODEL_NOT_FOUND", "Cannot read a.onnx: no such file", {
    hint: "Check the path",
  });
  assertEquals(
    formatError(reportError(error), false),
    "error MODEL_NOT_FOUND: Cannot read a.onnx: no such file\n  Check the path\n",
  );
});

Deno.test("formatError() prints one line of JSON for programs", () => {
  const text = formatError(reportError(new FoveaError("LIMIT", "two\nlines")), true);
  assertEquals(text.split("\n").length, 2);
  assertEquals(JSON.parse(text), { error: { code: "LIMIT", message: "two\nlines", hint: null } });
});

Deno.test("reportError() turns a parser's error into USAGE with its suggestion", () => {
  const error = reportError(
    new CommanderError(1, "x", "error: unknown option '--cnf'\n(Did you mean --conf?)"),
  );
  assertEquals(error.code, "USAGE");
  assertEquals(error.message, 'Cannot read the command line: unknown option "--cnf"');
  assertEquals(error.hint, "Did you mean --conf?");
  assertEquals(exitCodeOf(error), 2);
});

Deno.test("reportError() shows where a defect happened", () => {
  const error = reportError(new TypeError("x is not a function"));
  assertEquals(error.code, "UNEXPECTED");
  assertEquals(exitCodeOf(error), 1);
  assertStringIncludes(formatError(error, false), "report_error_test.ts");
  assertEquals(reportError("thrown text").message, "thrown text");
});

Deno.test("reportError() tells what failed first when closing failed, too", () => {
  const first = new FoveaError("CAMERA_LOST", "first");
  const error = new SuppressedError(new FoveaError("SINK_WRITE", "second"), first, "both");
  assertEquals(reportError(error).message, "first");
});
