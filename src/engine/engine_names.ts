/**
 * The engines by name, both ONNX Runtime.
 *
 * - `libonnxruntime`: its C API. Reads and writes tensors where they lie, can end a run, and takes
 *   the library from the option `libraryPath`, from `ORT_DYLIB_PATH`, from usual places of JetPack
 *   builds and Python wheels, or from the package `onnxruntime-node`, in this order. It needs
 *   `--allow-ffi` without a path.
 * - `onnxruntime-node`: its package for Node, with the permission for one file.
 */
export type EngineName = "libonnxruntime" | "onnxruntime-node";

/** Every {@linkcode EngineName}. */
export const ENGINE_NAMES: readonly EngineName[] = ["libonnxruntime", "onnxruntime-node"];
