import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import { TensorFlowTrainer } from "../../src/refine/mod.ts";
import { drawJob } from "../../tests/support/training_jobs.ts";
import { buildBinding, type BuildOptions } from "./build_binding.ts";

/** A TensorFlow to build against, where this machine has one. */
const TENSORFLOW = Deno.env.get("FOVEA_TENSORFLOW");
const NONE = TENSORFLOW === undefined || TENSORFLOW === "";
const OTHER_MACHINE = Deno.build.arch === "x86_64" ? 0xb7 : 0x3e;
const THIS_MACHINE = Deno.build.arch === "x86_64" ? 0x3e : 0xb7;

interface Place {
  /** A folder like that of an installed TensorFlow, without anything in it. */
  readonly tensorflow: string;
  readonly options: BuildOptions;
}

/** Runs in folders of its own, with an earlier binding, and asserts that a failure leaves it. */
async function inPlace(run: (place: Place) => Promise<void>): Promise<void> {
  // Not in the system's temporary folder, which may be another disk.
  await Deno.mkdir("out", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "out", prefix: "build-test-" });
  try {
    const root = await Deno.realPath(folder);
    for (const name of ["tensorflow", "work", "into"]) await Deno.mkdir(`${root}/${name}`);
    await Deno.writeTextFile(`${root}/into/earlier`, "an earlier binding");
    await run({
      tensorflow: `${root}/tensorflow`,
      options: {
        tensorflow: `${root}/tensorflow`,
        into: `${root}/into`,
        workFolder: `${root}/work`,
        compiler: "g++",
        signal: new AbortController().signal,
        onProgress() {},
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertRefused(options: BuildOptions, message: string): Promise<FoveaError> {
  const error = await assertRejects(() => buildBinding(options), FoveaError);
  assertEquals(error.code, "TENSORFLOW_BUILD");
  assertStringIncludes(error.message, message);
  assert(error.hint !== null && error.hint.length > 20, "no hint");
  assertEquals(await Array.fromAsync(Deno.readDir(options.workFolder)), []);
  assertEquals(await Deno.readTextFile(`${options.into}/earlier`), "an earlier binding");
  return error;
}

/** Writes what looks like libraries and headers, and is neither. */
async function pretend(folder: string, machine = THIS_MACHINE): Promise<void> {
  const header = new Uint8Array(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  new DataView(header.buffer).setUint16(18, machine, true);
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
    await Deno.writeFile(`${folder}/${name}`, header);
  }
  await Deno.mkdir(`${folder}/include/tensorflow/c/eager`, { recursive: true });
  await Deno.writeTextFile(`${folder}/include/tensorflow/c/eager/c_api.h`, "");
}

Deno.test("buildBinding() refuses what is no TensorFlow, and says what is missing", async () => {
  await inPlace(async ({ tensorflow, options }) => {
    await assertRefused({ ...options, tensorflow: `${tensorflow}/none` }, "there is nothing");
    await assertRefused(options, "it holds no TensorFlow (libtensorflow_framework.so.2)");
    await pretend(tensorflow);
    await Deno.remove(`${tensorflow}/libtensorflow_cc.so.2`);
    const old = await assertRefused(options, "it has no libtensorflow_cc.so.2");
    assertStringIncludes(old.hint!, "newer TensorFlow");
    await pretend(tensorflow);
    await Deno.remove(`${tensorflow}/include`, { recursive: true });
    await assertRefused(options, "it has no header include/tensorflow/c/eager/c_api.h");
    await Deno.writeTextFile(`${tensorflow}/libtensorflow_cc.so.2`, "INPUT(somewhere_else)");
    await assertRefused(options, "libtensorflow_cc.so.2 is no library for Linux");
    await Deno.writeTextFile(`${tensorflow}/notes.txt`, "");
    await assertRefused(
      { ...options, tensorflow: `${tensorflow}/notes.txt` },
      "it is neither a folder nor a wheel",
    );
  });
});

Deno.test("buildBinding() refuses another machine's TensorFlow", async () => {
  await inPlace(async ({ tensorflow, options }) => {
    await pretend(tensorflow, OTHER_MACHINE);
    const error = await assertRefused(options, `and this machine is ${Deno.build.arch}`);
    assertStringIncludes(error.hint!, Deno.build.arch);
    const other = Deno.build.arch === "x86_64" ? "aarch64" : "x86_64";
    for (const platform of [`manylinux_2_27_${other}`, "win_amd64", "macosx_12_0_arm64"]) {
      const wheel = `${tensorflow}/tensorflow-2.21.0-cp311-cp311-${platform}.whl`;
      await Deno.writeTextFile(wheel, "never read");
      await assertRefused({ ...options, tensorflow: wheel }, "made for another machine than linux");
    }
  });
});

Deno.test("buildBinding() refuses a damaged wheel", async () => {
  await inPlace(async ({ tensorflow, options }) => {
    const wheel = `${tensorflow}/tensorflow-2.21.0.whl`;
    await Deno.writeTextFile(wheel, "cut off");
    await assertRefused({ ...options, tensorflow: wheel }, "Cannot unpack");
  });
});

Deno.test("buildBinding() says that there is no compiler before anything is done", async () => {
  await inPlace(async ({ options }) => {
    const error = await assertRefused(
      { ...options, compiler: "no-such-compiler" },
      'there is no compiler "no-such-compiler"',
    );
    assertStringIncludes(error.hint!, "g++");
  });
});

Deno.test("buildBinding() tells the compiler's own words, and leaves nothing", async () => {
  await inPlace(async ({ tensorflow, options }) => {
    await pretend(tensorflow);
    const doing: string[] = [];
    const error = await assertRefused(
      { ...options, compiler: "cc", onProgress: (what) => doing.push(what) },
      "Cannot compile the binding",
    );
    assertStringIncludes(error.message, "tensorflow/c/");
    assertEquals(doing.at(-1), "compiling the binding of @tensorflow/tfjs-node");
  });
});

Deno.test("buildBinding() ends when it is told to, and leaves nothing", async () => {
  await inPlace(async ({ tensorflow, options }) => {
    await pretend(tensorflow);
    const abort = new AbortController();
    const reason = new Error("no longer wanted");
    const stopped = await assertRejects(() =>
      buildBinding({
        ...options,
        signal: abort.signal,
        onProgress: (doing) => {
          if (doing.startsWith("installing")) abort.abort(reason);
        },
      })
    );
    assertEquals(stopped, reason);
    assertEquals(await Array.fromAsync(Deno.readDir(options.workFolder)), []);
    assertEquals(await Deno.readTextFile(`${options.into}/earlier`), "an earlier binding");
  });
});

Deno.test({
  name: `buildBinding() builds a binding that trains${
    NONE ? " [skipped: no TensorFlow: FOVEA_TENSORFLOW names none]" : ""
  }`,
  ignore: NONE,
  async fn() {
    await inPlace(async ({ options }) => {
      const built = await buildBinding({ ...options, tensorflow: TENSORFLOW! });
      assertEquals(built.folder, options.into);
      assertEquals(await Array.fromAsync(Deno.readDir(options.workFolder)), []);
      // The earlier one is gone, and this one works where it lies now.
      await assertRejects(() => Deno.stat(`${options.into}/earlier`), Deno.errors.NotFound);
      const { package: name, folder } = built;
      await using trainer = await TensorFlowTrainer.create({ packages: [name], folder });
      assertEquals(trainer.name, built.name);
      const { losses } = await trainer.train(drawJob());
      assert(losses.at(-1)!.total < losses[0]!.total);
    });
  },
});
