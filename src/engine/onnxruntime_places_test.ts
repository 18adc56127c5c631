import { assertEquals } from "@std/assert";
import { bundledLibrary, listOnnxRuntimePlaces, type PlacesHost } from "./onnxruntime_places.ts";

/** A machine with these variables and files. */
function machine(
  env: Readonly<Record<string, string>>,
  files: readonly string[] = [],
): PlacesHost {
  return {
    env: (name) => env[name] ?? null,
    list(folder) {
      const inside = files.filter((path) => path.startsWith(`${folder}/`));
      return [...new Set(inside.map((path) => path.slice(folder.length + 1).split("/")[0]!))];
    },
  };
}

const BUNDLED = { path: bundledLibrary()!, source: "onnxruntime-node" };

Deno.test("a library that is named is the only one that is tried", () => {
  const host = machine({ ORT_DYLIB_PATH: "/opt/ort.so" }, ["/usr/lib/libonnxruntime.so"]);
  assertEquals(listOnnxRuntimePlaces("mine.so", host), [
    { path: "mine.so", source: "option libraryPath" },
  ]);
  assertEquals(listOnnxRuntimePlaces(null, host), [
    { path: "/opt/ort.so", source: "ORT_DYLIB_PATH" },
  ]);
});

Deno.test("the library of onnxruntime-node is there, and the last that is tried", async () => {
  assertEquals(listOnnxRuntimePlaces(null, machine({})), [BUNDLED]);
  assertEquals((await Deno.stat(BUNDLED.path)).isFile, true);
});

Deno.test("usual places are tried in order, the newest file of each", () => {
  const host = machine({ HOME: "/me", VIRTUAL_ENV: "/venv" }, [
    "/usr/lib/aarch64-linux-gnu/libonnxruntime.so",
    "/usr/lib/aarch64-linux-gnu/libonnxruntime.so.1.9.0",
    "/usr/lib/aarch64-linux-gnu/libonnxruntime.so.1.18.1",
    "/usr/lib/aarch64-linux-gnu/libonnxruntime_providers_cuda.so",
    "/usr/local/lib/libonnxruntime.so",
    "/usr/local/lib/python3.10/dist-packages/onnxruntime/capi/libonnxruntime.so.1.23.0",
    "/me/.local/lib/python3.9/site-packages/onnxruntime/capi/libonnxruntime.so.1.20.0",
    "/me/.local/lib/python3.12/site-packages/onnxruntime/capi/libonnxruntime.so.1.22.0",
    "/me/.local/lib/python3.12/site-packages/onnxruntime/capi/onnxruntime_pybind11_state.so",
    "/venv/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.1.30.0",
  ]);
  const wheel = (path: string) => ({ path, source: "Python wheel" });
  assertEquals(listOnnxRuntimePlaces(null, host), [
    { path: "/usr/local/lib/libonnxruntime.so", source: "system library" },
    {
      path: "/usr/lib/aarch64-linux-gnu/libonnxruntime.so.1.18.1",
      source: "system library",
    },
    wheel("/venv/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.1.30.0"),
    wheel("/me/.local/lib/python3.12/site-packages/onnxruntime/capi/libonnxruntime.so.1.22.0"),
    wheel("/me/.local/lib/python3.9/site-packages/onnxruntime/capi/libonnxruntime.so.1.20.0"),
    wheel("/usr/local/lib/python3.10/dist-packages/onnxruntime/capi/libonnxruntime.so.1.23.0"),
    BUNDLED,
  ]);
});
