import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { compileLibrary, hasCompiler } from "../../tests/support/fake_onnxruntime/build.ts";
import { FoveaError } from "../core/errors.ts";
import type { LibraryCandidate } from "./library.ts";
import { Nvrtc, readKernelSources } from "./nvrtc.ts";

/** Where a real NVRTC is, for the tests that need one. */
const VARIABLE = "FOVEA_LIBNVRTC";

function placesOf(path: string): LibraryCandidate[] {
  return [{ path, source: "test" }];
}

/** A stand-in that compiles to a list of what it was given, and refuses architectures from 200. */
const FAKE = `
#include <cstdlib>
#include <cstring>
#include <string>
struct Program { std::string text; };
static int alive = 0;
#define API extern "C" __attribute__((visibility("default")))
API int nvrtcVersion(int* major, int* minor) { *major = 12; *minor = 6; return 0; }
API const char* nvrtcGetErrorString(int code) { return code == 5 ? "NVRTC_ERROR_INVALID_OPTION" : "NVRTC_ERROR_COMPILATION"; }
API int nvrtcCreateProgram(Program** out, const char* source, const char* name, int count, const char* const* headers, const char* const* names) {
  *out = new Program();
  alive++;
  (*out)->text = std::string(name) + " " + std::to_string(strlen(source));
  for (int i = 0; i < count; i++) (*out)->text += std::string("\\n") + names[i] + " " + std::to_string(strlen(headers[i]));
  return 0;
}
API int nvrtcDestroyProgram(Program** program) { delete *program; *program = nullptr; alive--; return 0; }
API int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  for (int i = 0; i < count; i++) program->text += std::string("\\n") + options[i];
  return strstr(options[count - 1], "sm_999") != nullptr ? 5 : strstr(options[count - 1], "sm_998") != nullptr ? 6 : 0;
}
API int nvrtcGetProgramLogSize(Program*, size_t* bytes) { *bytes = 17; return 0; }
API int nvrtcGetProgramLog(Program*, char* log) { strcpy(log, "line 1: not good"); return 0; }
API int nvrtcGetCUBINSize(Program* program, size_t* bytes) { *bytes = program->text.size(); return 0; }
API int nvrtcGetCUBIN(Program* program, char* cubin) { memcpy(cubin, program->text.data(), program->text.size()); return 0; }
API int fake_alive() { return alive; }
`;

Deno.test({
  name: hasCompiler() ? "Nvrtc passes sources and options on" : "Nvrtc passes on [skipped: no g++]",
  ignore: !hasCompiler(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "fovea_nvrtc_" });
    try {
      const path = `${folder}/libfake_nvrtc.so`;
      await Deno.writeTextFile(`${folder}/fake.cc`, FAKE);
      compileLibrary(`${folder}/fake.cc`, path, folder);
      const sources = await readKernelSources();
      using nvrtc = new Nvrtc(placesOf(path));
      assertEquals([nvrtc.version, nvrtc.path], ["12.6", path]);
      const lines = new TextDecoder().decode(nvrtc.compile(sources, 87)).split("\n");
      const bytes = (text: string) => new TextEncoder().encode(text).length;
      assertEquals(lines, [
        `index.cu ${bytes(sources.get("index.cu")!)}`,
        ...[...sources].slice(1).map(([name, text]) => `${name} ${bytes(text)}`),
        "--std=c++14",
        "--fmad=false",
        "--gpu-architecture=sm_87",
      ]);
      const invalid = assertThrows(() => nvrtc.compile(sources, 999), FoveaError);
      assertEquals(invalid.code, "GPU_FAILED");
      assertStringIncludes(invalid.message, "Cannot let NVRTC compile the kernels");
      assertStringIncludes(invalid.message, "NVRTC_ERROR_INVALID_OPTION (5): line 1: not good");
      assertThrows(() => nvrtc.compile(sources, 998), FoveaError, "NVRTC_ERROR_COMPILATION (6)");
      const control = Deno.dlopen(path, { fake_alive: { parameters: [], result: "i32" } });
      assertEquals(control.symbols.fake_alive(), 0);
      control.close();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("Nvrtc names the places where it is not, and other libraries", () => {
  const missing = assertThrows(() => new Nvrtc(placesOf("/nowhere/libnvrtc.so")), FoveaError);
  assertEquals(missing.code, "GPU_UNAVAILABLE");
  assertStringIncludes(missing.message, "/nowhere/libnvrtc.so (test) cannot be opened");
  assertThrows(() => new Nvrtc(placesOf("libc.so.6")), FoveaError, "is another library");
});

const real = Deno.env.get(VARIABLE) ?? null;
Deno.test({
  name: `a real NVRTC compiles the kernels${
    real === null ? ` [skipped: no GPU toolkit named in ${VARIABLE}]` : ""
  }`,
  ignore: real === null,
  fn: async () => {
    using nvrtc = new Nvrtc(placesOf(real!));
    const cubin = nvrtc.compile(await readKernelSources(), 87);
    // ELF, with every kernel in it.
    assertEquals([...cubin.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
    assert(new TextDecoder("latin1").decode(cubin).includes("fovea_letterbox"));
    assertThrows(
      () => nvrtc.compile(new Map([["index.cu", "int x = ;"]]), 87),
      FoveaError,
      "x = ;",
    );
  },
});
