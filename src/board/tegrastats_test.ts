import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseTegrastats, type TegrastatsLine } from "./tegrastats.ts";

/** Lines as boards print them, with other numbers than any real board's. */
const LINES = {
  "JetPack 4, Nano":
    "RAM 1923/3964MB (lfb 2x2MB) SWAP 191/1982MB (cached 6MB) IRAM 0/252kB(lfb 252kB) " +
    "CPU [5%@1224,4%@1224,3%@1224,6%@1224] EMC_FREQ 0%@1600 GR3D_FREQ 12%@76 APE 25 PLL@37C " +
    "CPU@40C PMIC@50C GPU@40C AO@45C thermal@40.25C POM_5V_IN 1750/1628 POM_5V_GPU 0/0 " +
    "POM_5V_CPU 366/406",
  "JetPack 4, Xavier NX": "RAM 5246/7771MB (lfb 7x4MB) SWAP 983/20269MB (cached 280MB) " +
    "CPU [47%@1420,23%@1420,off,off,31%@1420,96%@1420] EMC_FREQ 2%@1600 GR3D_FREQ 0%@1109 " +
    "APE 150 MTS fg 1% bg 9% AO@29C GPU@31.5C PMIC@100C AUX@30C CPU@33.5C thermal@31.35C " +
    "VDD_IN 6140/5510 VDD_CPU_GPU_CV 2706/2119 VDD_SOC 1074/1051",
  "JetPack 5, Xavier NX":
    "07-09-2024 13:31:31 RAM 3168/6851MB (lfb 2x4MB) SWAP 161/3426MB (cached 0MB) " +
    "CPU [23%@1397,17%@1192,16%@1190,13%@1190,23%@1190,10%@1190] EMC_FREQ 2%@204 " +
    "GR3D_FREQ 3%@[114] VIC_FREQ 115 APE 150 AUX@45C CPU@46.5C thermal@45.6C AO@45C GPU@45.5C " +
    "PMIC@50C VDD_IN 2763mW/2846mW VDD_CPU_GPU_CV 650mW/670mW VDD_SOC 650mW/711mW",
  "JetPack 5, AGX Orin":
    "01-03-2023 16:07:54 RAM 2257/30536MB (lfb 5392x4MB) SWAP 0/15268MB (cached 0MB) " +
    "CPU [12%@729,3%@729,off,off] EMC_FREQ 0%@204 GR3D_FREQ 31%@0 GR3D2_FREQ 44%@0 NVJPG1 729 " +
    "VIC_FREQ 115 APE 233 CV0@-256C CPU@41.437C Tboard@29C SOC2@39.062C CV1@-256C GPU@-256C " +
    "tj@41.656C VDD_GPU_SOC 2390mW/2390mW VDD_CPU_CV 796mW/796mW VIN_SYS_5V0 3522mW/3522mW " +
    "NC 0mW/0mW VDDQ_VDD2_1V8AO 301mW/301mW NC 0mW/0mW",
  "JetPack 6, Orin Nano, not root":
    "06-18-2025 11:25:24 RAM 3452/7620MB (lfb 25x4MB) SWAP 1518/16384MB (cached 174MB) " +
    "CPU [1%@1420,2%@1420,0%@1420,2%@1420,2%@729,1%@729] GR3D_FREQ 0% cpu@50.031C soc2@49.031C " +
    "soc0@50C gpu@49.031C tj@50.25C soc1@50.25C VDD_IN 4824mW/4830mW VDD_CPU_GPU_CV 518mW/519mW " +
    "VDD_SOC 1475mW/1476mW",
  "JetPack 6, Orin Nano, root":
    "11-15-2024 08:38:09 RAM 6185/7620MB (lfb 8x2MB) SWAP 851/3810MB (cached 1MB) " +
    "CPU [15%@729,11%@729,14%@729,13%@729,11%@729,8%@729] EMC_FREQ 43%@2133 GR3D_FREQ 63%@[621] " +
    "NVDEC off NVJPG off NVJPG1 off VIC off OFA off APE 200 cpu@53.968C gpu@53.343C tj@53.968C " +
    "VDD_IN 12479mW/12479mW VDD_CPU_GPU_CV 4667mW/4667mW VDD_SOC 2817mW/2817mW",
  "JetPack 7, AGX Orin":
    "07-25-2026 09:08:28 RAM 20642/62817MB (lfb 1x2MB) CPU [23%@2201,10%@2201,off,14%@2201] " +
    "EMC_FREQ 3%@3199 GR3D_FREQ 12%@[1300,1301] NVENC0 off NVDEC0 off NVDLA0 off PVA0_FREQ off " +
    "APE 174 cpu@52.968C/53.5C gpu@47.625/47.625C VDD_GPU_SOC 5139mW/5139mW/5200mW " +
    "VDD_CPU_CV 3268mW/3268mW/3268mW VIN_SYS_5V0 5500mW/5500mW/5500mW",
  "JetPack 7, Thor":
    "08-08-2026 21:00:39 RAM 8353/125749MB (lfb 31x4MB) CPU [90%@2601,75%@2601,off,7%@2601] " +
    "EMC_FREQ 34%@4266 GR3D_FREQ 87%@[1574,1575,1576] NVENC0_FREQ @1691 VIC off " +
    "cpu@58.25C/61.75C tj@66.625C/66.625C gpu@56.937C/66.625C soc012@55.375C/58.781C " +
    "VDD_GPU 37939mW/8660mW/37939mW VDD_CPU_SOC_MSS 30059mW/12281mW/30059mW " +
    "VIN_SYS_5V0 15486mW/7424mW/15486mW VIN 124486mW/36487mW/124486mW",
  "JetPack 7, Thor, idle":
    "08-08-2026 21:00:41 RAM 8353/125749MB (lfb 31x4MB) CPU [0%@2601] EMC_FREQ @4266 " +
    "GR3D_FREQ @[1574,1574,1574] VIC off cpu@48.25C/61.75C",
} as const;

function read(name: keyof typeof LINES): TegrastatsLine {
  return parseTegrastats(LINES[name])!;
}

Deno.test("parseTegrastats() reads memory, swap and time of every JetPack", () => {
  const nano = read("JetPack 4, Nano");
  assertEquals([nano.time, nano.ramUsedMiB, nano.ramTotalMiB], [null, 1923, 3964]);
  assertEquals(nano.swap, { usedMiB: 191, totalMiB: 1982 });
  const thor = read("JetPack 7, Thor");
  assertEquals([thor.time, thor.swap], ["08-08-2026 21:00:39", null]);
});

Deno.test("parseTegrastats() reads cores, the switched off ones too", () => {
  assertEquals(read("JetPack 4, Xavier NX").cpus.slice(1, 4), [
    { load: 0.23, clockMHz: 1420 },
    null,
    null,
  ]);
  assertEquals(read("JetPack 6, Orin Nano, root").cpus.length, 6);
  const common = parseTegrastats("RAM 1/2MB CPU [7%,off]@345 EMC_FREQ 1%")!;
  assertEquals(common.cpus, [{ load: 0.07, clockMHz: 345 }, null]);
  assertEquals([common.emcLoad, common.emcClockMHz], [0.01, null]);
});

Deno.test("parseTegrastats() reads load and clocks of the GPU in every form", () => {
  const found = Object.fromEntries(
    Object.keys(LINES).map((name) => {
      const { gpuLoad, gpuClocksMHz } = read(name as keyof typeof LINES);
      return [name, [gpuLoad, ...gpuClocksMHz]];
    }),
  );
  assertEquals(found, {
    "JetPack 4, Nano": [0.12, 76],
    "JetPack 4, Xavier NX": [0, 1109],
    "JetPack 5, Xavier NX": [0.03, 114],
    "JetPack 5, AGX Orin": [0.31, 0],
    "JetPack 6, Orin Nano, not root": [0],
    "JetPack 6, Orin Nano, root": [0.63, 621],
    "JetPack 7, AGX Orin": [0.12, 1300, 1301],
    "JetPack 7, Thor": [0.87, 1574, 1575, 1576],
    // A clock and no load: nothing is known about the load.
    "JetPack 7, Thor, idle": [null, 1574, 1574, 1574],
  });
});

Deno.test("parseTegrastats() tells what a line does not say as null, not as 0", () => {
  const { gpuLoad, emcLoad, emcClockMHz, swap, boardMilliwatts, rails, engineClocksMHz } =
    parseTegrastats("RAM 100/200MB CPU [1%@2]")!;
  assertEquals([gpuLoad, emcLoad, emcClockMHz, swap, boardMilliwatts], [
    null,
    null,
    null,
    null,
    null,
  ]);
  assertEquals([rails, engineClocksMHz], [[], {}]);
  assertEquals(read("JetPack 7, Thor, idle").emcLoad, null);
  assertEquals(read("JetPack 7, Thor, idle").emcClockMHz, 4266);
});

Deno.test("parseTegrastats() reads temperatures of what is powered", () => {
  assertEquals(read("JetPack 4, Nano").temperatures, [
    { name: "PLL", celsius: 37 },
    { name: "CPU", celsius: 40 },
    { name: "GPU", celsius: 40 },
    { name: "AO", celsius: 45 },
    { name: "thermal", celsius: 40.25 },
  ]);
  assertEquals(read("JetPack 5, AGX Orin").temperatures.map(({ name }) => name), [
    "CPU",
    "Tboard",
    "SOC2",
    "tj",
  ]);
  // Now and the most so far.
  assertEquals(read("JetPack 7, AGX Orin").temperatures, [
    { name: "cpu", celsius: 52.968 },
    { name: "gpu", celsius: 47.625 },
  ]);
});

Deno.test("parseTegrastats() reads power, and the whole board's", () => {
  const board = (name: keyof typeof LINES) => read(name).boardMilliwatts;
  assertEquals(read("JetPack 4, Nano").rails, [
    { name: "POM_5V_IN", milliwatts: 1750 },
    { name: "POM_5V_GPU", milliwatts: 0 },
    { name: "POM_5V_CPU", milliwatts: 366 },
  ]);
  assertEquals([board("JetPack 4, Nano"), board("JetPack 5, Xavier NX")], [1750, 2763]);
  assertEquals(board("JetPack 7, Thor"), 124_486);
  // No rail carries it all: the sum of those that are connected.
  assertEquals(board("JetPack 5, AGX Orin"), 2390 + 796 + 3522 + 301);
  assertEquals(board("JetPack 7, AGX Orin"), 5139 + 3268 + 5500);
});

Deno.test("parseTegrastats() reads engines that run, and those that do not", () => {
  assertEquals(read("JetPack 5, AGX Orin").engineClocksMHz, { NVJPG1: 729, VIC: 115, APE: 233 });
  assertEquals(read("JetPack 6, Orin Nano, root").engineClocksMHz, {
    NVDEC: null,
    NVJPG: null,
    NVJPG1: null,
    VIC: null,
    OFA: null,
    APE: 200,
  });
  assertEquals(read("JetPack 7, Thor").engineClocksMHz, { NVENC0: 1691, VIC: null });
});

Deno.test("parseTegrastats() takes no other text for a line, and never throws", () => {
  assertEquals([parseTegrastats(""), parseTegrastats("tegrastats: not found")], [null, null]);
  const words = fc.constantFrom(..."RAM 1/2MB|CPU [|GR3D_FREQ|5%@[|]|@|off|C|mW/|NC|,|x@-256C"
    .split("|"));
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
      const line = parseTegrastats(parts.join(" "));
      if (line === null) return;
      const shares = [line.gpuLoad, line.emcLoad, ...line.cpus.map((cpu) => cpu?.load ?? null)];
      assert(shares.every((share) => share === null || share >= 0));
      assert(line.temperatures.every(({ celsius }) => celsius > -200));
    }),
    { seed: 3 },
  );
});
