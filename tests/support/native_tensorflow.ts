import {
  type LoadedTensorFlow,
  loadTensorFlow,
} from "../../src/refine/tensorflow/load_tensorflow.ts";
import { FoveaError } from "../../src/core/errors.ts";
import { NATIVE_TENSORFLOW_PACKAGES } from "../../src/refine/mod.ts";

/** Native TensorFlow as `deno task tfjs:build` installs it, or why there is none. */
export async function findNativeTensorFlow(): Promise<LoadedTensorFlow | string> {
  try {
    return await loadTensorFlow(NATIVE_TENSORFLOW_PACKAGES);
  } catch (error) {
    if (error instanceof FoveaError && error.code === "ENGINE_UNAVAILABLE") return error.message;
    throw error;
  }
}
