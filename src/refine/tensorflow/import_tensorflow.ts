import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import util from "node:util";
import { restoreNodeUtil } from "./restore_node_util.ts";
import type { TensorFlow, TensorFlowPackage } from "./load_tensorflow.ts";

/** Where `deno task tfjs:build` puts the native packages, inside `node_modules`. */
const BUILT_FOLDER = ".tensorflow/";

/** The binding inside a native package; which version of Node-API it is for depends on the runtime. */
const BINDING = /^napi-v\d+$/;

/**
 * Settings that TensorFlow reads once, when it is loaded; what the user has set stays. One thread
 * and fixed orders of summing make results the same bits at every run, and leave the other cores to
 * the detector; heads are too small for more to pay. Of a GPU's memory it would take all there is.
 */
const NATIVE_SETTINGS: Readonly<Record<string, string>> = {
  TF_CPP_MIN_LOG_LEVEL: "2",
  TF_DETERMINISTIC_OPS: "1",
  TF_ENABLE_ONEDNN_OPTS: "0",
  TF_FORCE_GPU_ALLOW_GROWTH: "true",
  TF_NUM_INTRAOP_THREADS: "1",
  TF_NUM_INTEROP_THREADS: "1",
};

/**
 * Imports one package. Nothing is downloaded: native packages are looked for where `tfjs:build` puts
 * them, and then in the folders `node_modules` above this file.
 *
 * @param folder Folder whose `node_modules` is looked into instead.
 * @throws {Error} If it is not installed, its binding is not built, or it cannot be loaded.
 */
export async function importTensorFlow(
  name: TensorFlowPackage,
  folder?: string,
): Promise<TensorFlow> {
  if (name !== "@tensorflow/tfjs-core") {
    return requireNative(
      name,
      folder === undefined ? searchBases() : [resolve(folder, "index.js")],
    );
  }
  const tf = await import("@tensorflow/tfjs-core");
  // Otherwise it advertises the native packages on standard error.
  tf.enableProdMode();
  await import("@tensorflow/tfjs-backend-cpu");
  return tf;
}

/** Whether a native package is there with its binding, which may yet fail to load. */
export function isBuilt(name: TensorFlowPackage): boolean {
  const found = findPackage(name, searchBases());
  return found !== null && hasBinding(dirname(found.manifest));
}

function requireNative(name: TensorFlowPackage, bases: readonly string[]): TensorFlow {
  const found = findPackage(name, bases);
  if (found === null) throw new Error("not installed");
  // Asked for first, because the package changes the whole process before it notices.
  if (!hasBinding(dirname(found.manifest))) throw new Error("its native binding is not built");
  restoreNodeUtil(util);
  for (const [setting, value] of Object.entries(NATIVE_SETTINGS)) process.env[setting] ??= value;
  return found.require(name) as TensorFlow;
}

function findPackage(
  name: TensorFlowPackage,
  bases: readonly string[],
): { readonly require: NodeJS.Require; readonly manifest: string } | null {
  for (const base of bases) {
    const require = createRequire(base);
    try {
      return { require, manifest: require.resolve(`${name}/package.json`) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return null;
}

function hasBinding(folder: string): boolean {
  const lib = join(folder, "lib");
  return existsSync(lib) &&
    readdirSync(lib).some((name) =>
      BINDING.test(name) && existsSync(join(lib, name, "tfjs_binding.node"))
    );
}

/** Files from which Node's rules for finding packages are followed. */
function searchBases(): string[] {
  const modules = modulesFolder();
  const bases = modules === null ? [] : [`${modules}${BUILT_FOLDER}package.json`];
  return import.meta.url.startsWith("file:") ? [...bases, import.meta.url] : bases;
}

/** The folder `node_modules` that fovea's own packages come from; `null` where there is none. */
function modulesFolder(): string | null {
  return /^file:.*?\/node_modules\//.exec(import.meta.resolve("@tensorflow/tfjs-core"))?.[0] ??
    null;
}
