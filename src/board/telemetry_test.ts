import { assert, assertEquals } from "@std/assert";
import { NANO, ORIN_NANO, THOR } from "../../tests/support/fake_boards.ts";
import { makeTree } from "../../tests/support/fake_tree.ts";
import { isLocked } from "./clocks.ts";
import { fastestMode, parsePowerMode, readPowerModes } from "./power_mode.ts";
import { openTelemetry, type TelemetrySample } from "./telemetry.ts";
import { SystemFiles } from "../native/system_files.ts";

async function sampleOf(files: Readonly<Record<string, string>>): Promise<TelemetrySample> {
  await using tree = await makeTree(files);
  using telemetry = openTelemetry({ root: tree.root });
  return telemetry.sample();
}

Deno.test("a board with JetPack 6 tells load, clocks, heat, power, mode and memory", async () => {
  assertEquals(await sampleOf(ORIN_NANO), {
    gpuLoad: 0.631,
    gpuClock: { nowHz: 612e6, minHz: 306e6, maxHz: 1020e6 },
    cpuClocks: [
      { nowHz: 729_600_000, minHz: 729_600_000, maxHz: 1_728_000_000 },
      { nowHz: 1_728_000_000, minHz: null, maxHz: null },
      { nowHz: null, minHz: null, maxHz: null },
    ],
    // One of the others is switched off, one cannot be read.
    temperatures: [
      { name: "cpu-thermal", celsius: 53.968 },
      { name: "gpu-thermal", celsius: 52.437 },
    ],
    // The current of VDD_SOC is missing: it is left out, not 0.
    rails: [
      { name: "VDD_IN", milliwatts: 4829 },
      { name: "VDD_CPU_GPU_CV", milliwatts: 527 },
    ],
    boardMilliwatts: 4829,
    powerMode: { id: 0, name: "15W" },
    memory: {
      totalBytes: 7_803_096 * 1024,
      availableBytes: 4_200_000 * 1024,
      swapTotalBytes: 3_901_548 * 1024,
      swapFreeBytes: 3_901_000 * 1024,
      gpuBytes: 120_000 * 1024,
    },
  });
});

Deno.test("a board with JetPack 4 tells the same from other places", async () => {
  const sample = await sampleOf(NANO);
  assertEquals(sample.gpuLoad, 0.254);
  assertEquals(sample.gpuClock, { nowHz: 76.8e6, minHz: 76.8e6, maxHz: 921.6e6 });
  assertEquals(sample.temperatures, [
    { name: "AO-therm", celsius: 44.5 },
    { name: "GPU-therm", celsius: 39 },
  ]);
  assertEquals(sample.rails.map(({ milliwatts }) => milliwatts), [1754, 0, 366]);
  assertEquals([sample.boardMilliwatts, sample.powerMode], [1754, { id: 1, name: "5W" }]);
  assertEquals(sample.memory, null);
});

Deno.test("a load that nobody tells is unknown and not 0", async () => {
  const thor = await sampleOf(THOR);
  assertEquals([thor.gpuLoad, thor.gpuClock.nowHz], [null, 1574e6]);
  const unreadable = await sampleOf({ ...THOR, "/sys/devices/gpu.0/load": "busy\n" });
  assertEquals(unreadable.gpuLoad, null);
  assertEquals((await sampleOf({ "/sys/devices/gpu.0/load": "0\n" })).gpuLoad, 0);
});

Deno.test("a sensor that disappears is left out from then on", async () => {
  await using tree = await makeTree(ORIN_NANO);
  using telemetry = openTelemetry({ root: tree.root });
  assertEquals(telemetry.sample().temperatures.length, 2);
  await Deno.remove(`${tree.root}/sys/devices/virtual/thermal/thermal_zone1/temp`);
  await Deno.remove(`${tree.root}/sys/class/devfreq/17000000.gpu/device/load`);
  await Deno.remove(`${tree.root}/sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1/in1_input`);
  const { temperatures, gpuLoad, boardMilliwatts } = telemetry.sample();
  assertEquals([temperatures.length, gpuLoad, boardMilliwatts], [1, null, null]);
});

Deno.test("without a rail that everything hangs on, the board is the sum of all rails", async () => {
  const monitor = "/sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon3";
  const second = "/sys/bus/i2c/drivers/ina3221/1-0041/hwmon/hwmon4";
  const files = {
    [`${monitor}/in1_label`]: "VDD_GPU_SOC\n",
    [`${monitor}/in1_input`]: "20000\n",
    [`${monitor}/curr1_input`]: "120\n",
    [`${monitor}/in2_label`]: "NC\n",
    [`${monitor}/in2_input`]: "0\n",
    [`${monitor}/curr2_input`]: "0\n",
    [`${second}/in1_label`]: "VIN_SYS_5V0\n",
    [`${second}/in1_input`]: "5000\n",
    [`${second}/curr1_input`]: "704\n",
  };
  assertEquals((await sampleOf(files)).boardMilliwatts, 2400 + 3520);
  const { [`${second}/curr1_input`]: _, ...broken } = files;
  // A sum that lacks a part would be a wrong number.
  assertEquals((await sampleOf(broken)).boardMilliwatts, null);
});

Deno.test("isLocked() is what jetson_clocks does to a clock", () => {
  assertEquals(isLocked({ nowHz: 5, minHz: 5, maxHz: 5 }), true);
  assertEquals(isLocked({ nowHz: 5, minHz: 2, maxHz: 5 }), false);
  assertEquals(isLocked({ nowHz: 5, minHz: null, maxHz: 5 }), null);
});

Deno.test("parsePowerMode() reads what nvpmodel -q prints, whatever comes before", () => {
  assertEquals(parsePowerMode("NV Power Mode: 15W\n0\n"), { id: 0, name: "15W" });
  const long = "NVPM WARN: fan mode is not set!\nNV Fan Mode:quiet\nNV Power Mode: MAXN_SUPER\n2\n";
  assertEquals(parsePowerMode(long), { id: 2, name: "MAXN_SUPER" });
  assertEquals(parsePowerMode("NV Power Mode: MODE_30W_ALL\n 3"), { id: 3, name: "MODE_30W_ALL" });
  assertEquals([parsePowerMode(""), parsePowerMode("NVPM ERROR: not root\n")], [null, null]);
});

Deno.test("readPowerModes() finds the mode by its number, and lives without names", async () => {
  await using tree = await makeTree({ "/var/lib/nvpmodel/status": "pmode:0010 fmode:cool\n" });
  using files = new SystemFiles({ root: tree.root });
  assertEquals(readPowerModes(files), { current: { id: 10, name: null }, all: [] });
  await using none = await makeTree({ "/etc/nvpmodel.conf": "< POWER_MODEL ID=0 NAME=MAXN >\n" });
  using noStatus = new SystemFiles({ root: none.root });
  assertEquals(readPowerModes(noStatus), null);
});

Deno.test("fastestMode() is not the one with the highest number", () => {
  function named(...names: (string | null)[]) {
    return fastestMode(names.map((name, id) => ({ id, name })))?.id ?? null;
  }
  assertEquals(named("15W", "25W", "MAXN_SUPER", "7W"), 2);
  assertEquals(named("MAXN", "5W"), 0);
  assertEquals(named("MAXN", "MODE_15W", "MAXN_SUPER"), 2);
  assertEquals(named("MODE_10W_2CORE", "MODE_30W_ALL", "MODE_15W"), 1);
  assertEquals([named("A", null), named()], [null, null]);
});

Deno.test("openTelemetry() works on this machine, whatever it is", () => {
  using telemetry = openTelemetry();
  const { gpuLoad, temperatures, rails, memory } = telemetry.sample();
  assert(gpuLoad === null || gpuLoad >= 0 && gpuLoad <= 1);
  assert(temperatures.every(({ celsius }) => celsius > -200 && celsius < 200));
  assert(rails.every(({ milliwatts }) => milliwatts >= 0));
  assert(memory!.totalBytes >= memory!.availableBytes);
});
