import { assertEquals } from "@std/assert";
import type { TelemetrySample } from "../board/telemetry.ts";
import { describePower } from "./check_power.ts";
import type { MachineFinding } from "./doctor_finding.ts";

const GIB = 2 ** 30;
const SAMPLE: TelemetrySample = {
  gpuLoad: 0.631,
  gpuClock: { nowHz: 612e6, minHz: 306e6, maxHz: 1020e6 },
  cpuClocks: [],
  temperatures: [{ name: "cpu-thermal", celsius: 54 }, { name: "tj-thermal", celsius: 55.25 }],
  rails: [{ name: "VDD_IN", milliwatts: 4829 }, { name: "VDD_SOC", milliwatts: 1480 }],
  boardMilliwatts: 4829,
  powerMode: { id: 2, name: "MAXN_SUPER" },
  memory: {
    totalBytes: 7.4 * GIB,
    availableBytes: 4 * GIB,
    swapTotalBytes: 4 * GIB,
    swapFreeBytes: 3 * GIB,
    gpuBytes: null,
  },
};
const ALL = [{ id: 0, name: "15W" }, { id: 1, name: "25W" }, { id: 2, name: "MAXN_SUPER" }];
const MODES = { current: ALL[2]!, all: ALL };

function findingOf(check: string, sample: Partial<TelemetrySample>, modes = MODES): MachineFinding {
  return describePower({ ...SAMPLE, ...sample }, modes).find((finding) => finding.check === check)!;
}

Deno.test("describePower() tells a board that is well", () => {
  const findings = describePower(SAMPLE, MODES);
  assertEquals(findings.map(({ check, status, found }) => `${check} ${status}: ${found}`), [
    "power mode ok: MAXN_SUPER (2)",
    "clocks ok: GPU 306 to 1020, now 612 MHz, as its load demands",
    "gpu load ok: 63 %",
    "temperature ok: 55.3 °C at tj-thermal, the warmest of 2",
    "power ok: 4.8 W in all; VDD_IN 4.8, VDD_SOC 1.5",
    "swap ok: 1.0 of 4.0 GiB in use",
  ]);
  assertEquals(findings.every(({ needed }) => !needed), true);
});

Deno.test("describePower() names the faster power mode by its number", () => {
  const slow = findingOf("power mode", {}, { current: ALL[0]!, all: ALL });
  assertEquals(
    [slow.status, slow.found],
    ["warn", "15W (0); the fastest is MAXN_SUPER (2)"],
  );
  assertEquals(slow.todo?.endsWith("sudo nvpmodel -m 2"), true);
  const unnamed = findingOf("power mode", {}, { current: { id: 3, name: null! }, all: [] });
  assertEquals([unnamed.status, unnamed.found], ["ok", "unnamed (3)"]);
  assertEquals(describePower(SAMPLE, null)[0]!.status, "unknown");
});

Deno.test("describePower() tells clocks that are held, and those it cannot see", () => {
  const held = { nowHz: 1020e6, minHz: 1020e6, maxHz: 1020e6 };
  assertEquals(findingOf("clocks", { gpuClock: held }).found, "GPU held at 1020 MHz");
  assertEquals(findingOf("clocks", { gpuClock: held }).todo, null);
  const unseen = findingOf("clocks", { gpuClock: { nowHz: null, minHz: null, maxHz: null } });
  assertEquals(unseen.status, "unknown");
});

Deno.test("describePower() does not take silence for a zero", () => {
  const silent = {
    gpuLoad: null,
    temperatures: [],
    rails: [],
    boardMilliwatts: null,
    memory: null,
  };
  for (const check of ["gpu load", "temperature", "power", "swap"]) {
    assertEquals(findingOf(check, silent).status, "unknown");
  }
  assertEquals(findingOf("power", { boardMilliwatts: null }).found, "VDD_IN 4.8, VDD_SOC 1.5");
});

Deno.test("describePower() warns of heat, and of little memory without swap", () => {
  const hot = findingOf("temperature", { temperatures: [{ name: "tj", celsius: 91 }] });
  assertEquals([hot.status, hot.found], [
    "warn",
    "91.0 °C at tj, the warmest of 1; the board slows down soon",
  ]);
  const memory = { ...SAMPLE.memory!, swapTotalBytes: 0, swapFreeBytes: 0 };
  const small = findingOf("swap", { memory });
  assertEquals([small.status, small.found], ["warn", "none, with 7.4 GiB of memory"]);
  assertEquals(findingOf("swap", { memory: { ...memory, totalBytes: 62 * GIB } }).status, "ok");
});
