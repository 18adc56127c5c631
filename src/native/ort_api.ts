/** One function of `OrtApi`. */
export interface OrtFunction extends Deno.ForeignFunction {
  /** Where its address stands in the table, counted in addresses. */
  readonly slot: number;
  /** The API version it came with; {@linkcode ORT_API_VERSION} or older where it is not said. */
  readonly since?: number;
}

/**
 * The API version that is asked for: the lowest that has everything in {@linkcode ORT_API}, so that
 * every ONNX Runtime from 1.11 on will do. Slots never move from one version to the next.
 */
export const ORT_API_VERSION: number = 11;

/**
 * Every function of ONNX Runtime's C API that fovea calls: slot, C declaration and signature.
 * Enumerations and `int` are `i32`; what C writes to or reads at once is a `buffer`, what it keeps
 * or handed out itself is a `pointer`. A test compares all of it with ONNX Runtime's own header.
 */
export const ORT_API = {
  // OrtErrorCode GetErrorCode(const OrtStatus* status)
  GetErrorCode: { slot: 1, parameters: ["pointer"], result: "i32" },
  // const char* GetErrorMessage(const OrtStatus* status)
  GetErrorMessage: { slot: 2, parameters: ["pointer"], result: "pointer" },
  // OrtStatus* CreateEnv(OrtLoggingLevel log_severity_level, const char* logid, OrtEnv** out)
  CreateEnv: { slot: 3, parameters: ["i32", "buffer", "buffer"], result: "pointer" },
  // OrtStatus* CreateSessionFromArray(const OrtEnv* env, const void* model_data, size_t
  //   model_data_length, const OrtSessionOptions* options, OrtSession** out)
  CreateSessionFromArray: {
    slot: 8,
    parameters: ["pointer", "buffer", "usize", "pointer", "buffer"],
    result: "pointer",
  },
  // OrtStatus* CreateSessionOptions(OrtSessionOptions** options)
  CreateSessionOptions: { slot: 10, parameters: ["buffer"], result: "pointer" },
  // OrtStatus* SetSessionExecutionMode(OrtSessionOptions* options, ExecutionMode execution_mode)
  SetSessionExecutionMode: { slot: 13, parameters: ["pointer", "i32"], result: "pointer" },
  // OrtStatus* EnableProfiling(OrtSessionOptions* options, const char* profile_file_prefix)
  EnableProfiling: { slot: 14, parameters: ["pointer", "buffer"], result: "pointer" },
  // OrtStatus* SetSessionLogSeverityLevel(OrtSessionOptions* options, int
  //   session_log_severity_level)
  SetSessionLogSeverityLevel: { slot: 22, parameters: ["pointer", "i32"], result: "pointer" },
  // OrtStatus* SetSessionGraphOptimizationLevel(OrtSessionOptions* options, GraphOptimizationLevel
  //   graph_optimization_level)
  SetSessionGraphOptimizationLevel: { slot: 23, parameters: ["pointer", "i32"], result: "pointer" },
  // OrtStatus* SetIntraOpNumThreads(OrtSessionOptions* options, int intra_op_num_threads)
  SetIntraOpNumThreads: { slot: 24, parameters: ["pointer", "i32"], result: "pointer" },
  // OrtStatus* SetInterOpNumThreads(OrtSessionOptions* options, int inter_op_num_threads)
  SetInterOpNumThreads: { slot: 25, parameters: ["pointer", "i32"], result: "pointer" },
  // OrtStatus* SessionGetInputCount(const OrtSession* session, size_t* out)
  SessionGetInputCount: { slot: 30, parameters: ["pointer", "buffer"], result: "pointer" },
  // OrtStatus* SessionGetOutputCount(const OrtSession* session, size_t* out)
  SessionGetOutputCount: { slot: 31, parameters: ["pointer", "buffer"], result: "pointer" },
  // OrtStatus* SessionGetInputTypeInfo(const OrtSession* session, size_t index, OrtTypeInfo**
  //   type_info)
  SessionGetInputTypeInfo: {
    slot: 33,
    parameters: ["pointer", "usize", "buffer"],
    result: "pointer",
  },
  // OrtStatus* SessionGetOutputTypeInfo(const OrtSession* session, size_t index, OrtTypeInfo**
  //   type_info)
  SessionGetOutputTypeInfo: {
    slot: 34,
    parameters: ["pointer", "usize", "buffer"],
    result: "pointer",
  },
  // OrtStatus* SessionGetInputName(const OrtSession* session, size_t index, OrtAllocator*
  //   allocator, char** value)
  SessionGetInputName: {
    slot: 36,
    parameters: ["pointer", "usize", "pointer", "buffer"],
    result: "pointer",
  },
  // OrtStatus* SessionGetOutputName(const OrtSession* session, size_t index, OrtAllocator*
  //   allocator, char** value)
  SessionGetOutputName: {
    slot: 37,
    parameters: ["pointer", "usize", "pointer", "buffer"],
    result: "pointer",
  },
  // OrtStatus* CreateRunOptions(OrtRunOptions** out)
  CreateRunOptions: { slot: 39, parameters: ["buffer"], result: "pointer" },
  // OrtStatus* RunOptionsSetTerminate(OrtRunOptions* options)
  RunOptionsSetTerminate: { slot: 46, parameters: ["pointer"], result: "pointer" },
  // OrtStatus* CreateTensorWithDataAsOrtValue(const OrtMemoryInfo* info, void* p_data, size_t
  //   p_data_len, const int64_t* shape, size_t shape_len, ONNXTensorElementDataType type,
  //   OrtValue** out)
  CreateTensorWithDataAsOrtValue: {
    slot: 49,
    parameters: ["pointer", "pointer", "usize", "buffer", "usize", "i32", "buffer"],
    result: "pointer",
  },
  // OrtStatus* GetTensorMutableData(OrtValue* value, void** out)
  GetTensorMutableData: { slot: 51, parameters: ["pointer", "buffer"], result: "pointer" },
  // OrtStatus* CastTypeInfoToTensorInfo(const OrtTypeInfo* type_info, const
  //   OrtTensorTypeAndShapeInfo** out)
  CastTypeInfoToTensorInfo: { slot: 55, parameters: ["pointer", "buffer"], result: "pointer" },
  // OrtStatus* GetTensorElementType(const OrtTensorTypeAndShapeInfo* info, enum
  //   ONNXTensorElementDataType* out)
  GetTensorElementType: { slot: 60, parameters: ["pointer", "buffer"], result: "pointer" },
  // OrtStatus* GetDimensionsCount(const OrtTensorTypeAndShapeInfo* info, size_t* out)
  GetDimensionsCount: { slot: 61, parameters: ["pointer", "buffer"], result: "pointer" },
  // OrtStatus* GetDimensions(const OrtTensorTypeAndShapeInfo* info, int64_t* dim_values, size_t
  //   dim_values_length)
  GetDimensions: { slot: 62, parameters: ["pointer", "buffer", "usize"], result: "pointer" },
  // OrtStatus* GetTensorTypeAndShape(const OrtValue* value, OrtTensorTypeAndShapeInfo** out)
  GetTensorTypeAndShape: { slot: 65, parameters: ["pointer", "buffer"], result: "pointer" },
  // OrtStatus* CreateMemoryInfo(const char* name, enum OrtAllocatorType type, int id, enum
  //   OrtMemType mem_type, OrtMemoryInfo** out)
  CreateMemoryInfo: {
    slot: 68,
    parameters: ["buffer", "i32", "i32", "i32", "buffer"],
    result: "pointer",
  },
  // OrtStatus* CreateCpuMemoryInfo(enum OrtAllocatorType type, enum OrtMemType mem_type,
  //   OrtMemoryInfo** out)
  CreateCpuMemoryInfo: { slot: 69, parameters: ["i32", "i32", "buffer"], result: "pointer" },
  // OrtStatus* AllocatorFree(OrtAllocator* ort_allocator, void* p)
  AllocatorFree: { slot: 76, parameters: ["pointer", "pointer"], result: "pointer" },
  // OrtStatus* GetAllocatorWithDefaultOptions(OrtAllocator** out)
  GetAllocatorWithDefaultOptions: { slot: 78, parameters: ["buffer"], result: "pointer" },
  // void ReleaseEnv(OrtEnv* input)
  ReleaseEnv: { slot: 92, parameters: ["pointer"], result: "void" },
  // void ReleaseStatus(OrtStatus* input)
  ReleaseStatus: { slot: 93, parameters: ["pointer"], result: "void" },
  // void ReleaseMemoryInfo(OrtMemoryInfo* input)
  ReleaseMemoryInfo: { slot: 94, parameters: ["pointer"], result: "void" },
  // void ReleaseSession(OrtSession* input)
  ReleaseSession: { slot: 95, parameters: ["pointer"], result: "void" },
  // void ReleaseValue(OrtValue* input)
  ReleaseValue: { slot: 96, parameters: ["pointer"], result: "void" },
  // void ReleaseRunOptions(OrtRunOptions* input)
  ReleaseRunOptions: { slot: 97, parameters: ["pointer"], result: "void" },
  // void ReleaseTypeInfo(OrtTypeInfo* input)
  ReleaseTypeInfo: { slot: 98, parameters: ["pointer"], result: "void" },
  // void ReleaseTensorTypeAndShapeInfo(OrtTensorTypeAndShapeInfo* input)
  ReleaseTensorTypeAndShapeInfo: { slot: 99, parameters: ["pointer"], result: "void" },
  // void ReleaseSessionOptions(OrtSessionOptions* input)
  ReleaseSessionOptions: { slot: 100, parameters: ["pointer"], result: "void" },
  // OrtStatus* SessionEndProfiling(OrtSession* session, OrtAllocator* allocator, char** out)
  SessionEndProfiling: {
    slot: 110,
    parameters: ["pointer", "pointer", "buffer"],
    result: "pointer",
  },
  // OrtStatus* GetAvailableProviders(char*** out_ptr, int* provider_length)
  GetAvailableProviders: { slot: 125, parameters: ["buffer", "buffer"], result: "pointer" },
  // OrtStatus* ReleaseAvailableProviders(char** ptr, int providers_length)
  ReleaseAvailableProviders: { slot: 126, parameters: ["pointer", "i32"], result: "pointer" },
  // OrtStatus* AddSessionConfigEntry(OrtSessionOptions* options, const char* config_key, const
  //   char* config_value)
  AddSessionConfigEntry: {
    slot: 130,
    parameters: ["pointer", "buffer", "buffer"],
    result: "pointer",
  },
  // OrtStatus* RunWithBinding(OrtSession* session, const OrtRunOptions* run_options, const
  //   OrtIoBinding* binding_ptr)
  RunWithBinding: { slot: 133, parameters: ["pointer", "pointer", "pointer"], result: "pointer" },
  // OrtStatus* CreateIoBinding(OrtSession* session, OrtIoBinding** out)
  CreateIoBinding: { slot: 134, parameters: ["pointer", "buffer"], result: "pointer" },
  // void ReleaseIoBinding(OrtIoBinding* input)
  ReleaseIoBinding: { slot: 135, parameters: ["pointer"], result: "void" },
  // OrtStatus* BindInput(OrtIoBinding* binding_ptr, const char* name, const OrtValue* val_ptr)
  BindInput: { slot: 136, parameters: ["pointer", "buffer", "pointer"], result: "pointer" },
  // OrtStatus* BindOutput(OrtIoBinding* binding_ptr, const char* name, const OrtValue* val_ptr)
  BindOutput: { slot: 137, parameters: ["pointer", "buffer", "pointer"], result: "pointer" },
  // OrtStatus* BindOutputToDevice(OrtIoBinding* binding_ptr, const char* name, const
  //   OrtMemoryInfo* mem_info_ptr)
  BindOutputToDevice: {
    slot: 138,
    parameters: ["pointer", "buffer", "pointer"],
    result: "pointer",
  },
  // OrtStatus* GetBoundOutputValues(const OrtIoBinding* binding_ptr, OrtAllocator* allocator,
  //   OrtValue*** output, size_t* output_count)
  GetBoundOutputValues: {
    slot: 140,
    parameters: ["pointer", "pointer", "buffer", "buffer"],
    result: "pointer",
  },
  // OrtStatus* AddRunConfigEntry(OrtRunOptions* options, const char* config_key, const char*
  //   config_value)
  AddRunConfigEntry: {
    slot: 165,
    parameters: ["pointer", "buffer", "buffer"],
    result: "pointer",
  },
  // OrtStatus* SessionOptionsAppendExecutionProvider_TensorRT_V2(OrtSessionOptions* options, const
  //   OrtTensorRTProviderOptionsV2* tensorrt_options)
  SessionOptionsAppendExecutionProvider_TensorRT_V2: {
    slot: 170,
    parameters: ["pointer", "pointer"],
    result: "pointer",
  },
  // OrtStatus* CreateTensorRTProviderOptions(OrtTensorRTProviderOptionsV2** out)
  CreateTensorRTProviderOptions: { slot: 171, parameters: ["buffer"], result: "pointer" },
  // OrtStatus* UpdateTensorRTProviderOptions(OrtTensorRTProviderOptionsV2* tensorrt_options, const
  //   char* const* provider_options_keys, const char* const* provider_options_values, size_t
  //   num_keys)
  UpdateTensorRTProviderOptions: {
    slot: 172,
    parameters: ["pointer", "buffer", "buffer", "usize"],
    result: "pointer",
  },
  // void ReleaseTensorRTProviderOptions(OrtTensorRTProviderOptionsV2* input)
  ReleaseTensorRTProviderOptions: { slot: 174, parameters: ["pointer"], result: "void" },
  // OrtStatus* SessionOptionsAppendExecutionProvider_CUDA_V2(OrtSessionOptions* options, const
  //   OrtCUDAProviderOptionsV2* cuda_options)
  SessionOptionsAppendExecutionProvider_CUDA_V2: {
    slot: 204,
    parameters: ["pointer", "pointer"],
    result: "pointer",
  },
  // OrtStatus* CreateCUDAProviderOptions(OrtCUDAProviderOptionsV2** out)
  CreateCUDAProviderOptions: { slot: 205, parameters: ["buffer"], result: "pointer" },
  // OrtStatus* UpdateCUDAProviderOptions(OrtCUDAProviderOptionsV2* cuda_options, const char*
  //   const* provider_options_keys, const char* const* provider_options_values, size_t num_keys)
  UpdateCUDAProviderOptions: {
    slot: 206,
    parameters: ["pointer", "buffer", "buffer", "usize"],
    result: "pointer",
  },
  // void ReleaseCUDAProviderOptions(OrtCUDAProviderOptionsV2* input)
  ReleaseCUDAProviderOptions: { slot: 208, parameters: ["pointer"], result: "void" },
  // OrtStatus* UpdateTensorRTProviderOptionsWithValue(OrtTensorRTProviderOptionsV2*
  //   tensorrt_options, const char* key, void* value)
  UpdateTensorRTProviderOptionsWithValue: {
    slot: 261,
    parameters: ["pointer", "buffer", "pointer"],
    result: "pointer",
    since: 16,
  },
  // OrtStatus* UpdateCUDAProviderOptionsWithValue(OrtCUDAProviderOptionsV2* cuda_options, const
  //   char* key, void* value)
  UpdateCUDAProviderOptionsWithValue: {
    slot: 263,
    parameters: ["pointer", "buffer", "pointer"],
    result: "pointer",
    since: 16,
  },
} as const satisfies Readonly<Record<string, OrtFunction>>;

/** Names of the functions in {@linkcode ORT_API}. */
export type OrtFunctionName = keyof typeof ORT_API;

/** The functions of {@linkcode ORT_API}, ready to be called; `null` where the library is older. */
export type OrtApi = {
  readonly [Name in OrtFunctionName]:
    | Deno.UnsafeFnPointer<(typeof ORT_API)[Name]>["call"]
    | ((typeof ORT_API)[Name] extends { readonly since: number } ? null : never);
};

/**
 * Reads the functions of {@linkcode ORT_API} from the library's table.
 *
 * @param table The `OrtApi` of {@linkcode ORT_API_VERSION}.
 * @param libraryVersion The newest API version that the library has.
 */
export function bindOrtApi(table: Deno.PointerObject, libraryVersion: number): OrtApi {
  const view = new Deno.UnsafePointerView(table);
  const functions: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries<OrtFunction>(ORT_API)) {
    functions[name] = (definition.since ?? 0) > libraryVersion ? null : bindOne(view, definition);
  }
  return functions as OrtApi;
}

function bindOne(view: Deno.UnsafePointerView, definition: OrtFunction): unknown {
  const address = view.getPointer(8 * definition.slot) as Deno.PointerObject<OrtFunction>;
  const pointer = new Deno.UnsafeFnPointer(address, definition);
  return pointer.call.bind(pointer);
}
