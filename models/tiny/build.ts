// Writes the tiny models that the tests run, or checks that they are what the recipes say.
//
//   deno run -A models/tiny/build.ts [--check]
//
// deno-lint-ignore-file no-console -- it is a command
import {
  detrLinear,
  foveaStreet,
  yolo26,
  yoloV5Joint,
  yoloV8Joined,
  yoloV8Stored,
} from "./head_recipes.ts";
import {
  classifier,
  detr,
  detrDeploy,
  nanodetPlus,
  twoPictures,
  unknownLayout,
  zeroClasses,
} from "./other_recipes.ts";
import {
  yoloEnd2end,
  yoloNms,
  yoloV5,
  yoloV8,
  yoloV8Endless,
  yoloV8Float16,
  yoloV8Nan,
  yoloV8SomeNan,
  yoloV8Uint8Nhwc,
  yolox,
} from "./yolo_recipes.ts";

/** Every tiny model by file name, without `.onnx`. */
export const RECIPES: Readonly<Record<string, () => Uint8Array>> = {
  classifier,
  detr,
  detr_deploy: detrDeploy,
  detr_linear: detrLinear,
  fovea_street: foveaStreet,
  nanodet_joint: () => nanodetPlus(true),
  nanodet_plus: () => nanodetPlus(false),
  two_pictures: twoPictures,
  unknown_layout: unknownLayout,
  yolo26,
  yolo_end2end: yoloEnd2end,
  yolo_nms: yoloNms,
  yolo_v5: yoloV5,
  yolo_v5_joint: yoloV5Joint,
  yolo_v8: yoloV8,
  yolo_v8_endless: yoloV8Endless,
  yolo_v8_half_head: () => yoloV8Stored("float16"),
  yolo_v8_joined: yoloV8Joined,
  yolo_v8_quantised_head: () => yoloV8Stored("int8"),
  yolo_v8_shared_head: () => yoloV8Stored("once"),
  yolo_v8_float16: yoloV8Float16,
  yolo_v8_nan: yoloV8Nan,
  yolo_v8_some_nan: yoloV8SomeNan,
  yolo_v8_uint8_nhwc: yoloV8Uint8Nhwc,
  yolox: () => yolox(false),
  yolox_dynamic: () => yolox(true),
  yolox_one_class: () => yolox(false, 1),
  zero_classes: zeroClasses,
};

/** Lists the committed models that differ from their recipes, or are missing. */
export async function listStale(): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, make] of Object.entries(RECIPES)) {
    const stored = await Deno.readFile(fileOf(name)).catch(() => new Uint8Array());
    const made = make();
    const same = stored.length === made.length && stored.every((byte, i) => byte === made[i]);
    if (!same) stale.push(name);
  }
  return stale;
}

function fileOf(name: string): URL {
  return new URL(`./${name}.onnx`, import.meta.url);
}

async function main(flags: readonly string[]): Promise<number> {
  if (flags.includes("--check")) {
    const stale = await listStale();
    for (const name of stale) console.error(`${name}.onnx is not what its recipe says`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const [name, make] of Object.entries(RECIPES)) {
    const bytes = make();
    await Deno.writeFile(fileOf(name), bytes);
    console.log(`${name}.onnx ${bytes.length} bytes`);
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
