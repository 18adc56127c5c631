import type * as core from "@tensorflow/tfjs-core";
import { FoveaError } from "../../core/errors.ts";
import { importTensorFlow } from "./import_tensorflow.ts";

/** TensorFlow.js, whichever package it comes from. */
export type TensorFlow = typeof core;

/** A package that TensorFlow.js comes from. */
export type TensorFlowPackage =
  | "@tensorflow/tfjs-node-gpu"
  | "@tensorflow/tfjs-node"
  | "@tensorflow/tfjs-core";

/**
 * Packages in the order in which they are tried: native TensorFlow with a GPU, native TensorFlow,
 * and the part of `@tensorflow/tfjs` that computes in plain JavaScript, which is always there.
 */
export const TENSORFLOW_PACKAGES: readonly TensorFlowPackage[] = Object.freeze([
  "@tensorflow/tfjs-node-gpu",
  "@tensorflow/tfjs-node",
  "@tensorflow/tfjs-core",
]);

/** Packages of {@linkcode TENSORFLOW_PACKAGES} that are native. */
export const NATIVE_TENSORFLOW_PACKAGES: readonly TensorFlowPackage[] = Object.freeze(
  TENSORFLOW_PACKAGES.slice(0, 2),
);

/** What computes inside a package. */
export type TensorFlowBackend = "tensorflow" | "cpu";

/** A package that was tried and cannot be used. */
export interface RefusedPackage {
  /** Its name. */
  readonly name: TensorFlowPackage;
  /** Why not, for people. */
  readonly reason: string;
}

/** TensorFlow.js, ready to compute. */
export interface LoadedTensorFlow {
  /** Its functions. */
  readonly tf: TensorFlow;
  /** The package it comes from. */
  readonly package: TensorFlowPackage;
  /** Its backend, as TensorFlow.js calls it. */
  readonly backend: TensorFlowBackend;
  /** What computes, for example `tfjs (@tensorflow/tfjs-node 4.22.0, TensorFlow 2.21.0)`. */
  readonly name: string;
  /** Packages that were tried before it. */
  readonly refused: readonly RefusedPackage[];
}

/** What a native backend tells about itself. */
interface NativeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
}

/**
 * Loads the first package that can compute.
 *
 * @param packages Which ones, in order.
 * @param importPackage How one is imported; tests give their own.
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` naming each package and what is wrong with it.
 */
export async function loadTensorFlow(
  packages: readonly TensorFlowPackage[] = TENSORFLOW_PACKAGES,
  importPackage: (name: TensorFlowPackage) => Promise<TensorFlow> = (name) =>
    importTensorFlow(name),
): Promise<LoadedTensorFlow> {
  const refused: RefusedPackage[] = [];
  for (const name of packages) {
    try {
      const tf = await importPackage(name);
      const backend = name === "@tensorflow/tfjs-core" ? "cpu" : "tensorflow";
      await startBackend(tf, backend);
      return { tf, package: name, backend, name: describe(tf, name), refused };
    } catch (error) {
      refused.push({ name, reason: firstLine(error) });
    }
  }
  const reasons = refused.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  throw new FoveaError("ENGINE_UNAVAILABLE", `Cannot load TensorFlow.js: ${reasons}`, {
    hint: "Build native TensorFlow with: deno task tfjs:build --tensorflow FOLDER, or train with " +
      "the built-in trainer",
  });
}

/** Chooses the backend of a package and lets it compute once, so that it fails here or never. */
async function startBackend(tf: TensorFlow, backend: TensorFlowBackend): Promise<void> {
  if (!await tf.setBackend(backend)) throw new Error(`its backend ${backend} does not start`);
  const sum = tf.tidy(() => tf.add(tf.scalar(40), tf.scalar(2)).dataSync()[0]);
  if (sum !== 42) throw new Error(`its backend ${backend} says that 40 + 2 is ${sum}`);
}

function describe(tf: TensorFlow, name: TensorFlowPackage): string {
  const { binding, isUsingGpuDevice } = tf.backend() as NativeBackend;
  const native = binding?.TF_Version === undefined
    ? "plain JavaScript"
    : `TensorFlow ${binding.TF_Version}${isUsingGpuDevice === true ? " on a GPU" : ""}`;
  return `tfjs (${name} ${tf.version_core}, ${native})`;
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]!.trim();
}
