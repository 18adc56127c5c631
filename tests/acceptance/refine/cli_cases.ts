import { runCli } from "../../support/cli_process.ts";
import { type AcceptanceRow, rowIs, rowOf } from "./acceptance_row.ts";

/** The folder of the real material. */
export interface AcceptanceFiles {
  /** Folder of models, media and pictures. */
  readonly shared: string;
  /** Folder to write to. */
  readonly scratch: string;
}

/** What `fovea refine --json` tells, as far as it is looked at. */
interface RefineJson {
  readonly status: string;
  readonly repaired: boolean | null;
  readonly trainer: string;
  readonly steps: readonly { readonly tau: number; readonly status: string }[];
  readonly losses: { readonly after: { readonly total: number } };
  readonly timesMs: {
    readonly looking: number;
    readonly training: number;
    readonly judging: number;
  };
}

/** What `fovea eval --json` tells, as far as it is looked at. */
interface EvalJson {
  readonly perClass: Readonly<
    Record<string, { readonly AP50: number | null; readonly f1: number | null }>
  >;
  readonly metrics: { readonly AP50: number };
}

async function runJson<Json>(args: readonly string[]): Promise<Json> {
  const { code, stdout, stderr } = await runCli([...args, "--json"]);
  if (code !== 0) throw new Error(`fovea ${args.join(" ")} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Json;
}

/** One refinement and what it is measured on. */
interface Case {
  readonly name: string;
  readonly model: string;
  readonly clip: string;
  /** Labels in place of the clip's own. */
  readonly annotations?: string;
  readonly learn: string;
  readonly test: string;
  readonly degrade?: string;
  readonly newClass?: string;
  readonly className: string;
}

/** Refines by the command line and measures before and after, on later frames and elsewhere. */
class CliCase {
  readonly #files: AcceptanceFiles;
  readonly #case: Case;

  constructor(files: AcceptanceFiles, one: Case) {
    this.#files = files;
    this.#case = one;
  }

  get #model(): string {
    return `${this.#files.shared}/models/${this.#case.model}.onnx`;
  }

  get #labels(): string[] {
    const { clip, annotations } = this.#case;
    const { shared } = this.#files;
    const own = `${shared}/media/truth/${clip}-detection.coco.json`;
    return [
      "--video",
      `${shared}/media/${clip}-detection.mp4`,
      "--annotations",
      annotations ?? own,
    ];
  }

  get #out(): string {
    return `${this.#files.scratch}/${this.#case.name.replaceAll(/\W+/g, "-")}`;
  }

  refine(trainer = "auto"): Promise<RefineJson> {
    const { learn, degrade, newClass } = this.#case;
    return runJson([
      "refine",
      ...["--model", this.#model, ...this.#labels, "--frames", learn],
      ...["--replay-images", `${this.#files.scratch}/replay`, "--out", this.#out],
      ...(degrade === undefined ? [] : ["--degrade", degrade]),
      ...(newClass === undefined ? [] : ["--new-class", newClass]),
      ...["--trainer", trainer],
    ]);
  }

  /** AP50 and F1 of the class on the later frames. */
  async test(isRefined: boolean, isClean = false): Promise<{ ap50: number; f1: number }> {
    const { test, degrade, className } = this.#case;
    const { perClass } = await runJson<EvalJson>([
      "eval",
      ...["--model", this.#model, ...this.#labels, "--frames", test],
      ...(isRefined ? ["--head", this.#out] : []),
      ...(degrade === undefined || isClean ? [] : ["--degrade", degrade]),
    ]);
    const { AP50, f1 } = perClass[className]!;
    return { ap50: AP50 ?? 0, f1: f1 ?? 0 };
  }

  /** AP50 on pictures of all kinds that were not replayed. */
  async elsewhere(isRefined: boolean): Promise<number> {
    const { shared, scratch } = this.#files;
    const { metrics } = await runJson<EvalJson>([
      "eval",
      ...["--model", this.#model, "--images", `${shared}/coco64/images`],
      ...["--annotations", `${scratch}/elsewhere.json`],
      ...(isRefined ? ["--head", this.#out] : []),
    ]);
    return metrics.AP50;
  }
}

/** Shares the pictures of all kinds out: half of them may be replayed, the others measure. */
export async function shareOutPictures({ shared, scratch }: AcceptanceFiles): Promise<void> {
  const text = await Deno.readTextFile(`${shared}/coco64/instances.json`);
  const all = JSON.parse(text) as {
    images: { id: number; file_name: string }[];
    annotations: { image_id: number }[];
  };
  await Deno.mkdir(`${scratch}/replay`);
  for (const { file_name: name } of all.images.filter((_, i) => i % 2 === 0)) {
    await Deno.copyFile(`${shared}/coco64/images/${name}`, `${scratch}/replay/${name}`);
  }
  const images = all.images.filter((_, i) => i % 2 === 1);
  const ids = new Set(images.map(({ id }) => id));
  const annotations = all.annotations.filter((one) => ids.has(one.image_id));
  await Deno.writeTextFile(
    `${scratch}/elsewhere.json`,
    JSON.stringify({ ...all, images, annotations }),
  );
}

/** Cars seen from above, which detectors of COCO take for mobile phones. */
export async function carCases(files: AcceptanceFiles): Promise<AcceptanceRow[]> {
  const rows: AcceptanceRow[] = [];
  const cars = [
    { model: "yolox_nano_416x416", learn: "67,73,79,85,91,97,103,108" },
    { model: "yolov8n", learn: "67,70,73,76,79,82,85" },
  ];
  for (const { model, learn } of cars) {
    const name = `cars, ${model}`;
    const one = new CliCase(files, {
      ...{ name, model, clip: "car", learn, test: "180:360:4", className: "car" },
    });
    const { status, timesMs } = await one.refine();
    const { ap50, f1 } = await one.test(true);
    rows.push(
      rowIs(`${name}: decision`, status, "accepted"),
      rowOf(`${name}: AP50 on later frames`, ap50, { least: 0.95 }),
      rowOf(`${name}: F1 on later frames`, f1, { least: 0.85 }),
      rowOf(
        `${name}: AP50 lost elsewhere`,
        await one.elsewhere(false) - await one.elsewhere(true),
        {
          most: 0.04,
        },
      ),
      rowOf(`${name}: seconds`, (timesMs.looking + timesMs.training + timesMs.judging) / 1000, {
        most: 10,
      }, 1),
    );
  }
  return rows;
}

/** A camera whose picture went bad. */
export async function driftCases(files: AcceptanceFiles): Promise<AcceptanceRow[]> {
  const common = {
    model: "yolox_nano_416x416",
    clip: "bottle",
    learn: "37,111,186,260,334,409,483,557",
    test: "595:1189:8",
    className: "bottle",
  };
  const cast = new CliCase(files, { ...common, name: "bottles, cast:4", degrade: "cast:4" });
  const before = (await cast.test(false)).f1;
  const clean = (await cast.test(false, true)).f1;
  const { status, repaired } = await cast.refine();
  const dark = new CliCase(files, { ...common, name: "bottles, dark:4", degrade: "dark:4" });
  const darkness = await dark.refine();
  return [
    rowIs("bottles, cast:4: decision", status, "accepted"),
    rowIs("bottles, cast:4: repaired", repaired, true),
    rowOf("bottles, cast:4: F1 before", before, { most: 0.15 }),
    rowOf("bottles, cast:4: F1 on later frames", (await cast.test(true)).f1, { least: 0.7 }),
    rowOf("bottles, cast:4: F1 lost when clean", clean - (await cast.test(true, true)).f1, {
      most: 0.03,
    }),
    rowOf(
      "bottles, cast:4: AP50 lost elsewhere",
      await cast.elsewhere(false) - await cast.elsewhere(true),
      { most: 0.04 },
    ),
    rowIs("bottles, dark:4: repaired", darkness.repaired, false),
  ];
}

/** Classes that the detector has no name for. */
export async function newClassCases(files: AcceptanceFiles): Promise<AcceptanceRow[]> {
  const rows: AcceptanceRow[] = [];
  const model = "yolox_nano_416x416";
  const cases = [
    {
      ...{ clip: "bottle", was: "bottle", newClass: "flask", learn: "0,40,80,120,160" },
      least: 0.95,
    },
    { ...{ clip: "car", was: "car", newClass: "wagon", learn: "67,73,79,85,91" }, least: 0.9 },
  ];
  for (const { clip, was, newClass, learn, least } of cases) {
    const annotations = await rename(files, clip, was, newClass);
    const one = new CliCase(files, {
      ...{ name: `new class ${newClass}`, model, clip, annotations, learn, newClass },
      ...{ test: clip === "car" ? "180:360:4" : "300:1100:16", className: newClass },
    });
    const { status } = await one.refine();
    rows.push(rowIs(`new class ${newClass}: decision`, status, "accepted"));
    if (status !== "accepted") continue;
    const { ap50 } = await one.test(true);
    rows.push(rowOf(`new class ${newClass}, five frames: AP50 on later frames`, ap50, { least }));
  }
  return [...rows, ...await tractorCase(files)];
}

/** A class of the drawn street that the shipped detector has never seen. */
async function tractorCase({ scratch }: AcceptanceFiles): Promise<AcceptanceRow[]> {
  const out = `${scratch}/tractor`;
  const street = (seed: number): string =>
    `synthetic:street?seed=${seed}&frames=1400&class=tractor@0`;
  const { status } = await runJson<RefineJson>([
    "refine",
    ...["--video", street(5), "--frames", "140:1300:58", "--new-class", "tractor", "--out", out],
  ]);
  const row = rowIs("new class tractor: decision", status, "accepted");
  if (status !== "accepted") return [row];
  const { perClass } = await runJson<EvalJson>([
    "eval",
    ...["--video", street(21), "--frames", "0:900:15", "--head", out],
  ]);
  const ap50 = perClass.tractor!.AP50 ?? 0;
  return [row, rowOf("new class tractor, 20 boxes: AP50 on another street", ap50, { least: 0.8 })];
}

/** The clip's labels with another name for a class. */
async function rename(
  { shared, scratch }: AcceptanceFiles,
  clip: string,
  was: string,
  name: string,
): Promise<string> {
  const path = `${scratch}/${name}.json`;
  const text = await Deno.readTextFile(`${shared}/media/truth/${clip}-detection.coco.json`);
  const labels = JSON.parse(text) as { categories: { id: number; name: string }[] };
  for (const category of labels.categories) if (category.name === was) category.name = name;
  await Deno.writeTextFile(path, JSON.stringify(labels));
  return path;
}

/** Both trainers reach the same loss and the same decisions. */
export async function trainerCases(files: AcceptanceFiles): Promise<AcceptanceRow[]> {
  const told = await Promise.all(["builtin", "tfjs"].map((trainer) => {
    const one = new CliCase(files, {
      ...{ name: `bottles by ${trainer}`, model: "yolox_nano_416x416", clip: "bottle" },
      ...{ learn: "37,111,186,260,334,409,483,557", test: "", degrade: "cast:4" },
      className: "bottle",
    });
    return one.refine(trainer);
  }));
  const [builtin, tfjs] = told as [RefineJson, RefineJson];
  const [a, b] = [builtin.losses.after.total, tfjs.losses.after.total];
  const steps = ({ steps }: RefineJson): string =>
    steps.map(({ tau, status }) => `${tau} ${status}`).join(", ");
  return [
    rowOf(`${builtin.trainer} and ${tfjs.trainer}: losses differ`, Math.abs(a - b) / a, {
      most: 1e-3,
    }, 9),
    rowIs("both trainers: decisions", steps(tfjs), steps(builtin)),
  ];
}
