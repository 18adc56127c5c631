/** What the installed ONNX Runtime is and can do. */
export interface OnnxRuntimeProbe {
  /** Version of the library. */
  readonly version: string;
  /** Execution providers its build knows. */
  readonly providers: readonly {
    /** Name as it is asked for. */
    readonly name: string;
    /** Whether everything it needs comes with the package. */
    readonly bundled: boolean;
  }[];
}

/**
 * Loads `onnxruntime-node` and asks what it is; runs nothing.
 *
 * @throws {Error} The library's own error if it cannot be loaded.
 */
export async function probeOnnxRuntime(): Promise<OnnxRuntimeProbe> {
  const ort = await import("onnxruntime-node");
  return {
    version: ort.env.versions.node ?? ort.env.versions.common,
    providers: ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled })),
  };
}
