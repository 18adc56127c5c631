import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import { type PackedFile, packZip } from "../../tests/support/zip_file.ts";
import { unpackWheel } from "./unpack_wheel.ts";

const FILES: readonly PackedFile[] = [
  "tensorflow/__init__.py",
  "tensorflow/libtensorflow_cc.so.2",
  "tensorflow/libtensorflow_framework.so.2",
  "tensorflow/libtensorflow_cc.so.2.extra",
  "tensorflow/include/tensorflow/c/c_api.h",
  "tensorflow/include/tensorflow/c/eager/c_api.h",
  "tensorflow/include/tensorflow/core/platform/ctstring.h",
  "tensorflow/include/tensorflow/core/framework/tensor.h",
  "tensorflow/include/tsl/platform/ctstring.h",
  "tensorflow/include/xla/tsl/c/tsl_status.h",
  "tensorflow/include/Eigen/Core",
  "tensorflow/python/platform/build_info.py",
].map((name) => ({ name, bytes: new TextEncoder().encode(`${name}\n`.repeat(50)) }));

async function withArchive(
  bytes: Uint8Array,
  run: (path: string, into: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/some.whl`;
    await Deno.writeFile(path, bytes);
    await Deno.mkdir(`${folder}/into`);
    await run(path, `${folder}/into`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      found.push(...(await listFiles(`${folder}/${name}`)).map((f) => `${name}/${f}`));
    } else found.push(name);
  }
  return found.sort();
}

Deno.test("unpackWheel() takes libraries, the headers of the C interface, and how it was built", async () => {
  await withArchive(packZip(FILES), async (path, into) => {
    const told: string[] = [];
    assertEquals(
      await unpackWheel(path, into, { onFile: (name) => told.push(name) }),
      `${into}/tensorflow`,
    );
    const wanted = [1, 2, 4, 5, 6, 8, 9, 11].map((i) => FILES[i]!);
    assertEquals(told, wanted.map(({ name }) => name));
    assertEquals(await listFiles(into), told.toSorted());
    for (const { name, bytes } of wanted) {
      assertEquals<Uint8Array>(await Deno.readFile(`${into}/${name}`), bytes);
    }
  });
});

Deno.test("unpackWheel() refuses what is no archive, cut off, damaged, or leads elsewhere", async () => {
  const [framework] = FILES.slice(2);
  const whole = packZip(FILES);
  const archives = {
    "no archive": new TextEncoder().encode("not a wheel"),
    "empty": new Uint8Array(0),
    "cut off": whole.subarray(0, whole.length - 30),
    "damaged": packZip([{ ...framework!, broken: true }]),
    "leads elsewhere": packZip([{
      ...framework!,
      name: "tensorflow/include/tensorflow/c/../../x.h",
    }]),
  };
  for (const [what, bytes] of Object.entries(archives)) {
    await withArchive(bytes, async (path, into) => {
      const error = await assertRejects(
        () => unpackWheel(path, into),
        FoveaError,
        "Cannot unpack",
        what,
      );
      assertEquals(error.code, "TENSORFLOW_BUILD");
      assertEquals(error.hint?.includes("Download the wheel again"), true);
    });
  }
});

Deno.test("unpackWheel() ends when it is told to", async () => {
  await withArchive(packZip(FILES), async (path, into) => {
    const abort = new AbortController();
    const stop = new Error("enough");
    const error = await assertRejects(() =>
      unpackWheel(path, into, { signal: abort.signal, onFile: () => abort.abort(stop) })
    );
    assertStrictEquals(error, stop);
  });
});
