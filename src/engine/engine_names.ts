/** The engines by name. */
export type EngineName = "libonnxruntime" | "onnxruntime-node";

/** Every {@linkcode EngineName}. */
export const ENGINE_NAMES: readonly EngineName[] = ["libonnxruntime", "onnxruntime-node"];
