import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkDeno, checkPermissions, checkPlatform, isAtLeast } from "./check_runtime.ts";

Deno.test("isAtLeast() compares versions part by part, as numbers", () => {
  assertEquals(isAtLeast("2.9.5", "2.9.5"), true);
  assertEquals(isAtLeast("2.10.0", "2.9.5"), true);
  assertEquals(isAtLeast("3.0.0", "2.9.5"), true);
  assertEquals(isAtLeast("2.9.5-rc.1+abc", "2.9.5"), true);
  assertEquals(isAtLeast("2.9.4", "2.9.5"), false);
  assertEquals(isAtLeast("2.8.10", "2.9.5"), false);
  assertEquals(isAtLeast("1.46.0", "2.9.5"), false);
});

Deno.test("checkDeno() says what to do about an old Deno", () => {
  assertEquals(checkDeno({ deno: "2.9.6", v8: "15.0" }).status, "ok");
  const old = checkDeno({ deno: "1.46.3", v8: "12.9" });
  assertEquals([old.status, old.needed], ["missing", true]);
  assertStringIncludes(old.todo!, "deno upgrade");
});

Deno.test("checkPlatform() warns where fovea is not tested", () => {
  assertEquals(checkPlatform({ os: "linux", arch: "aarch64", env: "gnu" }).status, "ok");
  assertEquals(checkPlatform({ os: "linux", arch: "x86_64", env: "musl" }).status, "warn");
  assertEquals(checkPlatform({ os: "darwin", arch: "aarch64" }).status, "warn");
});

Deno.test("checkPermissions() names the flag for each one that is not granted", () => {
  const findings = checkPermissions(new Map([["read", true], ["ffi", false]]));
  const byName = new Map(findings.map((finding) => [finding.check, finding]));
  assertEquals(byName.get("permission read")!.status, "ok");
  assertEquals(byName.get("permission ffi")!.status, "warn");
  assertStringIncludes(byName.get("permission ffi")!.todo!, "--allow-ffi");
});
