import { FoveaError } from "../core/errors.ts";
import { CStringArray, readCStrings, toCString } from "./c_string.ts";
import { NativeHandle } from "./native_handle.ts";
import type { OrtEnvironment } from "./ort_environment.ts";
import type { OrtSessionOptions } from "./ort_session_options.ts";
import { type FailureReport, takeFailure } from "./ort_status.ts";
import { OutPointer } from "./out_parameter.ts";

/** The providers that are libraries of their own, as the functions of the C API name them. */
export type GpuProvider = "CUDA" | "TensorRT";

/** What a provider is told. */
export interface ProviderSettings {
  /** Options by ONNX Runtime's own keys. */
  readonly entries: Readonly<Record<string, string>>;
  /** Address of the stream to compute on, a `CUstream`; `null` for one of its own. */
  readonly userStream: bigint | null;
}

/** Files beside ONNX Runtime's library that a provider consists of, in the order they load. */
const PROVIDER_FILES: Readonly<Record<GpuProvider, readonly string[]>> = {
  CUDA: ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"],
  TensorRT: ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_tensorrt.so"],
};

/**
 * Lets sessions made with these options run on a provider.
 *
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if the provider is not there, naming the library that
 * was tried and what it misses; `ENGINE_OPTION` if it does not know an option.
 */
export function appendProvider(
  environment: OrtEnvironment,
  options: OrtSessionOptions,
  provider: GpuProvider,
  settings: ProviderSettings,
): void {
  const { api } = environment;
  const out = new OutPointer();
  checkProvider(environment, provider, api[`Create${provider}ProviderOptions`](out.bytes), null);
  using native = new NativeHandle(
    `${provider} provider options`,
    out.take(),
    api[`Release${provider}ProviderOptions`],
  );
  update(environment, provider, native, settings.entries);
  if (settings.userStream !== null) {
    setStream(environment, provider, native, settings.userStream);
  }
  const append = api[`SessionOptionsAppendExecutionProvider_${provider}_V2`];
  checkProvider(environment, provider, append(options.pointer, native.pointer), null);
}

/**
 * Refuses a provider whose own library does not open.
 *
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` naming the file and what it misses.
 */
export function requireProviderLibrary(environment: OrtEnvironment, provider: GpuProvider): void {
  const { path, version } = environment.library;
  const fault = findProviderFault(path, provider);
  if (fault === null) return;
  const what = `Cannot use ${provider} with ${path} (${version})`;
  throw new FoveaError("ENGINE_UNAVAILABLE", `${what}: ${fault}`);
}

/** Names of the providers that the library was built with, as it calls them. */
export function listProviders(environment: OrtEnvironment): string[] {
  const { api } = environment;
  const report: FailureReport = { code: "ENGINE_FAILED", what: "Cannot list the providers" };
  const names = new OutPointer();
  const count = new Int32Array(1);
  environment.check(api.GetAvailableProviders(names.bytes, count), report);
  const list = readCStrings(names.pointer, count[0]!);
  environment.check(api.ReleaseAvailableProviders(names.pointer, count[0]!), report);
  return list;
}

/**
 * Why a provider's own library does not open, in the words of the system's loader, which name the
 * file or the dependency that is missing; `null` where it opens.
 *
 * @param libraryPath Where ONNX Runtime's library lies; its providers lie beside it.
 */
export function findProviderFault(libraryPath: string, provider: GpuProvider): string | null {
  const folder = libraryPath.slice(0, libraryPath.lastIndexOf("/") + 1);
  // The second needs the first, which finds it by name once it is open.
  using stack = new DisposableStack();
  for (const file of PROVIDER_FILES[provider]) {
    try {
      const library = Deno.dlopen(`${folder}${file}`, {});
      stack.defer(() => library.close());
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const reason = text.replace(/^(Could not open library: )+/, "");
      return reason.includes(file) ? reason : `${folder}${file}: ${reason}`;
    }
  }
  return null;
}

function update(
  environment: OrtEnvironment,
  provider: GpuProvider,
  native: NativeHandle,
  entries: Readonly<Record<string, string>>,
): void {
  const keys = new CStringArray(Object.keys(entries));
  const values = new CStringArray(Object.values(entries));
  const status = environment.api[`Update${provider}ProviderOptions`](
    native.pointer,
    keys.addresses,
    values.addresses,
    BigInt(keys.count),
  );
  checkProvider(environment, provider, status, Object.keys(entries).join(", "));
}

function setStream(
  environment: OrtEnvironment,
  provider: GpuProvider,
  native: NativeHandle,
  stream: bigint,
): void {
  const setValue = environment.api[`Update${provider}ProviderOptionsWithValue`];
  const what = `Cannot give ${provider} a stream`;
  if (setValue === null) {
    throw new FoveaError(
      "ENGINE_OPTION",
      `${what}: ONNX Runtime ${environment.library.version} cannot take one`,
      { hint: "Use ONNX Runtime 1.16 or newer" },
    );
  }
  const pointer = Deno.UnsafePointer.create(stream);
  const status = setValue(native.pointer, toCString("user_compute_stream"), pointer);
  environment.check(status, { code: "ENGINE_OPTION", what });
}

/**
 * Tells a failed call by what is really wrong: any call may be the first that needs the provider's
 * library and finds it missing.
 *
 * @param setting What was set, if the call sets something.
 */
function checkProvider(
  environment: OrtEnvironment,
  provider: GpuProvider,
  status: Deno.PointerValue,
  setting: string | null,
): void {
  const failure = takeFailure(environment.api, status);
  if (failure === null) return;
  const { path, version } = environment.library;
  const fault = findProviderFault(path, provider);
  const [code, what] = setting !== null && fault === null
    ? ["ENGINE_OPTION", `Cannot set ${setting} for ${provider} in ONNX Runtime ${version}`] as const
    : ["ENGINE_UNAVAILABLE", `Cannot use ${provider} with ${path} (${version})`] as const;
  const parts = [what, ...(fault === null ? [] : [fault]), failure.message];
  throw new FoveaError(code, parts.join(": "), { cause: failure });
}
