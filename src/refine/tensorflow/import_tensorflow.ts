import { createRequire } from "node:module";
import process from "node:process";
import util from "node:util";
import { restoreNodeUtil } from "./restore_node_util.ts";
import type { TensorFlow, TensorFlowPackage } from "./load_tensorflow.ts";

/** Where `deno task tfjs:build` puts the native packages, inside `node_modules`. */
const BUILT_FOLDER = ".tensorflow/";

/**
 * Settings that TensorFlow reads once, when it is loaded; what the user has set stays. One thread
 * makes results the same bits at every run, and leaves the other cores to the detector.
 */
const NATIVE_SETTINGS: Readonly<Record<string, string>> = {
  TF_CPP_MIN_LOG_LEVEL: "2",
  TF_NUM_INTRAOP_THREADS: "1",
  TF_NUM_INTEROP_THREADS: "1",
};

/**
 * Imports one package. Nothing is downloaded: native packages are looked for where `tfjs:build` puts
 * them, and then in the folders `node_modules` above this file.
 *
 * @throws {Error} If it is not installed, its binding is not built, or it cannot be loaded.
 */
export async function importTensorFlow(name: TensorFlowPackage): Promise<TensorFlow> {
  if (name !== "@tensorflow/tfjs-core") return requireNative(name);
  const tf = await import("@tensorflow/tfjs-core");
  // Otherwise it advertises the native packages on standard error.
  tf.enableProdMode();
  await import("@tensorflow/tfjs-backend-cpu");
  return tf;
}

function requireNative(name: TensorFlowPackage): TensorFlow {
  const require = findPackage(name);
  if (require === null) throw new Error("not installed");
  restoreNodeUtil(util);
  for (const [setting, value] of Object.entries(NATIVE_SETTINGS)) process.env[setting] ??= value;
  return require(name) as TensorFlow;
}

function findPackage(name: TensorFlowPackage): NodeJS.Require | null {
  for (const base of searchBases()) {
    const require = createRequire(base);
    try {
      require.resolve(`${name}/package.json`);
      return require;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return null;
}

/** Files from which Node's rules for finding packages are followed. */
function searchBases(): string[] {
  const own = import.meta.resolve("@tensorflow/tfjs-core");
  const modules = /^file:.*?\/node_modules\//.exec(own)?.[0];
  const bases = modules === undefined ? [] : [`${modules}${BUILT_FOLDER}package.json`];
  return import.meta.url.startsWith("file:") ? [...bases, import.meta.url] : bases;
}
